import HoneTensor
import Testing

@Suite struct OpsJoiningTests {
    private let shapes = [[3], [2, 3], [1, 2, 3], [2, 1, 2, 2], [1, 2, 1, 2, 1, 3]]

    @Test func concatenatedTensorsFollowOneAnother() throws {
        var numbers = TestNumbers(seed: 1)
        for shape in shapes {
            for axis in shape.indices {
                let lengths = [2, 0, 1]
                let parts = lengths.map { length -> Tensor in
                    var part = shape
                    part[axis] = length
                    return numbers.tensor(part)
                }
                var target = shape
                target[axis] = 3
                let expected = ReferenceArray(
                    target,
                    ReferenceArray.indices(target).map { index in
                        var place = index
                        let isLast = index[axis] >= 2
                        place[axis] -= isLast ? 2 : 0
                        return ReferenceArray(parts[isLast ? 2 : 0]).at(place)
                    })
                expectClose(.concatenate(parts, axis: axis), expected, "\(shape) \(axis)")
                expectClose(.concatenate(parts, axis: axis - shape.count), expected, "\(shape) \(axis)")
                try expectGradients(at: parts, "\(shape) \(axis)") { Tensor.concatenate($0, axis: axis).square() }
            }
        }
        #expect(Tensor.concatenate([Tensor([Int32(1)]), Tensor([Int32(2), 3])]).integers == [1, 2, 3])
        #expect(Tensor([1]).concatenated(with: Tensor([2])).scalars == [1, 2])
    }

    @Test func aTensorMayBeJoinedWithItselfAndUsedElsewhere() throws {
        var numbers = TestNumbers(seed: 2)
        let (x, y) = (numbers.tensor([2, 2]), numbers.tensor([2, 2]))
        try expectGradients(at: [x, y]) { Tensor.concatenate([$0[0], $0[1], $0[0]]).square() }
        try expectGradients(at: [x]) { Tensor.concatenate([$0[0], y], axis: 1).square() }
        try expectGradients(at: [x]) { Tensor.concatenate([y, $0[0], $0[0].exp()], axis: 1).square() }
        // The pieces' gradients are parts of one memory: adding to one must not reach another.
        try expectGradients(at: [x, y]) { inputs in
            let joined = Tensor.concatenate(inputs)
            return joined.square().sum() + (inputs[0] * inputs[1]).sum() + inputs[0].exp().sum()
        }
        // The joined tensor's own gradient can be asked for.
        let tape = Tape()
        let slopes = try tape.record {
            let a = tape.watch(Tensor([1, 2]))
            let joined = Tensor.concatenate([a, a * 2])
            return try tape.gradients(of: joined.square().sum(), for: [joined, a])
        }
        #expect(slopes[0].scalars == [2, 4, 4, 8] && slopes[1].scalars == [10, 20])
    }

    @Test func stackedTensorsLieAlongANewAxis() throws {
        var numbers = TestNumbers(seed: 3)
        for shape in [[], [3], [2, 2], [1, 2, 1, 2, 2]] {
            let parts = (0..<3).map { _ in numbers.tensor(shape) }
            for axis in 0...shape.count {
                var target = shape
                target.insert(3, at: axis)
                let expected = ReferenceArray(
                    target,
                    ReferenceArray.indices(target).map { index in
                        var place = index
                        let number = place.remove(at: axis)
                        return ReferenceArray(parts[number]).at(place)
                    })
                expectClose(.stack(parts, axis: axis), expected, "\(shape) \(axis)")
                expectClose(.stack(parts, axis: axis - shape.count - 1), expected, "\(shape) \(axis)")
                try expectGradients(at: parts, "\(shape) \(axis)") { Tensor.stack($0, axis: axis).square() }
            }
        }
    }

    @Test func splitTensorsAreTheirParts() throws {
        let x = Tensor((0..<12).map(Float.init), shape: [2, 6])
        #expect(x.split(sizes: [1, 0, 5], axis: 1).map(\.shape) == [[2, 1], [2, 0], [2, 5]])
        #expect(x.split(sizes: [2, 4], axis: -1)[1].scalars == [2, 3, 4, 5, 8, 9, 10, 11])
        #expect(x.split(4, axis: 1).map(\.shape) == [[2, 4], [2, 2]])
        #expect(x.chunk(4, axis: 1).map(\.shape) == [[2, 2], [2, 2], [2, 2]])
        #expect(x.chunk(5).map(\.shape) == [[1, 6], [1, 6]])
        #expect(Tensor.zeros([0, 2]).chunk(3).map(\.shape) == [[0, 2], [0, 2], [0, 2]])
        var numbers = TestNumbers(seed: 4)
        let y = numbers.tensor([3, 5])
        try expectGradients(at: [y]) { inputs in
            let parts = inputs[0].split(sizes: [2, 1, 2], axis: 1)
            return parts[0] * parts[2] + parts[1].square()
        }
        try expectGradients(at: [y]) { $0[0].chunk(2, axis: 0)[0].square() }
    }

    @Test func aFrameSurroundsATensor() throws {
        let x = Tensor([[1, 2, 3], [4, 5, 6]])
        let framed = x.padded([(1, 0), (2, 1)], value: 0.5)
        #expect(framed.shape == [3, 6])
        #expect(framed[0].scalars == [0.5, 0.5, 0.5, 0.5, 0.5, 0.5] && framed[2].scalars == [0.5, 0.5, 4, 5, 6, 0.5])
        #expect(x.padded([(1, 1)]).shape == [2, 5])
        #expect(Tensor([Int32(7)]).padded([(1, 2)], value: -1).integers == [-1, 7, -1, -1])
        #expect(Tensor.zeros([0]).padded([(1, 1)], value: 2).scalars == [2, 2])
        var numbers = TestNumbers(seed: 5)
        for shape in shapes {
            let widths = shape.indices.map { (before: $0 % 2, after: ($0 + 1) % 3) }
            try expectGradients(at: [numbers.tensor(shape)], "\(shape)") { $0[0].padded(widths, value: 2).square() }
        }
    }

    @Test func piecesThatDoNotFitAreMistakes() {
        let x = Tensor.zeros([2, 3])
        #expect(mistake { Tensor.concatenate([]) } == "concatenate: no tensors, expected at least one")
        #expect(
            mistake { Tensor.concatenate([x, Tensor.zeros([2, 4])]) }
                == "concatenate: float32 [2, 3] and float32 [2, 4] differ beyond axis 0")
        #expect(mistake { Tensor.concatenate([x], axis: 2) } == "concatenate: axis 2 is outside of [2, 3]")
        #expect(mistake { Tensor.concatenate([Tensor(Float(1))]) } == "concatenate: axis 0 is outside of []")
        #expect(mistake { Tensor.stack([x, x[0]]) } == "stack: shapes [2, 3] and [3] differ")
        #expect(mistake { Tensor.stack([x], axis: 4) } == "stack: axis 4 cannot be added to [2, 3]")
        #expect(mistake { x.split(sizes: [1, 1], axis: 1) } == "split: sizes [1, 1] do not fill axis 1 of [2, 3]")
        #expect(mistake { x.split(sizes: [4, -1], axis: 1) } != nil)
        #expect(mistake { x.split(0) } == "split: parts of 0 along axis 0 of [2, 3]")
        #expect(mistake { x.chunk(0) } == "chunk: 0 parts of axis 0 of [2, 3]")
        #expect(mistake { x.padded([(-1, 0)]) }?.hasPrefix("pad: ") == true)
        #expect(mistake { x.padded([(.max, .max)]) }?.hasPrefix("pad: ") == true)
    }
}
