import HoneTensor
import Testing

extension ReferenceArray {
    /// An array whose elements are those of this one at the index that `place` gives.
    func moved(to shape: [Int], _ place: ([Int]) -> [Int]) -> ReferenceArray {
        ReferenceArray(shape, ReferenceArray.indices(shape).map { at(place($0)) })
    }
}

/// Operations that name axes anew, against one index at a time.
@Suite struct OpsLayoutTests {
    private let shapes = [
        [1], [5], [2, 3], [3, 1], [2, 3, 4], [1, 4, 1, 2], [2, 1, 3, 2, 2], [2, 1, 2, 3, 1, 2], [3, 0, 2],
    ]

    /// Orders of `rank` axes: turned around, rotated, the last two exchanged.
    private func orders(_ rank: Int) -> [[Int]] {
        let axes = Array(0..<rank)
        let exchanged = rank < 2 ? axes : Array(axes.dropLast(2)) + [rank - 1, rank - 2]
        return [axes, axes.reversed(), Array(axes.dropFirst()) + axes.prefix(1), exchanged]
    }

    @Test func permutedAxesHaveTheirValuesAndGradients() throws {
        var numbers = TestNumbers(seed: 1)
        for shape in shapes {
            let x = numbers.tensor(shape)
            for order in orders(shape.count) {
                let expected = ReferenceArray(x).moved(to: order.map { shape[$0] }) { index in
                    shape.indices.map { axis in index[order.firstIndex(of: axis) ?? 0] }
                }
                expectClose(x.permuted(order), expected, "\(shape) \(order)")
                expectClose(x.permuted(order.map { $0 - shape.count }), expected, "negative \(shape) \(order)")
                try expectGradients(at: [x], "\(shape) \(order)") { $0[0].permuted(order).square() }
            }
        }
    }

    @Test func twoAxesChangePlaces() throws {
        var numbers = TestNumbers(seed: 2)
        let x = numbers.tensor([2, 3, 4])
        expectClose(x.transposed(0, 2), ReferenceArray(x).moved(to: [4, 3, 2]) { [$0[2], $0[1], $0[0]] })
        expectClose(x.transposed(-1, -2), ReferenceArray(x).moved(to: [2, 4, 3]) { [$0[0], $0[2], $0[1]] })
        #expect(Tensor([Int32(1), 2, 3, 4], shape: [2, 2]).transposed(0, 1).integers == [1, 3, 2, 4])
        #expect(x.transposed(1, 1).isBitwiseEqual(to: x))
        // Large enough for the transposing kernel and several threads.
        let large = numbers.tensor([3, 70, 90])
        #expect(large.transposed(1, 2).transposed(1, 2).isBitwiseEqual(to: large))
        #expect(large.transposed(1, 2)[2, 5, 7].item() == large[2, 7, 5].item())
    }

    @Test func expandedAxesRepeatTheirElements() throws {
        var numbers = TestNumbers(seed: 3)
        let cases: [([Int], [Int], [Int])] = [
            ([3], [2, 3], [2, 3]), ([3, 1], [3, 4], [3, 4]), ([1], [5], [5]), ([], [2, 2], [2, 2]),
            ([2, 1, 3], [4, -1, 5, -1], [4, 2, 5, 3]), ([1, 2, 1], [3, 2, 4], [3, 2, 4]), ([1, 0], [4, 0], [4, 0]),
            ([2, 3], [2, 3], [2, 3]), ([1, 3], [0, 3], [0, 3]),
            ([1, 1, 2, 1, 1, 1], [2, 1, 2, 1, 3, 1], [2, 1, 2, 1, 3, 1]),
        ]
        for (shape, target, full) in cases {
            let x = numbers.tensor(shape)
            expectClose(x.expanded(to: Shape(target)), ReferenceArray(x).moved(to: full) { $0 }, "\(shape) \(target)")
            try expectGradients(at: [x], "\(shape) \(target)") { $0[0].expanded(to: Shape(target)).square() }
        }
    }

