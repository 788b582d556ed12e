import Foundation
import HoneKernels
import Testing

/// A unary operation with its double-precision truth.
struct UnaryCase: Sendable, CustomTestStringConvertible {
    let name: String
    let op: hone_unary_op
    /// The bound on the error over all floats, in units of the last place.
    let bound: Double
    /// Whether the backward pass reads the output rather than the input.
    var savesOutput = false
    /// Where central differences make sense.
    var domain: ClosedRange<Float> = -3...3
    let truth: @Sendable (Double) -> Double

    var testDescription: String { name }
}

private func logistic(_ x: Double) -> Double {
    x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))
}

private func gelu(_ x: Double) -> Double {
    0.5 * x * erfc(-x * 0.5.squareRoot())
}

private func tanhGelu(_ x: Double) -> Double {
    x * logistic(2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))
}

/// The functions whose error in units of the last place is bounded everywhere.
let accurateUnaryCases: [UnaryCase] = [
    UnaryCase(name: "neg", op: HONE_NEG, bound: 0) { -$0 },
    UnaryCase(name: "exp", op: HONE_EXP, bound: 1.05, savesOutput: true) { exp($0) },
    UnaryCase(name: "expm1", op: HONE_EXPM1, bound: 1.5, savesOutput: true) { expm1($0) },
    UnaryCase(name: "log", op: HONE_LOG, bound: 1, domain: 0.2...5) { log($0) },
    UnaryCase(name: "log1p", op: HONE_LOG1P, bound: 1.5, domain: -0.7...5) { log1p($0) },
    UnaryCase(name: "sqrt", op: HONE_SQRT, bound: 0.5, savesOutput: true, domain: 0.2...5) { $0.squareRoot() },
    UnaryCase(name: "rsqrt", op: HONE_RSQRT, bound: 1.5, savesOutput: true, domain: 0.2...5) { 1 / $0.squareRoot() },
    UnaryCase(name: "square", op: HONE_SQUARE, bound: 0.5) { $0 * $0 },
    UnaryCase(name: "reciprocal", op: HONE_RECIPROCAL, bound: 0.5, savesOutput: true, domain: 0.4...5) { 1 / $0 },
    UnaryCase(name: "abs", op: HONE_ABS, bound: 0) { abs($0) },
    UnaryCase(name: "sign", op: HONE_SIGN, bound: 0) { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 },
    UnaryCase(name: "sin", op: HONE_SIN, bound: 2) { sin($0) },
    UnaryCase(name: "cos", op: HONE_COS, bound: 2) { cos($0) },
    UnaryCase(name: "tanh", op: HONE_TANH, bound: 3, savesOutput: true) { tanh($0) },
    UnaryCase(name: "sigmoid", op: HONE_SIGMOID, bound: 3, savesOutput: true) { logistic($0) },
    UnaryCase(name: "erf", op: HONE_ERF, bound: 2) { erf($0) },
    UnaryCase(name: "relu", op: HONE_RELU, bound: 0, savesOutput: true) { $0 < 0 ? 0 : $0 },
    UnaryCase(name: "softplus", op: HONE_SOFTPLUS, bound: 2) { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) },
    UnaryCase(name: "floor", op: HONE_FLOOR, bound: 0) { $0.rounded(.down) },
    UnaryCase(name: "round", op: HONE_ROUND, bound: 0) { $0.rounded(.toNearestOrEven) },
]

/// Products of x and something that goes to 0, where only the absolute error can be bounded.
let productUnaryCases: [UnaryCase] = [
    UnaryCase(name: "gelu", op: HONE_GELU, bound: 0) { gelu($0) },
    UnaryCase(name: "gelu (tanh)", op: HONE_GELU_TANH, bound: 0) { tanhGelu($0) },
    UnaryCase(name: "silu", op: HONE_SILU, bound: 0) { $0 * logistic($0) },
]

@Suite struct VectorMathTests {
    /// Every `step`-th float, all exponents, both signs.
    private static func sweep(step: UInt32) -> [Float] {
        stride(from: UInt32(0), to: .max - step, by: Int(step)).map { Float(bitPattern: $0) }
    }

    #if DEBUG
    private static let samples = sweep(step: 32771)
    #else
    private static let samples = sweep(step: 4099)
    #endif

