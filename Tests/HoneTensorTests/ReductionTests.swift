import HoneTensor
import Testing

@Suite struct ReductionTests {
    private let shapes = [
        [], [1], [5], [0], [2, 3], [1, 4], [3, 1], [2, 0], [0, 3], [2, 3, 4], [2, 1, 3], [2, 3, 2, 2],
    ]

    /// All sets of axes of a rank, some of them counted from the end.
    private func axisSets(_ rank: Int) -> [[Int]] {
        (0..<1 << rank).map { bits in
            (0..<rank).filter { bits >> $0 & 1 == 1 }.enumerated().map { $0 % 2 == 0 ? $1 : $1 - rank }
        }
    }

    @Test func sumsAndMeansOverAllSetsOfAxes() throws {
        var numbers = TestNumbers(seed: 1)
        for shape in shapes {
            let x = numbers.tensor(shape)
            let reference = ReferenceArray(x)
            for axes in axisSets(shape.count) {
                for keep in [false, true] {
                    let name = "\(shape) over \(axes)"
                    expectClose(
                        x.sum(axes: axes, keepDimensions: keep),
                        reference.reduced(axes, keep: keep) { $0.reduce(0, +) }, name)
                    expectClose(
                        x.mean(axes: axes, keepDimensions: keep),
                        reference.reduced(axes, keep: keep) { $0.reduce(0, +) / Double($0.count) }, name)
                    try expectGradients(at: [x], "sum of \(name)") { $0[0].sum(axes: axes, keepDimensions: keep) }
                    if !shape.contains(0) {
                        try expectGradients(at: [x], "mean of \(name)") { $0[0].mean(axes: axes, keepDimensions: keep) }
                    }
                }
            }
            expectClose(x.sum(), reference.reduced(Array(shape.indices), keep: false) { $0.reduce(0, +) })
            try expectGradients(at: [x]) { $0[0].sum() }
        }
    }

    @Test func extremesOverAllSetsOfAxes() throws {
        var numbers = TestNumbers(seed: 2)
        for shape in shapes {
            let x = numbers.separated(shape)
            let reference = ReferenceArray(x)
            for axes in axisSets(shape.count) where !axes.contains(where: { x.shape[$0] == 0 }) {
                for keep in [false, true] {
                    let name = "\(shape) over \(axes)"
                    expectClose(
                        x.max(axes: axes, keepDimensions: keep),
                        reference.reduced(axes, keep: keep) { $0.max() ?? .nan }, "max of \(name)")
                    expectClose(
                        x.min(axes: axes, keepDimensions: keep),
                        reference.reduced(axes, keep: keep) { $0.min() ?? .nan }, "min of \(name)")
                    try expectGradients(at: [x], "max of \(name)") { $0[0].max(axes: axes, keepDimensions: keep) }
                    try expectGradients(at: [x], "min of \(name)") { $0[0].min(axes: axes, keepDimensions: keep) }
                }
            }
        }
    }

    @Test func nothingSumsToZeroAndHasNoMean() throws {
        let empty = Tensor.zeros([0, 3])
        #expect(empty.sum().item() == 0)
        #expect(empty.sum(axes: [0]).scalars == [0, 0, 0])
        #expect(empty.mean().item().isNaN)
        #expect(empty.mean(axes: [0]).scalars.filter { $0.isNaN }.count == 3)
        #expect(empty.mean(axes: [1]).scalars == [])
        #expect(try gradients(at: [empty]) { $0[0].sum() }[0].shape == [0, 3])
        #expect(try gradients(at: [empty], seed: Tensor([1, 2, 3])) { $0[0].sum(axes: [0]) }[0].shape == [0, 3])
    }

    @Test func equalExtremesShareTheGradient() throws {
        let x = Tensor([[1, 3, 3], [2, 2, 2]])
        let seed = Tensor([6, 12])
        #expect(try gradients(at: [x], seed: seed) { $0[0].max(axes: [1]) }[0].scalars == [0, 3, 3, 4, 4, 4])
        #expect(try gradients(at: [x], seed: seed) { $0[0].min(axes: [1]) }[0].scalars == [6, 0, 0, 4, 4, 4])
    }

    @Test func aReductionOverNoAxesIsANewValue() throws {
        // The result is equal to the operand, and must not be taken for it by the tape.
        let x = Tensor([1, 2])
        for keep in [false, true] {
            let slopes = try gradients(at: [x], seed: Tensor([1, 1])) { inputs in
                let tripled = inputs[0] * 3
                return tripled + inputs[0].sum(axes: [], keepDimensions: keep)
                    + inputs[0].max(axes: [], keepDimensions: keep)
            }
            #expect(slopes[0].scalars == [5, 5])
        }
    }

    @Test func longSumsStayAccurate() {
        var numbers = TestNumbers(seed: 3)
        let x = numbers.tensor([300, 1000], in: 0...1)
        let reference = x.scalars.reduce(0.0) { $0 + Double($1) }
        #expect(abs(Double(x.sum().item()) / reference - 1) < 1e-6)
        let columns = x.sum(axes: [0]).scalars.reduce(0.0) { $0 + Double($1) }
        #expect(abs(columns / reference - 1) < 1e-6)
    }

    @Test func theLargestElementIsFoundAlongAnyAxis() {
        let x = Tensor([[3, 1, 2], [0, 5, 5]])
        #expect(x.argmax().integers == [0, 1] && x.argmax().shape == [2])
        #expect(x.argmax(axis: 0).integers == [0, 1, 1])
        #expect(x.argmax(axis: -2).integers == [0, 1, 1])
        #expect(x.argmax().elementType == .int32)
        #expect(Tensor([4, 9, 9]).argmax().integers == [1])
        #expect(Tensor([1, .nan, 3]).argmax().integers == [1])
        #expect(Tensor([-.infinity, -.infinity]).argmax().integers == [0])
        let cube = Tensor([1, 8, 2, 7, 3, 6, 4, 5, 9, 0, 9, 1], shape: [2, 3, 2])
        #expect(cube.argmax(axis: 1).integers == [2, 0, 1, 0] && cube.argmax(axis: 1).shape == [2, 2])
    }
}
