import Foundation
import HoneKernels
import Testing

@Suite struct OptimizerKernelTests {
    /// SGD of one parameter in double precision, as torch documents it.
    private struct SGDTruth {
        var parameter: Double
        var buffer = 0.0

        mutating func step(_ o: hone_sgd, gradient: Double) {
            var g = gradient
            if o.decoupled {
                parameter *= 1 - o.rate * o.decay
            } else {
                g += o.decay * parameter
            }
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
            var g = gradient
            if o.decoupled {
                parameter *= 1 - o.rate * o.decay
            } else {
                g += o.decay * parameter
            }
            m = o.beta1 * m + (1 - o.beta1) * g
            v = o.beta2 * v + (1 - o.beta2) * g * g
            maxV = max(maxV, v)
            let corrected = (amsgrad ? maxV : v) / (1 - pow(o.beta2, Double(o.step)))
            parameter -= o.rate * m / (1 - pow(o.beta1, Double(o.step))) / (corrected.squareRoot() + o.epsilon)
        }
    }

    private static let sgdOptions: [hone_sgd] = [
        hone_sgd(rate: 0.1, momentum: 0, dampening: 0, decay: 0, nesterov: false, decoupled: false, first: false),
        hone_sgd(rate: 0.1, momentum: 0, dampening: 0, decay: 0.01, nesterov: false, decoupled: false, first: false),
        hone_sgd(rate: 0.1, momentum: 0, dampening: 0, decay: 0.01, nesterov: false, decoupled: true, first: false),
        hone_sgd(rate: 0.05, momentum: 0.9, dampening: 0, decay: 0, nesterov: false, decoupled: false, first: false),
        hone_sgd(
            rate: 0.05, momentum: 0.9, dampening: 0.3, decay: 0.02, nesterov: false, decoupled: false, first: false),
        hone_sgd(rate: 0.05, momentum: 0.9, dampening: 0, decay: 0.02, nesterov: true, decoupled: false, first: false),
        hone_sgd(rate: 0.05, momentum: 0.8, dampening: 0, decay: 0.02, nesterov: true, decoupled: true, first: false),
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

    private static let adamOptions: [(hone_adam, Bool)] = [
        (hone_adam(rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0, decoupled: false, step: 1), false),
        (hone_adam(rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.05, decoupled: false, step: 1), true),
        (hone_adam(rate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, decay: 0.05, decoupled: true, step: 1), false),
        (hone_adam(rate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, decay: 0.05, decoupled: true, step: 1), true),
    ]

    @Test func adamFollowsItsDefinition() {
        var numbers = TestNumbers(seed: 101)
        for (options, amsgrad) in Self.adamOptions {
            for length in awkwardLengths where length < 200 {
                let start = numbers.floats(length)
                // Gradients that shrink, so that the maximum of AMSGrad matters.
                let gradients = (0..<8).map { step in numbers.floats(length, in: -1...1).map { $0 / Float(1 + step) } }
                var truth = start.map { AdamTruth(parameter: Double($0)) }
                for (step, gradient) in gradients.enumerated() {
                    var o = options
                    o.step = Int64(step + 1)
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
                        var o = options
                        o.step = Int64(step + 1)
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
            var options = hone_adam(
                rate: 1, beta1: 0.9, beta2: 0.999, epsilon: 0, decay: 0, decoupled: false, step: 10_000_000_000)
            var (p, m, v): ([Float], [Float], [Float]) = ([0], [1], [4])
            hone_adam_step(variant, &options, &p, [1], &m, &v, nil, 1)
            #expect(abs(Double(p[0]) + 1 / (0.999 * 4 + 0.001).squareRoot()) < 1e-6)
        }
    }

    @Test func theFirstStepOfAdamIsTheRateWhateverTheGradient() {
        for variant in availableVariants {
            for gradient: Float in [1e-3, 1, 1e3, -5] {
                var options = hone_adam(
                    rate: 0.125, beta1: 0.9, beta2: 0.999, epsilon: 1e-12, decay: 0, decoupled: false, step: 1)
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
            var sgd = hone_sgd(
                rate: 0.1, momentum: 0.9, dampening: 0, decay: 0, nesterov: false, decoupled: false, first: false)
            var (p, buffer): ([Float], [Float]) = ([1, 1], [1.2e-38, -1.2e-38])
            hone_sgd_step(variant, &sgd, &p, [0, 0], &buffer, 2)
            #expect(buffer == [0, 0])
            var adam = hone_adam(
                rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0, decoupled: false, step: 1000)
            var (m, v): ([Float], [Float]) = ([1.2e-38, .nan], [0.1, 0.1])
            hone_adam_step(variant, &adam, &p, [0, 0], &m, &v, nil, 2)
            #expect(m[0] == 0 && m[1].isNaN)
        }
    }

    @Test func aNaNInTheSecondMomentIsNotHiddenByTheMaximum() {
        for variant in availableVariants {
            var options = hone_adam(
                rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0, decoupled: false, step: 2)
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
                var sgd = hone_sgd(
                    rate: 0.1, momentum: 0.9, dampening: 0, decay: 0.1, nesterov: true, decoupled: false,
                    first: step == 1)
                hone_sgd_step(HONE_ISA_AUTO, &sgd, out, gradient, out + 2 * count, count)
                var adam = hone_adam(
                    rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, decay: 0.1, decoupled: true, step: Int64(step))
                hone_adam_step(
                    HONE_ISA_AUTO, &adam, out + count, gradient, out + 3 * count, out + 4 * count, nil, count)
            }
        }
        #expect(sameBits(results.all, results.one))
        #expect(results.all[7] != start[7])
    }
}
