import HoneTensor
import Testing

/// Subscripts with Python's meaning.
@Suite struct OpsSlicingTests {
    private let x = Tensor((0..<60).map(Float.init), shape: [3, 4, 5])

    /// The places that Python's `range(length)[from:to:by]` gives, counted one by one from its documentation.
    private func places(_ from: Int?, _ to: Int?, _ by: Int, _ length: Int) -> [Int] {
        func wrapped(_ place: Int) -> Int { place < 0 ? place + length : place }
        var result = [Int]()
        if by > 0 {
            let start = max(0, from.map(wrapped) ?? 0)
            let end = min(length, to.map(wrapped) ?? length)
            var place = start
            while place < end {
                result.append(place)
                place += by
            }
        } else {
            var place = min(length - 1, from.map(wrapped) ?? length - 1)
            let end = max(-1, to.map(wrapped) ?? -1)
            while place > end {
                result.append(place)
                place += by
            }
        }
        return result
    }

    @Test func everyRangeTakesThePlacesThatPythonTakes() {
        let bounds: [Int?] = [nil, -9, -5, -3, -1, 0, 1, 3, 4, 5, 9]
        for length in [0, 1, 5] {
            let row = Tensor((0..<length).map(Float.init))
            for from in bounds {
                for to in bounds {
                    for step in [1, 2, 3, 7, -1, -2] {
                        let expected = places(from, to, step, length)
                        let taken = row[.stride(from: from, to: to, by: step)]
                        #expect(
                            taken.scalars == expected.map(Float.init), "\(length) \(from ?? 99) \(to ?? 99) \(step)")
                    }
                }
            }
        }
    }

    @Test func subscriptsTakePartsOfAxes() {
        #expect(x[1].shape == [4, 5] && x[1].scalars == (20..<40).map(Float.init))
        #expect(x[-1, -1, -1].item() == 59 && x[-1, -1, -1].shape == [])
        #expect(x[0..<2, 1...].shape == [2, 3, 5])
        #expect(x[0..<2, 1...].scalars == (5..<20).map(Float.init) + (25..<40).map(Float.init))
        #expect(x[..<2, 1...2, ...0].shape == [2, 2, 1])
        #expect(x[(-2)...].isBitwiseEqual(to: x[1..<3]))
        #expect(x[...(-2)].shape == [2, 4, 5] && x[(-3) ... -1].shape == [3, 4, 5])
        #expect(
            x[.ellipsis, 0].shape == [3, 4] && x[.ellipsis, 0].scalars == stride(from: 0, to: 60, by: 5).map(Float.init)
        )
        #expect(x[0, .ellipsis, 1].scalars == [1, 6, 11, 16])
        #expect(x[.newAxis, .all].shape == [1, 3, 4, 5] && x[.all, .newAxis, 0].shape == [3, 1, 5])
        #expect(x[.all, .all, .stride(from: 1, to: -1, by: 2)].shape == [3, 4, 2])
        #expect(x[7...].shape == [0, 4, 5] && x[2..<2].count == 0)
        let row: Int = 2
        #expect(x[row, row].scalars == x[2, 2].scalars)
        #expect(x[[TensorIndex]()].isBitwiseEqual(to: x))
        #expect(x[[0, .ellipsis, .init(1..<3)]].shape == [4, 2])
        #expect(Tensor([Int32(5), 6, 7])[1...].integers == [6, 7])
    }

    @Test func partsHaveTheirGradients() throws {
        var numbers = TestNumbers(seed: 1)
        let y = numbers.tensor([3, 4, 2])
        try expectGradients(at: [y]) { $0[0][1].square() }
        try expectGradients(at: [y]) { $0[0][1..<3, .stride(by: 2)].square() }
        try expectGradients(at: [y]) { $0[0][.ellipsis, .newAxis, -1].square() }
        try expectGradients(at: [y]) { $0[0][.stride(by: -1), .stride(from: 3, to: 0, by: -2)].square() }
        try expectGradients(at: [y]) { $0[0][0...1] * $0[0][1...2] }
        #expect(try gradients(at: [Tensor([1, 2, 3])]) { $0[0][3...] }[0].scalars == [0, 0, 0])
    }

    @Test func assigningAPartChangesNoOtherTensor() {
        var y = x
        y[0] = Tensor.zeros([4, 5])
        #expect(y[0].sum().item() == 0 && x[0].sum().item() == 190)
        y[.all, 1...2] = Tensor([1, 2, 3, 4, 5])
        #expect(y[2, 2].scalars == [1, 2, 3, 4, 5] && y[2, 3].scalars == x[2, 3].scalars)
        y[.ellipsis, .stride(by: 2)] = Tensor(Float(-1))
        #expect(y[2, 2].scalars == [-1, 2, -1, 4, -1])
        var row = Tensor([1, 2, 3, 4])
        row[.stride(by: -1)] = row
        #expect(row.scalars == [4, 3, 2, 1])
        #expect(Tensor([1, 2, 3]).replacing([1], with: 9).scalars == [1, 9, 3])
    }

    @Test func aReplacedPartHasTheGradientOfWhatReplacesIt() throws {
        let (a, b) = (Tensor([1, 2, 3, 4]), Tensor([10, 20]))
        let slopes = try gradients(at: [a, b], seed: Tensor([1, 2, 3, 4])) {
            $0[0].replacing([.init(1..<3)], with: $0[1])
        }
        #expect(slopes[0].scalars == [1, 0, 0, 4] && slopes[1].scalars == [2, 3])
        var numbers = TestNumbers(seed: 2)
        let (c, d) = (numbers.tensor([3, 4]), numbers.tensor([3, 1]))
        try expectGradients(at: [c, d]) { $0[0].replacing([.ellipsis, .stride(by: 2)], with: $0[1]).square() }
        try expectGradients(at: [d]) { c.replacing([.ellipsis, .init(2)], with: $0[0].squeezed(axis: 1)).square() }
        try expectGradients(at: [c]) { $0[0].replacing([1], with: 3).square() }
        // Both operands are one tensor.
        try expectGradients(at: [c]) { $0[0].replacing([0], with: $0[0][2]).square() }
    }

    @Test func partsThatAreNotThereAreMistakes() {
        #expect(mistake { x[3] } == "slice: index 3 is outside of axis 0 of [3, 4, 5]")
        #expect(mistake { x[0, -5] } == "slice: index -5 is outside of axis 1 of [3, 4, 5]")
        #expect(mistake { x[0, 0, 0, 0] } == "slice: 4 indices and 0 ellipses for the 3 axes of [3, 4, 5]")
        #expect(mistake { x[.ellipsis, .ellipsis] } == "slice: 0 indices and 2 ellipses for the 3 axes of [3, 4, 5]")
        #expect(mistake { x[.stride(by: 0)] } == "slice: a stride of 0 along axis 0 of [3, 4, 5]")
        #expect(
            mistake { x[.newAxis, .newAxis, .newAxis, .newAxis] }
                == "slice: 7 axes, where at most 6 are possible")
        #expect(
            mistake { x.replacing([0], with: Tensor.zeros([3])) }
                == "replacing: float32 [3] cannot be expanded to the part [4, 5] of float32 [3, 4, 5]")
        #expect(x[.stride(from: .min, to: .max, by: .max)].shape == [1, 4, 5])
        #expect(x[.stride(from: .max, to: .min, by: .min)].shape == [1, 4, 5])
    }
}