    private static let specials: [Float] = [
        0, -0.0, 1, -1, 0.5, -0.5, 2, -2, .infinity, -.infinity, .nan, .leastNonzeroMagnitude,
        -.leastNonzeroMagnitude, .leastNormalMagnitude, -.leastNormalMagnitude, .greatestFiniteMagnitude,
        -.greatestFiniteMagnitude, 88.72283, 88.72284, 88.8, -87.33655, -103.9, -104, -105, 89, 1e10, -1e10, 3e38,
        0x1p23, 0x1p23 - 0.5, -0x1p23, 0x1p24, 2.5, 3.5, -2.5, 0.49999997, 1.5707964, 3.1415927, 0x1p26, 0x1p27,
        0.99, 1.0000001, 0.99999994, -0.99999994, 4, -4, 9, 20, -20, 0.34657359, -0.34657359,
    ]

    @Test("stays within its bound over the whole range of floats", arguments: accurateUnaryCases)
    func isAccurateEverywhere(_ unary: UnaryCase) {
        let inputs = Self.samples + Self.specials
        for variant in availableVariants {
            var outputs = [Float](repeating: 0, count: inputs.count)
            hone_unary(variant, unary.op, inputs, &outputs, inputs.count)
            var worst = 0.0
            var at: Float = 0
            for i in inputs.indices {
                let error = ulps(outputs[i], unary.truth(Double(inputs[i])))
                if error > worst {
                    worst = error
                    at = inputs[i]
                }
            }
            #expect(worst <= unary.bound, "\(unary.name) of \(at), \(name(of: variant)): off by \(worst) ulp")
        }
    }

    @Test("is right to a few parts in 10^7 where it is a product with x", arguments: productUnaryCases)
    func productsAreAccurate(_ unary: UnaryCase) {
        var numbers = TestNumbers(seed: 5)
        let inputs = numbers.floats(4000, in: -12...12) + [0, -0.0, 1e-30, -1e-30, 50, -50, 1e4, -1e4]
        for variant in availableVariants {
            var outputs = [Float](repeating: 0, count: inputs.count)
            hone_unary(variant, unary.op, inputs, &outputs, inputs.count)
            let truth = inputs.map { unary.truth(Double($0)) }
            let share = worstShare(outputs, truth, rtol: 3e-7, atol: 1.5e-7)
            #expect(share <= 1, "\(unary.name), \(name(of: variant)): \(share)")
        }
    }

    @Test func zeroKeepsItsSignWhereTheFunctionIsOdd() {
        for op in [HONE_EXPM1, HONE_LOG1P, HONE_SQRT, HONE_SIN, HONE_TANH, HONE_ERF, HONE_FLOOR, HONE_ROUND] {
            for variant in availableVariants {
                let inputs: [Float] = [0, -0.0]
                var outputs: [Float] = [1, 1]
                hone_unary(variant, op, inputs, &outputs, 2)
                #expect(sameBits(outputs, inputs), "operation \(op.rawValue), \(name(of: variant))")
            }
        }
    }

    @Test func powFollowsTheCLibraryInEveryCorner() {
        let bases: [Float] = [
            0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 1.0000001, 0.99999994, 10, -10, 3, .infinity, -.infinity, .nan,
            .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e-38, 7.5,
        ]
        let exponents: [Float] = [
            0, -0.0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 1.0 / 3, 2.5, 127, 128, -126, -149, -150, 1e9, -1e9, 16_777_215,
            16_777_216, 1e-30, .infinity, -.infinity, .nan, 0x1p25, 0x1.fffffep23,
        ]
        var a: [Float] = []
        var b: [Float] = []
        for base in bases {
            for exponent in exponents {
                a.append(base)
                b.append(exponent)
            }
        }
        for variant in availableVariants {
            var out = [Float](repeating: 0, count: a.count)
            hone_binary(variant, HONE_POW, a, [1], b, [1], &out, [a.count], 1)
            for i in out.indices {
                let truth = pow(Double(a[i]), Double(b[i]))
                let error = ulps(out[i], truth)
                #expect(error <= 1, "\(a[i]) to the \(b[i]) is \(truth), \(name(of: variant)) has \(out[i])")
                if truth == 0 && out[i] == 0 {
                    #expect(out[i].sign == truth.sign, "\(a[i]) to the \(b[i]), \(name(of: variant))")
                }
            }
        }
    }

