import Foundation
import HoneTensor
import Testing

/// Products, variances, norms and running sums, against double precision and central differences.
@Suite struct OpsReductionTests {
    private let cases: [([Int], [Int])] = [
        ([], []), ([5], [0]), ([2, 3], [0]), ([2, 3], [-1]), ([2, 3], [0, 1]), ([2, 1, 3], [1]), ([2, 3, 2], [0, 2]),
        ([2, 3, 2], [1]), ([1, 2, 1, 3, 2], [1, 3]), ([2, 1, 2, 1, 2, 2], [0, 2, 5]), ([3], []),
    ]

    private struct Reduction {
        let name: String
        let apply: (Tensor, [Int], Bool) -> Tensor
        let fold: ([Double]) -> Double
        var leastCount = 0
    }

    private static func variance(_ values: [Double], _ correction: Double) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (Double(values.count) - correction)
    }

    private let reductions = [
        Reduction(
            name: "product", apply: { $0.product(axes: $1, keepDimensions: $2) }, fold: { $0.reduce(1, *) }),
        Reduction(
            name: "variance", apply: { $0.variance(axes: $1, keepDimensions: $2) }, fold: { variance($0, 1) },
            leastCount: 2),
        Reduction(
            name: "biased variance", apply: { $0.variance(axes: $1, correction: 0, keepDimensions: $2) },
            fold: { variance($0, 0) }, leastCount: 1),
        Reduction(
            name: "deviation", apply: { $0.standardDeviation(axes: $1, keepDimensions: $2) },
            fold: { variance($0, 1).squareRoot() }, leastCount: 2),
        Reduction(
            name: "logSumExp", apply: { $0.logSumExp(axes: $1, keepDimensions: $2) },
            fold: { log($0.reduce(0) { $0 + exp($1) }) }),
        Reduction(
            name: "norm 2", apply: { $0.norm(axes: $1, keepDimensions: $2) },
            fold: { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }),
        Reduction(
            name: "norm 1", apply: { $0.norm(p: 1, axes: $1, keepDimensions: $2) },
            fold: { $0.reduce(0) { $0 + abs($1) } }),
        Reduction(
            name: "norm 3", apply: { $0.norm(p: 3, axes: $1, keepDimensions: $2) },
            fold: { pow($0.reduce(0) { $0 + pow(abs($1), 3) }, 1.0 / 3) }),
        Reduction(
            name: "norm 1.5", apply: { $0.norm(p: 1.5, axes: $1, keepDimensions: $2) },
            fold: { pow($0.reduce(0) { $0 + pow(abs($1), 1.5) }, 1 / 1.5) }),
        Reduction(
            name: "norm ∞", apply: { $0.norm(p: .infinity, axes: $1, keepDimensions: $2) },
            fold: { $0.map(abs).max() ?? 0 }),
        Reduction(
            name: "norm −∞", apply: { $0.norm(p: -.infinity, axes: $1, keepDimensions: $2) },
            fold: { $0.map(abs).min() ?? 0 }),
    ]

    @Test func everyReductionHasItsValuesAndGradients() throws {
        var numbers = TestNumbers(seed: 1)
        for reduction in reductions {
            for (shape, axes) in cases {
                let length = axes.reduce(1) { $0 * shape[$1 < 0 ? $1 + shape.count : $1] }
                guard length >= reduction.leastCount else { continue }
                // Away from 0, where norms have a kink, and with no two absolute values alike.
                let x = numbers.separated(shape).exp() * 0.7 - 0.1
                let name = "\(reduction.name) \(shape) \(axes)"
                for keep in [false, true] {
                    expectClose(
                        reduction.apply(x, axes, keep), ReferenceArray(x).reduced(axes, keep: keep, reduction.fold),
                        relative: 1e-4, absolute: 1e-5, name)
                    try expectGradients(at: [x], tolerance: 8e-3, name) { reduction.apply($0[0], axes, keep) }
                }
            }
        }
    }

    @Test func withoutAxesEverythingIsReduced() {
        let x = Tensor([[1, 2], [3, 4]])
        #expect(x.product().item() == 24 && x.product().shape == [])
        #expect(abs(x.variance().item() - 5.0 / 3) < 1e-6 && x.variance(correction: 0).item() == 1.25)
        #expect(abs(x.norm().item() - Float(30.0.squareRoot())) < 1e-5)
        #expect(x.max().item() == 4 && x.min().item() == 1 && x.max().shape == [])
        #expect(x.norm(p: 0).item() == 4 && Tensor([0, 2, 0]).norm(p: 0).item() == 1)
    }

    @Test func zerosInAProductHaveExactGradients() throws {
        #expect(try gradients(at: [Tensor([2, 0, 3])]) { $0[0].product() }[0].scalars == [0, 6, 0])
        #expect(try gradients(at: [Tensor([0, 5, 0])]) { $0[0].product() }[0].scalars == [0, 0, 0])
        #expect(try gradients(at: [Tensor([0, 2, 3])]) { $0[0].cumulativeProduct(axis: 0) }[0].scalars == [9, 0, 0])
        #expect(try gradients(at: [Tensor([2, 0, 3])]) { $0[0].cumulativeProduct(axis: 0) }[0].scalars == [1, 8, 0])
    }

    @Test func kinksAndEmptyAxesAreAsInTorch() throws {
        for p in [0, 0.5, 1, 1.5, 2, 3, .infinity] {
            #expect(try gradients(at: [Tensor([0, 0])]) { $0[0].norm(p: p) }[0].scalars == [0, 0], "\(p)")
        }
        #expect(try gradients(at: [Tensor([3, -3])]) { $0[0].norm(p: .infinity) }[0].scalars == [0.5, -0.5])
        #expect(try gradients(at: [Tensor([2, 2])]) { $0[0].standardDeviation() }[0].scalars == [0, 0])
        #expect(Tensor([1]).variance().item().isNaN)
        let empty = Tensor.zeros([0, 3])
        #expect(empty.product(axes: [0]).scalars == [1, 1, 1] && empty.norm(axes: [0]).scalars == [0, 0, 0])
        #expect(empty.logSumExp(axes: [0]).scalars == [-.infinity, -.infinity, -.infinity])
        #expect(empty.product(axes: [1]).shape == [0] && empty.logSumExp(axes: [1]).shape == [0])
        #expect(mistake { empty.norm(p: .infinity, axes: [0]) }?.hasPrefix("norm: ") == true)
        #expect(empty.cumulativeSum(axis: 0).shape == [0, 3] && empty.cumulativeProduct(axis: 1).shape == [0, 3])
        let floor = Tensor([-Float.infinity, -.infinity])
        #expect(floor.logSumExp().item() == -.infinity)
        #expect(try gradients(at: [floor]) { $0[0].logSumExp() }[0].scalars == [0, 0])
        #expect(Tensor([.infinity, 1]).logSumExp().item() == .infinity)
        #expect(abs(Tensor([1000, 1000]).logSumExp().item() - 1000.6931) < 1e-3)
    }

    @Test func anExtremeAlongAnAxisIsTheFirstOfEquals() throws {
        let x = Tensor([[1, 5, 5], [7, 2, 7]])
        let (values, indices) = x.max(axis: 1)
        #expect(values.scalars == [5, 7] && indices.integers == [1, 0] && indices.elementType == .int32)
        #expect(x.min(axis: 0, keepDimensions: true).indices.shape == [1, 3])
        #expect(x.min(axis: 0).values.scalars == [1, 2, 5])
        #expect(try gradients(at: [x]) { $0[0].max(axis: 1).values }[0].scalars == [0, 1, 0, 1, 0, 0])
        #expect(try gradients(at: [x]) { $0[0].max(axes: [1]) }[0].scalars == [0, 0.5, 0.5, 0.5, 0, 0.5])
        #expect(x.argmax(axis: nil).item() == 3 && x.argmin(axis: nil, keepDimensions: true).shape == [1, 1])
        #expect(x.argmin(axis: 1).integers == [0, 1] && x.argmin(axis: 0, keepDimensions: true).shape == [1, 3])
        #expect(Tensor([1, .nan, 3]).max(axis: 0).indices.item() == 1)
        #expect(mistake { Tensor.zeros([0]).argmin(axis: nil) } != nil)
        #expect(mistake { x.max(axis: 2) } == "max: axis 2 of float32 [2, 3], expected a non-empty axis of float32")
        var numbers = TestNumbers(seed: 2)
        for shape in [[4], [2, 3], [2, 3, 2], [1, 2, 1, 2, 2, 1]] {
            for axis in shape.indices {
                let y = numbers.separated(shape)
                try expectGradients(at: [y]) { $0[0].max(axis: axis).values.square() }
                try expectGradients(at: [y]) { $0[0].min(axis: axis, keepDimensions: true).values.square() }
            }
        }
    }

    @Test func runningSumsAndProductsHaveTheirValuesAndGradients() throws {
        var numbers = TestNumbers(seed: 3)
        for shape in [[1], [5], [3, 4], [2, 3, 2], [2, 1, 2, 1, 3, 2]] {
            for axis in shape.indices {
                let x = numbers.tensor(shape, in: 0.5...1.5)
                func running(_ fold: (Double, Double) -> Double, _ start: Double) -> ReferenceArray {
                    let reference = ReferenceArray(x)
                    return ReferenceArray(
                        shape,
                        ReferenceArray.indices(shape).map { index in
                            (0...index[axis]).reduce(start) { result, place in
                                var earlier = index
                                earlier[axis] = place
                                return fold(result, reference.at(earlier))
                            }
                        })
                }
                expectClose(x.cumulativeSum(axis: axis), running(+, 0), "\(shape) \(axis)")
                expectClose(x.cumulativeProduct(axis: axis - shape.count), running(*, 1), "\(shape) \(axis)")
                try expectGradients(at: [x]) { $0[0].cumulativeSum(axis: axis).square() }
                try expectGradients(at: [x]) { $0[0].cumulativeProduct(axis: axis).square() }
            }
        }
        let long = Tensor.full([1 << 16], 0.1).cumulativeSum(axis: 0)
        #expect(abs(long[-1].item() - 6553.6) < 1e-3)
    }

    @Test func wrongAxesAndTypesAreMistakes() {
        let x = Tensor.zeros([2, 3])
        let labels = Tensor([Int32(1)])
        for (name, body) in [
            ("product", { x.product(axes: [2]) }), ("variance", { x.variance(axes: [0, 0]) }),
            ("standardDeviation", { labels.standardDeviation() }), ("logSumExp", { x.logSumExp(axes: [-3]) }),
            ("norm", { labels.norm() }), ("norm", { x.norm(p: .nan) }), ("cumulativeSum", { x.cumulativeSum(axis: 2) }),
            ("cumulativeProduct", { labels.cumulativeProduct(axis: 0) }),
        ] as [(String, () -> Tensor)] {
            #expect(mistake(in: body)?.hasPrefix("\(name): ") == true, "\(name)")
        }
        #expect(mistake { x.product(axes: [2]) } == "product: axes [2] of [2, 3]: one is outside or named twice")
    }

    @Test func activationsHaveTheirValuesAndGradients() throws {
        let functions: [(String, (Tensor) -> Tensor, (Double) -> Double)] = [
            ("gelu", { $0.gelu() }, { $0 * (1 + erf($0 / 2.0.squareRoot())) / 2 }),
            (
                "gelu by tanh", { $0.gelu(approximate: true) },
                { $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) / 2 }
            ),
            ("silu", { $0.silu() }, { $0 / (1 + exp(-$0)) }), ("softplus", { $0.softplus() }, { log1p(exp($0)) }),
        ]
        var numbers = TestNumbers(seed: 4)
        for (name, apply, reference) in functions {
            for shape in [[], [7], [3, 5], [2, 0], [2, 1, 2, 1, 2, 1]] {
                let x = numbers.tensor(shape, in: -4...4)
                expectClose(apply(x), ReferenceArray(x).map(reference), name)
                try expectGradients(at: [x], name) { apply($0[0]) }
            }
        }
        let x = Tensor([-1.5, -0.5, 0, 0.5, 1.5, 2.5])
        #expect(x.floor().scalars == [-2, -1, 0, 0, 1, 2] && x.ceil().scalars == [-1, 0, 0, 1, 2, 3])
        #expect(x.round().scalars == [-2, 0, 0, 0, 2, 2] && x.sign().scalars == [-1, -1, 0, 1, 1, 1])
        for step in [{ $0.floor() }, { $0.ceil() }, { $0.round() }, { $0.sign() }] as [(Tensor) -> Tensor] {
            #expect(try gradients(at: [x]) { step($0[0]) }[0].scalars == [0, 0, 0, 0, 0, 0])
        }
    }
}
