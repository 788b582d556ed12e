import Foundation
import HoneKernels
import Testing

/// The kernels of the further optimizers: each variant against formulas in double precision.
@Suite struct UpdateKernelTests {
    /// The arrays of one parameter in double precision.
    private struct Values {
        var p: Double
        var a: Double
        var b: Double
        var c: Double
    }

    private typealias Formula = (_ x: inout Values, _ g: Double) -> Void
    private typealias Kernel = (
        _ isa: hone_isa, _ p: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ a: UnsafeMutablePointer<Float>,
        _ b: UnsafeMutablePointer<Float>, _ c: UnsafeMutablePointer<Float>, _ n: Int
    ) -> Void

    /// A kernel and its formula on the same numbers. States are positive, as averages of squares are.
    private func compare(
        _ name: String, first: ClosedRange<Float> = 0.5...1, _ kernel: Kernel, _ formula: Formula
    ) {
        var numbers = TestNumbers(seed: 200)
        for length in awkwardLengths where length < 200 {
            let (p, g) = (numbers.floats(length), numbers.floats(length, in: -1...1))
            let states = (0..<3).map { numbers.floats(length, in: $0 == 0 ? first : 0.5...1) }
            let truth = (0..<length).map { i in
                var x = Values(
                    p: Double(p[i]), a: Double(states[0][i]), b: Double(states[1][i]), c: Double(states[2][i]))
                formula(&x, Double(g[i]))
                return x
            }
            for variant in availableVariants {
                let (newP, gradient) = (GuardedArray(p), GuardedArray(g))
                let (a, b, c) = (GuardedArray(states[0]), GuardedArray(states[1]), GuardedArray(states[2]))
                kernel(variant, newP.pointer, gradient.pointer, a.pointer, b.pointer, c.pointer, length)
                let shares = [
                    worstShare(newP.array, truth.map(\.p), rtol: 2e-6, atol: 2e-6),
                    worstShare(a.array, truth.map(\.a), rtol: 2e-6, atol: 2e-6),
                    worstShare(b.array, truth.map(\.b), rtol: 2e-6, atol: 2e-6),
                    worstShare(c.array, truth.map(\.c), rtol: 2e-6, atol: 2e-6),
                ]
                #expect(shares.allSatisfy { $0 <= 1 }, "\(name) \(HoneKernelsTests.name(of: variant)), \(length)")
            }
        }
    }

    @Test func adamaxFollowsItsDefinition() {
        var o = hone_adamax(gain: -1, decay: 0.1, shrink: 0.9, beta1: 0.8, beta2: 0.9, rate: 0.01, epsilon: 1e-3)
        compare("Adamax", { hone_adamax_step($0, &o, $1, $2, $3, $4, $6) }) { x, g in
            let g = -g + 0.1 * x.p
            x.a = 0.8 * x.a + 0.2 * g
            x.b = max(0.9 * x.b, abs(g) + 1e-3)
            x.p = 0.9 * x.p - 0.01 * x.a / x.b
        }
    }

    @Test func lionFollowsItsDefinition() {
        var o = hone_lion(gain: 1, decay: 0.1, shrink: 0.9, beta1: 0.5, beta2: 0.9, rate: 0.01)
        compare("Lion", { hone_lion_step($0, &o, $1, $2, $3, $6) }) { x, g in
            let g = g + 0.1 * x.p
            let blend = 0.5 * x.a + 0.5 * g
            x.a = 0.9 * x.a + 0.1 * g
            x.p = 0.9 * x.p - 0.01 * (blend > 0 ? 1 : blend < 0 ? -1 : 0)
        }
    }

    @Test func theSignOfNothingIsNothingAndNaNIsNotHidden() {
        for variant in availableVariants {
            var o = hone_lion(gain: 1, decay: 0, shrink: 1, beta1: 0.9, beta2: 0.99, rate: 1)
            var (p, m): ([Float], [Float]) = ([1, 1], [0, 0])
            hone_lion_step(variant, &o, &p, [0, .nan], &m, 2)
            #expect(p[0] == 1 && p[1].isNaN)
        }
    }

