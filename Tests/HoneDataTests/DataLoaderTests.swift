import HoneData
import HoneTensor
import Testing

@Suite struct DataLoaderTests {
    private let key = RandomKey(seed: 42)

    private func dataset(_ count: Int) throws -> TensorDataset {
        try TensorDataset(Tensor((0..<count).map(Float.init)), Tensor((0..<count).map { Int32($0) }))
    }

    private func batches(_ loader: DataLoader, epoch: Int = 0) throws -> [Batch] {
        let batches = loader.batches(epoch: epoch, key: key)
        return try (0..<batches.count).map { try batches.batch($0) }
    }

    @Test func anEpochGoesThroughEverySampleOnce() throws {
        for shuffles in [false, true] {
            let loader = try DataLoader(dataset(23), batchSize: 5, shuffles: shuffles)
            let batches = try batches(loader)
            #expect(loader.batchCount == 5 && loader.sampleCount == 23 && batches.count == 5)
            #expect(batches.map(\.count) == [5, 5, 5, 5, 3])
            #expect(batches.flatMap(\.indices).sorted() == Array(0..<23))
            for batch in batches {
                #expect(batch.input.scalars == batch.indices.map(Float.init))
                #expect(batch.target?.integers == batch.indices.map { Int32($0) })
            }
        }
    }

    @Test func withoutShufflingTheOrderIsThatOfTheSamples() throws {
        let loader = try DataLoader(dataset(7), batchSize: 3)
        #expect(loader.order(epoch: 3, key: key) == Array(0..<7))
        #expect(try batches(loader, epoch: 2).map(\.indices) == [[0, 1, 2], [3, 4, 5], [6]])
    }

    @Test func theOrderIsAFunctionOfKeyAndEpoch() throws {
        let loader = try DataLoader(dataset(50), batchSize: 8, shuffles: true)
        let again = try DataLoader(dataset(50), batchSize: 3, shuffles: true)
        #expect(loader.order(epoch: 4, key: key) == again.order(epoch: 4, key: key))
        #expect(loader.order(epoch: 4, key: key) != loader.order(epoch: 5, key: key))
        #expect(loader.order(epoch: 4, key: key) != loader.order(epoch: 4, key: RandomKey(seed: 43)))
        #expect(loader.order(epoch: 0, key: key) != Array(0..<50))
        let orders = (0..<20).map { loader.order(epoch: $0, key: key) }
        #expect(Set(orders).count == 20 && orders.allSatisfy { $0.sorted() == Array(0..<50) })
        #expect(try batches(loader, epoch: 4).flatMap(\.indices) == loader.order(epoch: 4, key: key))
    }

    @Test func batchesCanBeHadInAnyOrder() throws {
        let batches = try DataLoader(dataset(20), batchSize: 6, shuffles: true).batches(epoch: 1, key: key)
        let forwards = try [0, 1, 2, 3].map { try batches.batch($0).indices }
        let backwards = try [3, 2, 1, 0].map { try batches.batch($0).indices }
        #expect(forwards == backwards.reversed())
    }

    @Test func aShortLastBatchIsKeptOrLeftOut() throws {
        let kept = try DataLoader(dataset(10), batchSize: 4)
        let dropped = try DataLoader(dataset(10), batchSize: 4, dropsLast: true)
        #expect(kept.batchCount == 3 && kept.sampleCount == 10)
        #expect(dropped.batchCount == 2 && dropped.sampleCount == 8)
        #expect(try batches(dropped).map(\.count) == [4, 4])
        let full = try DataLoader(dataset(8), batchSize: 4, dropsLast: true)
        #expect(full.batchCount == 2 && full.sampleCount == 8)
        let large = try DataLoader(dataset(3), batchSize: 64)
        #expect(try batches(large).map(\.count) == [3])
        #expect(try DataLoader(dataset(3), batchSize: 64, dropsLast: true).batchCount == 0)
        #expect(try DataLoader(dataset(0), batchSize: 4).batchCount == 0)
    }

    @Test func aBatchThatDoesNotExistIsAnError() throws {
        let batches = try DataLoader(dataset(10), batchSize: 4, dropsLast: true).batches(epoch: 0, key: key)
        for index in [-1, 2, 3, 100] {
            #expect(throws: DataError.index(index, of: "batch", count: 2)) { try batches.batch(index) }
        }
    }

    @Test func aBatchSizeThatIsNotPositiveIsAnError() throws {
        let data = try dataset(4)
        for size in [0, -3] {
            #expect(throws: DataError.batchSize(size)) { try DataLoader(data, batchSize: size) }
            #expect(throws: DataError.batchSize(size)) { try DataLoaders(train: data, valid: data, batchSize: size) }
        }
        #expect(DataError.batchSize(0).localizedDescription == "batchSize is 0, expected at least 1")
    }

    @Test func aSplitHasALoaderForEachPart() throws {
        let data = try DataLoaders(dataset(20).split(valid: 0.25, seed: 1), batchSize: 4)
        #expect(data.train.shuffles && !data.valid.shuffles)
        #expect(data.train.batchSize == 4 && data.valid.batchSize == 8)
        #expect(data.train.sampleCount == 15 && data.valid.sampleCount == 5)
        let own = try DataLoaders(
            train: dataset(9), valid: dataset(3), batchSize: 2, validBatchSize: 3, dropsLast: true)
        #expect(own.train.batchCount == 4 && own.valid.batchCount == 1 && own.valid.batchSize == 3)
    }

    @Test func nothingToTrainOnIsAnError() throws {
        let (data, empty) = (try dataset(4), try dataset(0))
        #expect(throws: DataError.empty("train")) { try DataLoaders(train: empty, valid: data, batchSize: 2) }
        #expect(throws: DataError.empty("train")) {
            try DataLoaders(train: data, valid: data, batchSize: 5, dropsLast: true)
        }
        #expect(throws: Never.self) { try DataLoaders(train: data, valid: empty, batchSize: 2) }
    }
}
