import HoneTensor
import Testing

@Suite struct OpsOrderTests {
    @Test func sortedElementsHaveTheirValuesIndicesAndGradients() throws {
        var numbers = TestNumbers(seed: 1)
        for shape in [[1], [7], [3, 5], [2, 3, 4], [2, 1, 3, 1, 2, 2], [0], [3, 0], [0, 3]] {
            for axis in shape.indices {
                for descending in [false, true] {
                    let x = numbers.separated(shape)
                    let (values, indices) = x.sorted(axis: axis - shape.count, descending: descending)
                    let reference = ReferenceArray(x)
                    func lane(_ index: [Int]) -> [Double] {
                        (0..<shape[axis]).map { place in
                            var other = index
                            other[axis] = place
                            return reference.at(other)
                        }.sorted { descending ? $0 > $1 : $0 < $1 }
                    }
                    let expected = ReferenceArray(shape, ReferenceArray.indices(shape).map { lane($0)[$0[axis]] })
                    expectClose(values, expected, "\(shape) \(axis)")
                    #expect(
                        indices.elementType == .int32 && x.gather(axis: axis, indices: indices).allClose(to: values))
                    try expectGradients(at: [x]) { $0[0].sorted(axis: axis, descending: descending).values.square() }
                }
            }
        }
    }

    @Test func equalElementsKeepTheirOrderAndNaNIsLargest() {
        let x = Tensor([2, 1, 2, .nan, 1, -.infinity, -0.0, 0, .infinity])
        #expect(x.sorted().indices.integers == [5, 6, 7, 1, 4, 0, 2, 8, 3])
        #expect(x.sorted(descending: true).indices.integers == [3, 8, 0, 2, 1, 4, 6, 7, 5])
        #expect(x.argsort().integers == [5, 6, 7, 1, 4, 0, 2, 8, 3])
        let integers = Tensor([Int32.max, -5, 0, .min]).sorted()
        #expect(integers.values.integers == [.min, -5, 0, .max] && integers.indices.integers == [3, 1, 2, 0])
    }

    @Test func theLargestAndSmallestAreThoseOfTheSortedTensor() throws {
        var numbers = TestNumbers(seed: 2)
        let x = numbers.tensor([3, 200, 2])
        for k in [0, 1, 5, 32, 33, 199, 200] {
            for largest in [true, false] {
                let (values, indices) = x.topK(k, axis: 1, largest: largest)
                let sorted = x.sorted(axis: 1, descending: largest)
                #expect(values.isBitwiseEqual(to: sorted.values[.all, 0..<k] + 0), "\(k)")
                #expect(indices.integers == sorted.indices[.all, 0..<k].integers, "\(k)")
            }
        }
        try expectGradients(at: [numbers.separated([3, 5])]) { $0[0].topK(2).values.square() }
        try expectGradients(at: [numbers.separated([3, 5])]) { $0[0].topK(2, axis: 0, largest: false).values.square() }
        #expect(Tensor([3, 1, 3, 2]).topK(2).indices.integers == [0, 2])
        #expect(mistake { x.topK(4, axis: 0) } == "topK: 4 of axis 0 of [3, 200, 2]")
        #expect(
            mistake { x.topK(-1) } != nil && mistake { x.sorted(axis: 3) } == "sort: axis 3 is outside of [3, 200, 2]")
        #expect(mistake { Tensor(Float(1)).sorted() } == "sort: axis -1 is outside of []")
    }
}