    @Test func rootMeanSquaresFollowTheirDefinition() {
        for (isCentred, hasMomentum, nesterov) in [
            (false, false, false), (false, true, false), (false, true, true), (true, false, false),
            (true, true, false), (true, true, true),
        ] {
            var o = hone_rms(
                gain: 1, decay: 0.1, shrink: 0.9, keep: 0.8, add: 0.2, rate: 0.01, momentum: 0.7, epsilon: 1e-1,
                nesterov: nesterov)
            compare(
                // Larger than any mean's square, so that no rounding is magnified.
                "RMSprop \(isCentred) \(hasMomentum) \(nesterov)", first: 2...3,
                { hone_rms_step($0, &o, $1, $2, $3, isCentred ? $4 : nil, hasMomentum ? $5 : nil, $6) }
            ) { x, g in
                let g = g + 0.1 * x.p
                x.a = 0.8 * x.a + 0.2 * g * g
                if isCentred { x.b = 0.8 * x.b + 0.2 * g }
                let d = g / (max(0, x.a - (isCentred ? x.b * x.b : 0)).squareRoot() + 1e-1)
                if hasMomentum { x.c = 0.7 * x.c + d }
                x.p = 0.9 * x.p - 0.01 * (!hasMomentum ? d : nesterov ? d + 0.7 * x.c : x.c)
            }
        }
    }

    @Test func adadeltaFollowsItsDefinition() {
        var o = hone_adadelta(gain: 1, decay: 0.1, shrink: 0.9, rate: 0.5, rho: 0.8, epsilon: 1e-2)
        compare("AdaDelta", { hone_adadelta_step($0, &o, $1, $2, $3, $4, $6) }) { x, g in
            let g = g + 0.1 * x.p
            x.a = 0.8 * x.a + 0.2 * g * g
            let d = ((x.b + 1e-2) / (x.a + 1e-2)).squareRoot() * g
            x.b = 0.8 * x.b + 0.2 * d * d
            x.p = 0.9 * x.p - 0.5 * d
        }
    }

    @Test func scheduleFreeStepsFollowTheirDefinition() {
        for isAdaptive in [false, true] {
            var o = hone_schedule_free(
                gain: 1, decay: 0.1, shrink: 1, normal_decay: 0.2, beta2: 0.8, square: 4, epsilon: 1e-2, toward: 0.3,
                y_rate: 0.02, z_rate: 0.05)
            compare(
                "schedule-free \(isAdaptive)",
                { hone_schedule_free_step($0, &o, $1, $2, $3, isAdaptive ? $4 : nil, $6) }
            ) { x, g in
                let g = g + 0.1 * x.p
                if isAdaptive { x.b = 0.8 * x.b + 0.2 * g * g }
                let d = (isAdaptive ? g / (2 * x.b.squareRoot() + 1e-2) : g) + 0.2 * x.p
                x.p += 0.3 * (x.a - x.p) - 0.02 * d
                x.a -= 0.05 * d
            }
        }
        compare("toward", { hone_move_toward($0, 0.3, $2, $1, $6) }) { x, g in x.p += 0.3 * (g - x.p) }
    }

    @Test func layerWiseDirectionsFollowTheirDefinition() {
        var o = hone_adam(
            gain: -1, decay: 0.1, shrink: 1, beta1: 0.8, beta2: 0.9, mean: 2, direct: 0, square: 3, direct_square: 0,
            epsilon: 1e-2)
        compare("LAMB", { hone_lamb_direction($0, &o, $1, $2, $3, $4, $5, $6) }) { x, g in
            x.a = 0.8 * x.a - 0.2 * g
            x.b = 0.9 * x.b + 0.1 * g * g
            x.c = 2 * x.a / ((3 * x.b).squareRoot() + 1e-2) + 0.1 * x.p
        }
        compare("normalised", { isa, p, _, a, b, _, n in hone_normalized_step(isa, 0.9, 0.01, 1e-2, p, a, b, n) }) {
            x, _ in
            x.p = 0.9 * x.p - 0.01 * x.a / (x.b.squareRoot() + 1e-2)
        }
        compare("averaged", { isa, _, g, a, _, c, n in hone_averaged_direction(isa, g, 0.25, 0.5, a, c, n) }) { x, g in
            x.a += 0.25 * (g * g - x.a)
            x.c = g / max(x.a, 0.5).squareRoot()
        }
        // One row of 0.75, with the columns in the first state.
        compare(
            "factored",
            { isa, p, g, a, _, _, n in
                var row: Float = 0.75
                hone_factored_direction(isa, g, &row, a, 0.5, p, 1, n)
            }
        ) { x, g in x.p = g / max(0.75 * x.a, 0.5).squareRoot() }
    }

