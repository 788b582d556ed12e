import HoneData
import HoneTensor
import Testing

@Suite struct DatasetTests {
    private func dataset(_ count: Int) throws -> TensorDataset {
        try TensorDataset(
            Tensor((0..<2 * count).map(Float.init), shape: [count, 2]), Tensor((0..<count).map { Int32($0) }))
    }

    /// The samples of a part of a split, by their numbers in the whole.
    private func numbers(_ part: any Dataset) throws -> [Int] {
        try part.batch(Array(0..<part.count)).indices
    }

    @Test func aBatchHoldsTheRowsThatWereAskedFor() throws {
        let batch = try dataset(5).batch([3, 0, 3])
        #expect(batch.input.scalars == [6, 7, 0, 1, 6, 7] && batch.input.shape == [3, 2])
        #expect(batch.target?.integers == [3, 0, 3])
        #expect(batch.indices == [3, 0, 3] && batch.count == 3)
        #expect(try dataset(5).batch([]).input.shape == [0, 2])
    }

    @Test func targetsMayBeMissing() throws {
        let batch = try TensorDataset(Tensor.zeros([4, 3])).batch([1])
        #expect(batch.target == nil && batch.targets.isEmpty && batch.inputs.count == 1)
    }

    @Test func aBatchCanBeChanged() throws {
        var batch = try dataset(5).batch([1, 2])
        batch.input = Tensor([9, 9])
        batch.target = Tensor([Int32(7)])
        #expect(batch.inputs[0].scalars == [9, 9] && batch.targets[0].integers == [7] && batch.targets.count == 1)
        batch.target = nil
        #expect(batch.targets.isEmpty)
    }

    @Test func inputsAndTargetsMustBeAsMany() {
        let error = DataError.countMismatch(inputs: 3, targets: 2)
        #expect(throws: error) { try TensorDataset(Tensor.zeros([3, 1]), Tensor.zeros([2])) }
        #expect(error.description == "3 inputs and 2 targets, expected as many of both")
        #expect(throws: DataError.countMismatch(inputs: 3, targets: 0)) {
            try TensorDataset(Tensor.zeros([3]), Tensor(1))
        }
    }

    @Test func aSampleThatDoesNotExistIsAnError() throws {
        #expect(throws: TensorError.self) { try dataset(5).batch([5]) }
        #expect(throws: TensorError.self) { try dataset(5).batch([-1]) }
        let subset = Subset(try dataset(5), [4, 2])
        #expect(throws: DataError.index(2, of: "sample", count: 2)) { try subset.batch([2]) }
        #expect(DataError.index(2, of: "sample", count: 2).description == "there is no sample 2, only 0..<2")
        #expect(throws: DataError.self) { try subset.batch([0, -1]) }
    }

    @Test func aSubsetShowsItsPositions() throws {
        let subset = Subset(try dataset(5), [4, 2, 4])
        #expect(subset.count == 3)
        let batch = try subset.batch([2, 1])
        #expect(batch.indices == [4, 2] && batch.target?.integers == [4, 2])
        let nested = Subset(subset, [1])
        #expect(try nested.batch([0]).indices == [2])
    }

    @Test func aSplitIsDisjointAndComplete() throws {
        for (count, share, held) in [(100, 0.2, 20), (7, 0.5, 3), (10, 0, 0), (1797, 0.2, 359), (3, 0.99, 2)] {
            let split = try dataset(count).split(valid: share, seed: 42)
            #expect(split.valid.count == held && split.train.count == count - held)
            #expect(try (numbers(split.train) + numbers(split.valid)).sorted() == Array(0..<count))
        }
    }

    @Test func aSplitIsAFunctionOfItsSeed() throws {
        let data = try dataset(200)
        let (a, b) = (try data.split(valid: 0.3, seed: 1), try data.split(valid: 0.3, seed: 1))
        let c = try data.split(valid: 0.3, seed: 2)
        #expect(try numbers(a.valid) == numbers(b.valid) && numbers(a.train) == numbers(b.train))
        #expect(try numbers(a.valid) != numbers(c.valid))
        #expect(try numbers(a.valid) != Array(0..<60))
    }

    @Test func aLargerShareHoldsTheSmallerOne() throws {
        let data = try dataset(50)
        let (small, large) = (try data.split(valid: 0.2, seed: 5), try data.split(valid: 0.4, seed: 5))
        #expect(try Set(numbers(small.valid)).isSubset(of: numbers(large.valid)))
    }

    @Test func sharesThatLeaveNothingToTrainOnAreErrors() throws {
        let data = try dataset(10)
        for share in [-0.1, 1, 1.5, .infinity] {
            #expect(throws: DataError.split(fraction: share, samples: 10)) { try data.split(valid: share, seed: 1) }
        }
        #expect(throws: DataError.self) { try data.split(valid: .nan, seed: 1) }
        #expect(throws: Never.self) { try dataset(0).split(valid: 0.5, seed: 1) }
    }
}
