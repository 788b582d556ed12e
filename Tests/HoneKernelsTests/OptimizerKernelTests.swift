import Foundation
import HoneKernels
import Testing

@Suite struct OptimizerKernelTests {
    /// SGD of one parameter in double precision, as torch documents it.
    private struct SGDTruth {
        var parameter: Double
        var buffer = 0.0

        mutating func step(_ o: hone_sgd, gradient: Double) {
            var g = o.gain * gradient + o.decay * parameter
            parameter *= o.shrink
            if o.momentum != 0 {
                buffer = o.first ? g : o.momentum * buffer + (1 - o.dampening) * g
                g = o.nesterov ? g + o.momentum * buffer : buffer
            }
            parameter -= o.rate * g
        }
    }

    /// Adam of one parameter in double precision: Kingma and Ba 2014, algorithm 1.
    private struct AdamTruth {
        var parameter: Double
        var m = 0.0
        var v = 0.0
        var maxV = 0.0

        mutating func step(_ o: hone_adam, amsgrad: Bool, gradient: Double) {
            let g = o.gain * gradient + o.decay * parameter
            parameter *= o.shrink
            m = o.beta1 * m + (1 - o.beta1) * g
            v = o.beta2 * v + (1 - o.beta2) * g * g
            maxV = max(maxV, v)
            let size = o.square * (amsgrad ? maxV : v) + o.direct_square * g * g
            parameter -= (o.mean * m + o.direct * g) / (size.squareRoot() + o.epsilon)
        }
    }

    private static func sgd(
        rate: Double = 0.1, momentum: Double = 0, dampening: Double = 0, decay: Double = 0, shrink: Double = 1,
        gain: Double = 1, nesterov: Bool = false, first: Bool = false
    ) -> hone_sgd {
        hone_sgd(
            gain: gain, decay: decay, shrink: shrink, rate: rate, momentum: momentum, dampening: dampening,
            nesterov: nesterov, first: first)
    }

    private static func adam(
        rate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, decay: Double = 0,
        shrink: Double = 1, step: Int
    ) -> hone_adam {
        hone_adam(
            gain: 1, decay: decay, shrink: shrink, beta1: beta1, beta2: beta2,
            mean: rate / (1 - pow(beta1, Double(step))), direct: 0, square: 1 / (1 - pow(beta2, Double(step))),
            direct_square: 0, epsilon: epsilon)
    }

    private static let sgdOptions: [hone_sgd] = [
        sgd(), sgd(decay: 0.01), sgd(shrink: 0.999), sgd(decay: 0.01, gain: -1),
        sgd(rate: 0.05, momentum: 0.9), sgd(rate: 0.05, momentum: 0.9, dampening: 0.3, decay: 0.02),
        sgd(rate: 0.05, momentum: 0.9, decay: 0.02, nesterov: true),
        sgd(rate: 0.05, momentum: 0.8, shrink: 0.999, nesterov: true),
    ]

    @Test func stochasticGradientDescentFollowsItsDefinition() {
        var numbers = TestNumbers(seed: 100)
        for options in Self.sgdOptions {
            for length in awkwardLengths where length < 200 {
                let start = numbers.floats(length)
                let gradients = (0..<6).map { _ in numbers.floats(length, in: -1...1) }
                var truth = start.map { SGDTruth(parameter: Double($0)) }
                for (step, gradient) in gradients.enumerated() {
                    var o = options
                    o.first = step == 0
                    for i in 0..<length {
                        truth[i].step(o, gradient: Double(gradient[i]))
                    }
                }
                for variant in availableVariants {
                    let p = GuardedArray(start)
                    let buffer = GuardedArray([Float](repeating: .nan, count: length))
                    for (step, gradient) in gradients.enumerated() {
                        let g = GuardedArray(gradient)
                        var o = options
                        o.first = step == 0
                        hone_sgd_step(variant, &o, p.pointer, g.pointer, o.momentum == 0 ? nil : buffer.pointer, length)
                    }
                    let share = worstShare(p.array, truth.map { $0.parameter }, rtol: 2e-6, atol: 1e-6)
                    #expect(share <= 1, "\(name(of: variant)), \(length) parameters, \(options)")
                }
            }
        }
    }

    /// Options of a step, whether they are AMSGrad's, and the shares of the present gradient.
    private static func adamOptions(_ step: Int) -> [(hone_adam, Bool)] {
        var blend = adam(rate: 0.01, beta1: 0.8, beta2: 0.95, decay: 0.05, step: step)
        (blend.direct, blend.direct_square) = (0.003, 0.25)
        return [
            (adam(rate: 0.01, step: step), false), (adam(rate: 0.01, decay: 0.05, step: step), true),
            (adam(rate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, shrink: 0.9995, step: step), false),
            (adam(rate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, shrink: 0.9995, step: step), true),
            (blend, false),
        ]
    }

