import Foundation
import HoneTensor
import Testing

/// Operations on the elements of one tensor, against Foundation's functions and central differences.
@Suite struct ElementwiseTests {
    private struct Function {
        let name: String
        let apply: (Tensor) -> Tensor
        let reference: (Double) -> Double
        let domain: ClosedRange<Float>
    }

    private let functions = [
        Function(name: "negate", apply: { -$0 }, reference: { -$0 }, domain: -3...3),
        Function(name: "exp", apply: { $0.exp() }, reference: exp, domain: -3...2),
        Function(name: "expm1", apply: { $0.expm1() }, reference: expm1, domain: -2...2),
        Function(name: "log", apply: { $0.log() }, reference: log, domain: 0.3...5),
        Function(name: "log1p", apply: { $0.log1p() }, reference: log1p, domain: -0.6...4),
        Function(name: "sqrt", apply: { $0.sqrt() }, reference: { $0.squareRoot() }, domain: 0.3...5),
        Function(name: "rsqrt", apply: { $0.rsqrt() }, reference: { 1 / $0.squareRoot() }, domain: 0.4...5),
        Function(name: "square", apply: { $0.square() }, reference: { $0 * $0 }, domain: -3...3),
        Function(name: "reciprocal", apply: { $0.reciprocal() }, reference: { 1 / $0 }, domain: 0.4...4),
        Function(name: "sin", apply: { $0.sin() }, reference: sin, domain: -4...4),
        Function(name: "cos", apply: { $0.cos() }, reference: cos, domain: -4...4),
        Function(name: "tanh", apply: { $0.tanh() }, reference: tanh, domain: -3...3),
        Function(name: "sigmoid", apply: { $0.sigmoid() }, reference: { 1 / (1 + exp(-$0)) }, domain: -5...5),
        Function(name: "erf", apply: { $0.erf() }, reference: erf, domain: -2...2),
        Function(name: "c + x", apply: { 1.5 + $0 }, reference: { 1.5 + $0 }, domain: -3...3),
        Function(name: "x + c", apply: { $0 + 1.5 }, reference: { 1.5 + $0 }, domain: -3...3),
        Function(name: "x - c", apply: { $0 - 1.5 }, reference: { $0 - 1.5 }, domain: -3...3),
        Function(name: "c - x", apply: { 1.5 - $0 }, reference: { 1.5 - $0 }, domain: -3...3),
        Function(name: "x * c", apply: { $0 * -1.5 }, reference: { $0 * -1.5 }, domain: -3...3),
        Function(name: "c * x", apply: { -1.5 * $0 }, reference: { $0 * -1.5 }, domain: -3...3),
        Function(name: "x / c", apply: { $0 / 2.5 }, reference: { $0 / 2.5 }, domain: -3...3),
        Function(name: "c / x", apply: { 2.5 / $0 }, reference: { 2.5 / $0 }, domain: 0.5...3),
        Function(name: "x ^ 3", apply: { $0.power(3) }, reference: { pow($0, 3) }, domain: -2...2),
        Function(name: "x ^ -1.5", apply: { $0.power(-1.5) }, reference: { pow($0, -1.5) }, domain: 0.5...3),
        Function(name: "x ^ 0", apply: { $0.power(0) }, reference: { _ in 1 }, domain: -2...2),
    ]

    private let shapes = [[], [1], [7], [3, 5], [2, 1, 4], [2, 3, 1, 2], [0], [3, 0], [67]]

    @Test func everyFunctionHasItsValues() {
        var numbers = TestNumbers(seed: 1)
        for function in functions {
            for shape in shapes + [[1003]] {
                let x = numbers.tensor(shape, in: function.domain)
                expectClose(function.apply(x), ReferenceArray(x).map(function.reference), function.name)
            }
        }
    }

    @Test func everyFunctionHasItsGradient() throws {
        var numbers = TestNumbers(seed: 2)
        for function in functions {
            for shape in shapes {
                let x = numbers.tensor(shape, in: function.domain)
                try expectGradients(at: [x], "\(function.name) \(shape)") { function.apply($0[0]) }
            }
        }
    }

    @Test func functionsWithKinksHaveTheirValuesAndGradients() throws {
        let kinked: [(String, (Tensor) -> Tensor, (Double) -> Double)] = [
            ("relu", { $0.relu() }, { max(0, $0) }), ("abs", { $0.abs() }, { abs($0) }),
            ("clamped", { $0.clamped(-0.5, 0.8) }, { min(max($0, -0.5), 0.8) }),
            ("clamped below", { $0.clamped(0.1) }, { max($0, 0.1) }),
            ("clamped above", { $0.clamped(-.infinity, 0.1) }, { min($0, 0.1) }),
        ]
        var numbers = TestNumbers(seed: 3)
        for (name, apply, reference) in kinked {
            for shape in shapes {
                let x = numbers.separated(shape)
                expectClose(apply(x), ReferenceArray(x).map(reference), name)
                try expectGradients(at: [x], name) { apply($0[0]) }
            }
        }
    }

    @Test func kinksHaveTheGradientsThatTorchGivesThem() throws {
        let x = Tensor([-1, 0, 1])
        #expect(try gradients(at: [x]) { $0[0].relu() }[0].scalars == [0, 0, 1])
        #expect(try gradients(at: [x]) { $0[0].abs() }[0].scalars == [-1, 0, 1])
        #expect(try gradients(at: [Tensor([-2, -1, 0, 1, 2])]) { $0[0].clamped(-1, 1) }[0].scalars == [0, 1, 1, 1, 0])
    }

    @Test func powersOfZeroHaveTheirOneSidedGradients() throws {
        let zero = Tensor([Float(0)])
        #expect(try gradients(at: [zero]) { $0[0].power(0) }[0].scalars == [0])
        #expect(try gradients(at: [zero]) { $0[0].power(1) }[0].scalars == [1])
        #expect(try gradients(at: [zero]) { $0[0].power(2) }[0].scalars == [0])
        #expect(zero.power(0).scalars == [1])
    }

    @Test func notANumberStaysNotANumber() {
        let x = Tensor([Float.nan])
        for (index, y) in [x.relu(), x.abs(), x.exp(), x.tanh(), x.sigmoid(), x.clamped(0, 1), x * 0].enumerated() {
            #expect(y.scalars[0].isNaN, "\(index)")
        }
    }

    @Test func extremesHaveTheirLimits() {
        let large = Tensor([-1000, 1000])
        #expect(large.sigmoid().scalars == [0, 1])
        #expect(large.tanh().scalars == [-1, 1])
        #expect(large.exp().scalars == [0, .infinity])
        #expect(large.erf().scalars == [-1, 1])
        #expect(Tensor([0, -1]).log().scalars[0] == -.infinity)
        #expect(Tensor([0, -1]).log().scalars[1].isNaN)
        #expect(abs(Tensor([Float(1e-10)]).log1p().item() - 1e-10) < 1e-16)
        #expect(abs(Tensor([Float(1e-10)]).expm1().item() - 1e-10) < 1e-16)
    }
}