    @Test func powIsAccurateForOrdinaryNumbers() {
        var numbers = TestNumbers(seed: 6)
        let a = (0..<5000).map { _ in exp(numbers.float(in: -20...20)) }
        let b = numbers.floats(5000, in: -4...4)
        for variant in availableVariants {
            var out = [Float](repeating: 0, count: a.count)
            hone_binary(variant, HONE_POW, a, [1], b, [1], &out, [a.count], 1)
            let worst = out.indices.map { ulps(out[$0], pow(Double(a[$0]), Double(b[$0]))) }.max() ?? 0
            #expect(worst <= 0.6, "\(name(of: variant))")
        }
    }

    /// The slope of the truth by a central difference, to some ten digits.
    private func slope(of truth: (Double) -> Double, at x: Double) -> Double {
        let h = 1e-5
        return (truth(x + h) - truth(x - h)) / (2 * h)
    }

    @Test("has the gradient that central differences have", arguments: accurateUnaryCases + productUnaryCases)
    func gradientsAgreeWithDifferences(_ unary: UnaryCase) {
        // Kinks and steps are kept clear of; at them a gradient is a convention, tested below.
        var numbers = TestNumbers(seed: 7)
        let inputs = numbers.floats(333, in: unary.domain).filter {
            abs($0) > 1e-3 && abs(($0 * 2).rounded() - $0 * 2) > 1e-3
        }
        let incoming = numbers.floats(inputs.count, in: -2...2)
        let before = numbers.floats(inputs.count, in: -1...1)
        let truth = inputs.indices.map { Double(incoming[$0]) * slope(of: unary.truth, at: Double(inputs[$0])) }
        for variant in availableVariants {
            var saved = inputs
            if unary.savesOutput {
                hone_unary(variant, unary.op, inputs, &saved, inputs.count)
            } else if [HONE_GELU, HONE_GELU_TANH, HONE_SILU].contains(unary.op) {
                var (values, alone) = (saved, saved)
                hone_unary_with_slope(variant, unary.op, inputs, &values, &saved, inputs.count)
                hone_unary(variant, unary.op, inputs, &alone, inputs.count)
                #expect(sameBits(values, alone), "\(unary.name), \(name(of: variant)), with its slope")
            }
            var gradient = [Float](repeating: .nan, count: inputs.count)
            hone_unary_backward(variant, unary.op, saved, incoming, &gradient, inputs.count, false)
            let share = worstShare(gradient, truth, rtol: 2e-6, atol: 1e-6)
            #expect(share <= 1, "\(unary.name), \(name(of: variant)): \(share)")

            var sum = before
            hone_unary_backward(variant, unary.op, saved, incoming, &sum, inputs.count, true)
            let added = zip(before, truth).map { Double($0) + $1 }
            #expect(worstShare(sum, added, rtol: 2e-6, atol: 1e-6) <= 1, "\(unary.name), \(name(of: variant)), adding")

            var inPlace = incoming
            inPlace.withUnsafeMutableBufferPointer { p in
                hone_unary_backward(variant, unary.op, saved, p.baseAddress, p.baseAddress, p.count, false)
            }
            #expect(sameBits(inPlace, gradient), "\(unary.name), \(name(of: variant)), in place")
        }
    }

    @Test func gradientsAtKinksAreZero() {
        let zeros: [Float] = [0, -0.0]
        for variant in availableVariants {
            for op in [HONE_ABS, HONE_RELU] {
                var gradient: [Float] = [.nan, .nan]
                hone_unary_backward(variant, op, zeros, [5, 7], &gradient, 2, false)
                #expect(gradient == [0, 0])
            }
            for op in [HONE_SIGN, HONE_FLOOR, HONE_ROUND] {
                var gradient: [Float] = [.nan, 4]
                hone_unary_backward(variant, op, nil, [5, 7], &gradient, 1, false)
                hone_unary_backward(variant, op, nil, [5, 7], &gradient, 2, true)
                #expect(gradient == [0, 4])
            }
        }
    }
}