    @Test func axesOfLengthOneComeAndGo() throws {
        let x = Tensor.zeros([1, 3, 1, 2])
        #expect(x.squeezed().shape == [3, 2])
        #expect(x.squeezed(axis: 0).shape == [3, 1, 2] && x.squeezed(axis: -2).shape == [1, 3, 2])
        #expect(x.squeezed(axis: 1).shape == [1, 3, 1, 2])
        #expect(Tensor([1]).squeezed().shape == [])
        #expect(x.unsqueezed(axis: 0).shape == [1, 1, 3, 1, 2] && x.unsqueezed(axis: -1).shape == [1, 3, 1, 2, 1])
        #expect(Tensor(Float(1)).unsqueezed(axis: 0).shape == [1])
        var numbers = TestNumbers(seed: 4)
        try expectGradients(at: [numbers.tensor([2, 1, 3])]) { $0[0].squeezed(axis: 1).unsqueezed(axis: 0).square() }
    }

    @Test func flippedAndRolledAxesHaveTheirValuesAndGradients() throws {
        var numbers = TestNumbers(seed: 5)
        for shape in shapes {
            let x = numbers.tensor(shape)
            for axes in [[0], [shape.count - 1], Array(0..<shape.count), []] {
                let flipped = ReferenceArray(x).moved(to: shape) { index in
                    index.indices.map { axes.contains($0) ? shape[$0] - 1 - index[$0] : index[$0] }
                }
                expectClose(x.flipped(axes: axes), flipped, "\(shape) \(axes)")
                try expectGradients(at: [x], "flip \(shape) \(axes)") { $0[0].flipped(axes: axes).square() }
            }
            for (shift, axis) in [(1, 0), (-2, 0), (7, -1), (0, 0)] {
                let position = axis < 0 ? axis + shape.count : axis
                let length = max(1, shape[position])
                let rolled = ReferenceArray(x).moved(to: shape) { index in
                    index.indices.map {
                        $0 == position ? ((index[$0] - shift) % length + length) % length : index[$0]
                    }
                }
                expectClose(x.rolled(shift, axis: axis), rolled, "\(shape) \(shift) \(axis)")
                try expectGradients(at: [x], "roll \(shape)") { $0[0].rolled(shift, axis: axis).square() }
            }
        }
        #expect(Tensor([[1, 2], [3, 4]]).rolled([1, 1], axes: [0, 1]).scalars == [4, 3, 2, 1])
    }

    @Test func repeatedTensorsLieSideBySide() throws {
        var numbers = TestNumbers(seed: 6)
        let cases: [([Int], [Int])] = [
            ([2, 2], [2, 3]), ([3], [4]), ([3], [2, 1, 2]), ([], [3]), ([1, 3], [2, 0]), ([0, 2], [2, 2]), ([2], [1]),
            ([2, 1, 3], [1, 2, 2]),
        ]
        for (shape, repeats) in cases {
            let x = numbers.tensor(shape)
            let long = Array(repeating: 1, count: repeats.count - shape.count) + shape
            let target = zip(long, repeats).map(*)
            let expected = ReferenceArray(x).moved(to: target) { index in
                Array(zip(index, long).map { $0 % $1 }.suffix(shape.count))
            }
            expectClose(x.repeated(repeats), expected, "\(shape) \(repeats)")
            try expectGradients(at: [x], "repeat \(shape)") { $0[0].repeated(repeats).square() }
        }
    }

    @Test func windowsOverlapAndTheirGradientsAdd() throws {
        let x = Tensor([1, 2, 3, 4, 5])
        #expect(x.unfolded(axis: 0, size: 3, step: 1).shape == [3, 3])
        #expect(x.unfolded(axis: 0, size: 3, step: 1).scalars == [1, 2, 3, 2, 3, 4, 3, 4, 5])
        #expect(x.unfolded(axis: 0, size: 2, step: 2).scalars == [1, 2, 3, 4])
        #expect(try gradients(at: [x]) { $0[0].unfolded(axis: 0, size: 3, step: 1) }[0].scalars == [1, 2, 3, 2, 1])
        var numbers = TestNumbers(seed: 7)
        try expectGradients(at: [numbers.tensor([2, 6, 2])]) { $0[0].unfolded(axis: 1, size: 3, step: 2).square() }
    }
}