    @Test func prodigyMeasuresWhatItAverages() {
        var o = hone_prodigy(
            gain: 1, decay: 0.1, shrink: 1, beta1: 0.8, beta2: 0.9, beta3: 0.95, d: 0.5, weight: 0.25)
        var (product, size) = (0.0, 0.0)
        compare("Prodigy", { hone_prodigy_measure($0, &o, $1, $2, $3, $4, $5, $2, $6, &product, &size) }) { x, g in
            let g = g + 0.1 * x.p
            x.a = 0.8 * x.a + 0.5 * 0.2 * g
            x.b = 0.9 * x.b + 0.25 * 0.1 * g * g
            x.c = 0.95 * x.c + 0.25 * g
        }
        o.decay = 0
        let count = 1_100_000
        var numbers = TestNumbers(seed: 201)
        let (p, g, start) = (numbers.floats(count), numbers.floats(count), numbers.floats(count))
        var truth = (product: 0.0, size: 0.0)
        for i in 0..<count {
            truth.product += Double(g[i]) * (Double(start[i]) - Double(p[i]))
            truth.size += 0.25 * abs(Double(g[i]))
        }
        for variant in availableVariants {
            let results = withAndWithoutThreads(count: 4, filler: Float(0)) { out in
                var (m, v) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
                var s = m
                hone_prodigy_measure(variant, &o, p, g, &m, &v, &s, start, count, &product, &size)
                for (number, value) in [product, size].enumerated() {
                    out[2 * number] = Float(bitPattern: UInt32(truncatingIfNeeded: value.bitPattern))
                    out[2 * number + 1] = Float(bitPattern: UInt32(truncatingIfNeeded: value.bitPattern >> 32))
                }
            }
            #expect(sameBits(results.all, results.one))
            #expect(abs(product - truth.product) < 1e-5 * abs(truth.size))
            #expect(abs(size - truth.size) < 1e-6 * truth.size)
        }
    }

    @Test func theFurtherStepsDoNotDependOnTheThreads() {
        let count = 100_003
        var numbers = TestNumbers(seed: 202)
        let (start, gradient) = (numbers.floats(count), numbers.floats(count))
        let results = withAndWithoutThreads(count: 7 * count, filler: Float(0)) { out in
            for i in 0..<count { for row in 0..<3 { out[row * count + i] = start[i] } }
            let (a, b) = (out + 3 * count, out + 4 * count)
            var rms = hone_rms(
                gain: 1, decay: 0.1, shrink: 1, keep: 0.9, add: 0.1, rate: 0.1, momentum: 0.9, epsilon: 1e-3,
                nesterov: true)
            hone_rms_step(HONE_ISA_AUTO, &rms, out, gradient, a, nil, b, count)
            var free = hone_schedule_free(
                gain: 1, decay: 0.1, shrink: 1, normal_decay: 0, beta2: 0.9, square: 1, epsilon: 1e-3, toward: 0.3,
                y_rate: 0.02, z_rate: 0.05)
            hone_schedule_free_step(HONE_ISA_AUTO, &free, out + count, gradient, a, b, count)
            hone_move_toward(HONE_ISA_AUTO, 0.25, a, out + 2 * count, count)
            hone_factored_direction(HONE_ISA_AUTO, gradient, start, b, 0.1, out + 5 * count, 311, 321)
            hone_averaged_direction(HONE_ISA_AUTO, gradient, 0.25, 0.1, a, out + 6 * count, count)
        }
        #expect(sameBits(results.all, results.one))
    }
}
