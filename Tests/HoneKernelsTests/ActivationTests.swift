import Foundation
import HoneKernels
import Testing

/// An activation with its parameters and its double-precision truth.
struct ActivationCase: Sendable, CustomTestStringConvertible {
    let name: String
    let op: hone_activation_op
    var a: Float = 0
    var b: Float = 0
    /// Where the slope jumps or bends.
    var kinks: [Float] = [0]
    let truth: @Sendable (Double) -> Double

    var testDescription: String { name }
}

private let activationCases: [ActivationCase] = [
    ActivationCase(name: "leaky ReLU", op: HONE_LEAKY_RELU, a: 0.125) { $0 > 0 ? $0 : 0.125 * $0 },
    ActivationCase(name: "ELU", op: HONE_ELU, a: 1.5, b: 1) { $0 > 0 ? $0 : 1.5 * expm1($0) },
    ActivationCase(name: "CELU", op: HONE_ELU, a: 2, b: 0.5) { $0 > 0 ? $0 : 2 * expm1($0 / 2) },
    ActivationCase(name: "SELU", op: HONE_SELU) {
        1.0507009873554804934193349852946 * ($0 > 0 ? $0 : 1.6732632423543772848170429916717 * expm1($0))
    },
    ActivationCase(name: "softplus", op: HONE_SOFTPLUS_OF, a: 2, b: 5, kinks: [2.5]) {
        2 * $0 > 5 ? $0 : log1p(exp(2 * $0)) / 2
    },
    ActivationCase(name: "mish", op: HONE_MISH, kinks: []) { $0 * tanh($0 > 30 ? $0 : log1p(exp($0))) },
    ActivationCase(name: "hardswish", op: HONE_HARDSWISH, kinks: [-3, 3]) { $0 * min(max($0 + 3, 0), 6) / 6 },
    ActivationCase(name: "hardsigmoid", op: HONE_HARDSIGMOID, kinks: [-3, 3]) { min(max($0 + 3, 0), 6) / 6 },
    ActivationCase(name: "ReLU6", op: HONE_RELU6, kinks: [0, 6]) { min(max($0, 0), 6) },
]

@Suite struct ActivationTests {
    @Test("is right at every length, in place too, and touches nothing else", arguments: activationCases)
    func values(_ activation: ActivationCase) {
        var numbers = TestNumbers(seed: 1)
        #expect(activationCases.map(\.op.rawValue).max() == HONE_ACTIVATION_COUNT.rawValue - 1)
        for variant in availableVariants {
            for length in awkwardLengths {
                let inputs = numbers.floats(length, in: -9...9)
                let x = GuardedArray(inputs)
                let y = GuardedArray([Float](repeating: .nan, count: length))
                hone_activate(variant, activation.op, x.pointer, activation.a, activation.b, y.pointer, length)
                let truth = inputs.map { activation.truth(Double($0)) }
                let share = worstShare(y.array, truth, rtol: 4e-7, atol: 3e-7)
                #expect(share <= 1, "\(activation.name), \(name(of: variant)), \(length): \(share)")
                #expect(x.array == inputs)
                hone_activate(variant, activation.op, x.pointer, activation.a, activation.b, x.pointer, length)
                #expect(sameBits(x.array, y.array))
            }
        }
    }

    @Test("has the gradient that central differences have", arguments: activationCases)
    func gradients(_ activation: ActivationCase) {
        var numbers = TestNumbers(seed: 2)
        let inputs = numbers.floats(333, in: -8...8).filter { x in
            activation.kinks.allSatisfy { abs(x - $0) > 1e-3 }
        }
        let incoming = numbers.floats(inputs.count, in: -2...2)
        let before = numbers.floats(inputs.count, in: -1...1)
        let truth = inputs.indices.map { i -> Double in
            let (x, h) = (Double(inputs[i]), 1e-5)
            return Double(incoming[i]) * (activation.truth(x + h) - activation.truth(x - h)) / (2 * h)
        }
        for variant in availableVariants {
            let (a, b, n) = (activation.a, activation.b, inputs.count)
            let dx = GuardedArray([Float](repeating: .nan, count: n))
            hone_activate_backward(variant, activation.op, inputs, a, b, incoming, dx.pointer, n, false)
            let share = worstShare(dx.array, truth, rtol: 2e-6, atol: 1e-6)
            #expect(share <= 1, "\(activation.name), \(name(of: variant)): \(share)")
            var sum = before
            hone_activate_backward(variant, activation.op, inputs, a, b, incoming, &sum, n, true)
            #expect(worstShare(sum, zip(before, truth).map { Double($0) + $1 }, rtol: 2e-6, atol: 1e-6) <= 1)
            let inPlace = GuardedArray(incoming)
            hone_activate_backward(
                variant, activation.op, inputs, a, b, inPlace.pointer, inPlace.pointer, n, false)
            #expect(sameBits(inPlace.array, dx.array))
        }
    }

    @Test func extremesHaveTheirLimitsAndNaNGoesThrough() {
        let x: [Float] = [1e30, 3e38, -1e30, 100, -200, .nan]
        for variant in availableVariants {
            for activation in activationCases {
                var y = [Float](repeating: 0, count: x.count)
                hone_activate(variant, activation.op, x, activation.a, activation.b, &y, x.count)
                let truth = x.map { activation.truth(Double($0)) }
                #expect(y[5].isNaN, "\(activation.name)")
                let share = worstShare(Array(y[..<5]), Array(truth[..<5]), rtol: 1e-6, atol: 1e-6)
                #expect(share <= 1 || activation.op == HONE_HARDSWISH, "\(activation.name), \(name(of: variant)): \(y)")
            }
            var slopes = [Float](repeating: .nan, count: 5)
            hone_activate_backward(variant, HONE_MISH, x, 0, 0, [1, 1, 1, 1, 1], &slopes, 5, false)
            #expect(slopes == [1, 1, 0, 1, 0])
        }
    }

    @Test func kinksHaveTheGradientsThatTorchGivesThem() {
        for variant in availableVariants {
            func slope(_ op: hone_activation_op, _ a: Float, _ x: [Float]) -> [Float] {
                var dx = [Float](repeating: .nan, count: x.count)
                hone_activate_backward(
                    variant, op, x, a, 1, [Float](repeating: 1, count: x.count), &dx, x.count, false)
                return dx
            }
            #expect(slope(HONE_LEAKY_RELU, 0.25, [0, -0.0]) == [0.25, 0.25])
            #expect(slope(HONE_ELU, 0.5, [0]) == [0.5])
            #expect(slope(HONE_RELU6, 0, [0, 6]) == [0, 0])
            #expect(slope(HONE_HARDSIGMOID, 0, [-3, 3]) == [0, 0])
            #expect(slope(HONE_HARDSWISH, 0, [-3, 3]) == [0, 1])
        }
    }

    @Test func resultsDoNotDependOnTheThreads() {
        var numbers = TestNumbers(seed: 3)
        let n = 90_001
        let x = numbers.floats(n, in: -4...4)
        for activation in [activationCases[0], activationCases[5]] {
            let results = withAndWithoutThreads(count: 2 * n, filler: Float(0)) { out in
                hone_activate(HONE_ISA_AUTO, activation.op, x, activation.a, activation.b, out, n)
                hone_activate_backward(
                    HONE_ISA_AUTO, activation.op, x, activation.a, activation.b, out, out + n, n, false)
            }
            #expect(sameBits(results.all, results.one) && results.all[2 * n - 1] != 0)
        }
    }
}