    @Test func adamFollowsItsDefinition() {
        var numbers = TestNumbers(seed: 101)
        for (number, (_, amsgrad)) in Self.adamOptions(1).enumerated() {
            for length in awkwardLengths where length < 200 {
                let start = numbers.floats(length)
                // Gradients that shrink, so that the maximum of AMSGrad matters.
                let gradients = (0..<8).map { step in numbers.floats(length, in: -1...1).map { $0 / Float(1 + step) } }
                var truth = start.map { AdamTruth(parameter: Double($0)) }
                for (step, gradient) in gradients.enumerated() {
                    let o = Self.adamOptions(step + 1)[number].0
                    for i in 0..<length {
                        truth[i].step(o, amsgrad: amsgrad, gradient: Double(gradient[i]))
                    }
                }
                for variant in availableVariants {
                    let p = GuardedArray(start)
                    let zeros = [Float](repeating: 0, count: length)
                    let (m, v, maxV) = (GuardedArray(zeros), GuardedArray(zeros), GuardedArray(zeros))
                    for (step, gradient) in gradients.enumerated() {
                        let g = GuardedArray(gradient)
                        var o = Self.adamOptions(step + 1)[number].0
                        hone_adam_step(
                            variant, &o, p.pointer, g.pointer, m.pointer, v.pointer, amsgrad ? maxV.pointer : nil,
                            length)
                    }
                    #expect(worstShare(p.array, truth.map { $0.parameter }, rtol: 2e-6, atol: 2e-6) <= 1)
                    #expect(worstShare(m.array, truth.map { $0.m }, rtol: 2e-6, atol: 1e-7) <= 1)
                    #expect(worstShare(v.array, truth.map { $0.v }, rtol: 2e-6, atol: 1e-8) <= 1)
                    if amsgrad {
                        #expect(worstShare(maxV.array, truth.map { $0.maxV }, rtol: 2e-6, atol: 1e-8) <= 1)
                    }
                }
            }
        }
    }

    @Test func aVeryLateStepHasNoBiasLeft() {
        for variant in availableVariants {
            var options = Self.adam(rate: 1, epsilon: 0, step: 10_000_000_000)
            var (p, m, v): ([Float], [Float], [Float]) = ([0], [1], [4])
            hone_adam_step(variant, &options, &p, [1], &m, &v, nil, 1)
            #expect(abs(Double(p[0]) + 1 / (0.999 * 4 + 0.001).squareRoot()) < 1e-6)
        }
    }

    @Test func theFirstStepOfAdamIsTheRateWhateverTheGradient() {
        for variant in availableVariants {
            for gradient: Float in [1e-3, 1, 1e3, -5] {
                var options = Self.adam(rate: 0.125, epsilon: 1e-12, step: 1)
                var (p, m, v): ([Float], [Float], [Float]) = ([0], [0], [0])
                hone_adam_step(variant, &options, &p, [gradient], &m, &v, nil, 1)
                #expect(abs(abs(p[0]) - 0.125) < 1e-6)
                #expect(p[0].sign != gradient.sign)
            }
        }
    }

    @Test func aFirstMomentThatDwindlesEndsAtZero() {
        // Left to themselves, both would stick at subnormals, with which arithmetic is slow.
        for variant in availableVariants {
            var sgd = Self.sgd(momentum: 0.9)
            var (p, buffer): ([Float], [Float]) = ([1, 1], [1.2e-38, -1.2e-38])
            hone_sgd_step(variant, &sgd, &p, [0, 0], &buffer, 2)
            #expect(buffer == [0, 0])
            var adam = Self.adam(rate: 0.1, step: 1000)
            var (m, v): ([Float], [Float]) = ([1.2e-38, .nan], [0.1, 0.1])
            hone_adam_step(variant, &adam, &p, [0, 0], &m, &v, nil, 2)
            #expect(m[0] == 0 && m[1].isNaN)
        }
    }

    @Test func aNaNInTheSecondMomentIsNotHiddenByTheMaximum() {
        for variant in availableVariants {
            var options = Self.adam(rate: 0.1, step: 2)
            var (p, m, v, maxV): ([Float], [Float], [Float], [Float]) = ([1], [0], [0], [1])
            hone_adam_step(variant, &options, &p, [.nan], &m, &v, &maxV, 1)
            #expect(p[0].isNaN && maxV[0].isNaN)
        }
    }

    @Test func stepsDoNotDependOnTheThreads() {
        let count = 100_003
        var numbers = TestNumbers(seed: 102)
        let start = numbers.floats(count)
        let gradient = numbers.floats(count)
        let results = withAndWithoutThreads(count: 5 * count, filler: Float(0)) { out in
            for i in 0..<count {
                out[i] = start[i]
                out[count + i] = start[i]
            }
            for step in 1...2 {
                var sgd = Self.sgd(momentum: 0.9, decay: 0.1, nesterov: true, first: step == 1)
                hone_sgd_step(HONE_ISA_AUTO, &sgd, out, gradient, out + 2 * count, count)
                var adam = Self.adam(rate: 0.1, beta2: 0.99, shrink: 0.99, step: step)
                hone_adam_step(
                    HONE_ISA_AUTO, &adam, out + count, gradient, out + 3 * count, out + 4 * count, nil, count)
            }
        }
        #expect(sameBits(results.all, results.one))
        #expect(results.all[7] != start[7])
    }
}
