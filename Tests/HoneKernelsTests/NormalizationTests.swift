import Foundation
import HoneKernels
import Testing

@Suite struct NormalizationTests {
    /// Random data for a layer, and memory for what it gives.
    private final class Data {
        let x, dy, gamma, beta: [Float]
        let y, dx, mean, rstd, dgamma, dbeta: GuardedArray<Float>

        init(_ r: NormalizationReference, seed: Int) {
            var numbers = TestNumbers(seed: UInt64(seed))
            x = numbers.floats(r.count).map { $0 + 1 }
            dy = numbers.floats(r.count)
            gamma = numbers.floats(r.parameters, in: -1...2)
            beta = numbers.floats(r.parameters)
            let room = { GuardedArray([Float](repeating: .nan, count: $0)) }
            (y, dx) = (room(r.count), room(r.count))
            (mean, rstd) = (room(r.sets), room(r.sets))
            (dgamma, dbeta) = (room(r.parameters), room(r.parameters))
        }
    }

    private func wide(_ x: [Float]) -> [Double] { x.map { Double($0) } }

    private func expectNear(_ a: [Float], _ b: [Double], _ what: String, atol: Double = 1e-5) {
        #expect(worstShare(a, b, rtol: 1e-5, atol: atol) <= 1, "\(what)")
    }

    /// Holds the gradients that `backward` writes, then adds, against the reference.
    private func expectGradients(
        _ r: NormalizationReference, _ d: Data, affine: Bool, _ what: String, _ backward: (_ accumulate: Bool) -> Void
    ) {
        let (gamma, beta) = affine ? (wide(d.gamma), wide(d.beta)) : (nil, nil)
        let truth = r.backward(wide(d.x), gamma, beta, dy: wide(d.dy))
        for times in [1.0, 2.0] {
            backward(times == 2)
            expectNear(d.dx.array, truth.x.map { times * $0 }, "dx, \(what)")
            if affine {
                expectNear(d.dgamma.array, truth.gamma.map { times * $0 }, "dgamma, \(what)", atol: 4e-5)
                expectNear(d.dbeta.array, truth.beta.map { times * $0 }, "dbeta, \(what)", atol: 4e-5)
            }
        }
    }

    @Test func referenceHasTheGradientOfItsForward() {
        var references = [
            NormalizationReference.batch(3, 2, 4), .rows(2, 5, centred: true), .rows(2, 5, centred: false),
            .groups(2, 4, 3, 2), .batch(3, 2, 4), .batch(3, 2, 4),
        ]
        references[4].relu = true
        references[5].given = ([0.5, 1], [2, 3])
        for (seed, r) in references.enumerated() {
            let d = Data(r, seed: seed)
            let (x, gamma, beta, dy) = (wide(d.x), wide(d.gamma), wide(d.beta), wide(d.dy))
            let gradients = r.backward(x, gamma, beta, dy: dy)
            func slope(_ change: (Double) -> [Double]) -> Double {
                zip(zip(change(1e-5), change(-1e-5)), dy).reduce(0) { $0 + ($1.0.0 - $1.0.1) * $1.1 } / 2e-5
            }
            func moved(_ a: [Double], _ i: Int, _ by: Double) -> [Double] {
                var a = a
                a[i] += by
                return a
            }
            for i in 0..<r.count {
                #expect(abs(slope { r.forward(moved(x, i, $0), gamma, beta) } - gradients.x[i]) < 1e-6)
            }
            for i in 0..<r.parameters {
                #expect(abs(slope { r.forward(x, moved(gamma, i, $0), beta) } - gradients.gamma[i]) < 1e-6)
                #expect(abs(slope { r.forward(x, gamma, moved(beta, i, $0)) } - gradients.beta[i]) < 1e-6)
            }
        }
    }

    /// [batch, channels, spatial]: by columns, by channels, by images, and by images in several pieces.
    private static let batches = [
        (5, 3, 1), (64, 70, 1), (2, 3, 4), (33, 9, 9), (2, 1, 63), (3, 7, 64), (2, 6, 100), (8, 3, 70), (6, 2, 129),
        (1, 4, 80), (1, 1, 1),
    ]

    @Test(arguments: [false, true], [false, true])
    func batchNormTraining(affine: Bool, relu: Bool) {
        for (index, (batch, channels, spatial)) in (Self.batches + [(16, 3, 1500)]).enumerated() {
            var r = NormalizationReference.batch(batch, channels, spatial)
            r.relu = relu
            var shape = hone_batch_norm(
                batch: batch, channels: channels, spatial: spatial, epsilon: 1e-5, relu: relu)
            for variant in availableVariants {
                let d = Data(r, seed: index)
                let what = "\(name(of: variant)), \(batch), \(channels), \(spatial)"
                let (gamma, beta) = affine ? (d.gamma, d.beta) : (nil, nil)
                let (runningMean, runningVar) = (GuardedArray(d.gamma), GuardedArray(d.beta))
                let x = GuardedArray(d.x)
                hone_batch_norm_training(
                    variant, &shape, x.pointer, gamma, beta, 0.25, runningMean.pointer, runningVar.pointer, d.y.pointer,
                    d.mean.pointer, d.rstd.pointer)
                let (mean, variance) = r.statistics(wide(d.x))
                expectNear(d.y.array, r.forward(wide(d.x), gamma.map(wide), beta.map(wide)), what)
                expectNear(d.mean.array, mean, what, atol: 1e-6)
                expectNear(d.rstd.array, variance.map { 1 / ($0 + r.epsilon).squareRoot() }, what, atol: 0)
                expectNear(runningMean.array, zip(wide(d.gamma), mean).map { 0.75 * $0 + 0.25 * $1 }, what, atol: 1e-6)
                let n = r.setSize
                let unbiased = variance.map { n > 1 ? $0 * n / (n - 1) : $0 }
                let running = zip(wide(d.beta), unbiased).map { 0.75 * $0 + 0.25 * $1 }
                expectNear(runningVar.array, running, what, atol: 1e-6)
                if n > 1 {
                    expectGradients(r, d, affine: affine, what) {
                        hone_batch_norm_backward(
                            variant, &shape, true, x.pointer, gamma, beta, d.mean.pointer, d.rstd.pointer, d.dy,
                            d.dx.pointer, affine ? d.dgamma.pointer : nil, affine ? d.dbeta.pointer : nil, $0, $0)
                    }
                }
            }
        }
    }

    @Test(arguments: [false, true], [false, true])
    func batchNormInference(affine: Bool, relu: Bool) {
        for (index, (batch, channels, spatial)) in Self.batches.enumerated() {
            var r = NormalizationReference.batch(batch, channels, spatial)
            var numbers = TestNumbers(seed: UInt64(index) + 50)
            let (mean, variance) = (numbers.floats(channels), numbers.floats(channels, in: 0.5...2))
            r.relu = relu
            r.given = (wide(mean), wide(variance))
            var shape = hone_batch_norm(
                batch: batch, channels: channels, spatial: spatial, epsilon: 1e-5, relu: relu)
            for variant in availableVariants {
                let d = Data(r, seed: index)
                let what = "\(name(of: variant)), \(batch), \(channels), \(spatial)"
                let (gamma, beta) = affine ? (d.gamma, d.beta) : (nil, nil)
                let x = GuardedArray(d.x)
                let truth = r.forward(wide(d.x), gamma.map(wide), beta.map(wide))
                for rstd in [nil, d.rstd.pointer] {
                    hone_batch_norm_inference(
                        variant, &shape, x.pointer, gamma, beta, mean, variance, d.y.pointer, rstd)
                    expectNear(d.y.array, truth, what)
                }
                expectGradients(r, d, affine: affine, what) {
                    hone_batch_norm_backward(
                        variant, &shape, false, x.pointer, gamma, beta, mean, d.rstd.pointer, d.dy, d.dx.pointer,
                        affine ? d.dgamma.pointer : nil, affine ? d.dbeta.pointer : nil, $0, $0)
                }
            }
        }
    }

    private static let rowSizes = [(3, 5), (7, 1), (100, 17), (5, 128), (2, 1500), (70, 33), (130, 8), (1, 64)]

    @Test(arguments: [false, true])
    func layerNormOfRows(affine: Bool) {
        for (index, (rows, length)) in Self.rowSizes.enumerated() {
            let r = NormalizationReference.rows(rows, length, centred: true)
            for variant in availableVariants {
                let d = Data(r, seed: 20 + index)
                let what = "\(name(of: variant)), \(rows), \(length)"
                let (gamma, beta) = affine ? (d.gamma, d.beta) : (nil, nil)
                let x = GuardedArray(d.x)
                hone_layer_norm(
                    variant, rows, length, 1e-5, x.pointer, gamma, beta, d.y.pointer, d.mean.pointer, d.rstd.pointer)
                expectNear(d.y.array, r.forward(wide(d.x), gamma.map(wide), beta.map(wide)), what)
                expectNear(d.mean.array, r.statistics(wide(d.x)).mean, what, atol: 1e-6)
                expectGradients(r, d, affine: affine, what) {
                    hone_layer_norm_backward(
                        variant, rows, length, x.pointer, gamma, d.mean.pointer, d.rstd.pointer, d.dy, d.dx.pointer,
                        affine ? d.dgamma.pointer : nil, affine ? d.dbeta.pointer : nil, $0, $0)
                }
            }
        }
    }

    @Test(arguments: [false, true])
    func rootMeanSquareNormOfRows(scaled: Bool) {
        for (index, (rows, length)) in Self.rowSizes.enumerated() {
            let r = NormalizationReference.rows(rows, length, centred: false)
            for variant in availableVariants {
                let d = Data(r, seed: 40 + index)
                let what = "\(name(of: variant)), \(rows), \(length)"
                let gamma = scaled ? d.gamma : nil
                let x = GuardedArray(d.x)
                hone_rms_norm(variant, rows, length, 1e-5, x.pointer, gamma, d.y.pointer, d.rstd.pointer)
                expectNear(d.y.array, r.forward(wide(d.x), gamma.map(wide), nil), what)
                let truth = r.backward(wide(d.x), gamma.map(wide), nil, dy: wide(d.dy))
                for times in [1.0, 2.0] {
                    hone_rms_norm_backward(
                        variant, rows, length, x.pointer, gamma, d.rstd.pointer, d.dy, d.dx.pointer,
                        scaled ? d.dgamma.pointer : nil, times == 2, times == 2)
                    expectNear(d.dx.array, truth.x.map { times * $0 }, what, atol: length == 1 ? 1e-4 : 1e-5)
                    if scaled {
                        expectNear(d.dgamma.array, truth.gamma.map { times * $0 }, what, atol: 4e-5)
                    }
                }
            }
        }
    }

    @Test(arguments: [false, true])
    func groupNormOfGroupsLayersAndInstances(affine: Bool) {
        let sizes = [
            (2, 4, 6, 2), (3, 6, 1, 2), (2, 8, 49, 2), (2, 6, 80, 6), (4, 6, 5, 6), (3, 6, 90, 2), (20, 8, 3, 4),
        ]
        for (index, (batch, channels, spatial, groups)) in sizes.enumerated() {
            let r = NormalizationReference.groups(batch, channels, spatial, groups)
            var shape = hone_group_norm(
                batch: batch, channels: channels, spatial: spatial, groups: groups, epsilon: 1e-5)
            for variant in availableVariants {
                let d = Data(r, seed: 60 + index)
                let what = "\(name(of: variant)), \(batch), \(channels), \(spatial), \(groups)"
                let (gamma, beta) = affine ? (d.gamma, d.beta) : (nil, nil)
                let x = GuardedArray(d.x)
                hone_group_norm_forward(
                    variant, &shape, x.pointer, gamma, beta, d.y.pointer, d.mean.pointer, d.rstd.pointer)
                expectNear(d.y.array, r.forward(wide(d.x), gamma.map(wide), beta.map(wide)), what)
                expectNear(d.mean.array, r.statistics(wide(d.x)).mean, what, atol: 1e-6)
                expectGradients(r, d, affine: affine, what) {
                    hone_group_norm_backward(
                        variant, &shape, x.pointer, gamma, d.mean.pointer, d.rstd.pointer, d.dy, d.dx.pointer,
                        affine ? d.dgamma.pointer : nil, affine ? d.dbeta.pointer : nil, $0, $0)
                }
            }
        }
    }

    @Test func aFarMeanDoesNotSpoilTheVariance() {
        var numbers = TestNumbers(seed: 80)
        let (batch, spatial) = (8, 70)
        let deviations = numbers.floats(batch * spatial)
        // The first images are far from the rest: a shift that is taken from them is a bad one.
        let data = [
            deviations.map { $0 + 10000 }, deviations.enumerated().map { $1 + ($0 < spatial ? 1000 : 0) },
            deviations.map { _ in 0.1 },
        ]
        for x in data {
            for (n, s) in [(batch, spatial), (batch * spatial, 1), (batch, 1), (1, batch * spatial)] {
                let r = NormalizationReference.batch(n, 1, s)
                let (mean, variance) = r.statistics(wide(x))
                var shape = hone_batch_norm(batch: n, channels: 1, spatial: s, epsilon: 1e-5, relu: false)
                for variant in availableVariants {
                    var (y, m, rstd) = ([Float](repeating: 0, count: n * s), Float(0), Float(0))
                    hone_batch_norm_training(variant, &shape, x, nil, nil, 0.1, nil, nil, &y, &m, &rstd)
                    expectNear([m], mean, "mean", atol: 0)
                    expectNear([rstd], variance.map { 1 / ($0 + r.epsilon).squareRoot() }, "rstd", atol: 1e-4)
                }
            }
        }
    }

    @Test func notANumberStaysWithinItsChannel() {
        for (batch, spatial) in [(6, 1), (6, 70), (2, 70)] {
            var shape = hone_batch_norm(batch: batch, channels: 2, spatial: spatial, epsilon: 1e-5, relu: true)
            var numbers = TestNumbers(seed: 90)
            var x = numbers.floats(batch * 2 * spatial)
            x[spatial] = .nan
            for variant in availableVariants {
                var y = [Float](repeating: 0, count: x.count)
                var (mean, rstd) = ([Float](repeating: 0, count: 2), [Float](repeating: 0, count: 2))
                hone_batch_norm_training(variant, &shape, x, nil, nil, 0.1, nil, nil, &y, &mean, &rstd)
                #expect(y.indices.allSatisfy { y[$0].isNaN == ($0 / spatial % 2 == 1) })
            }
        }
    }

    @Test func anyGradientCanBeLeftOut() {
        for (batch, channels, spatial) in [(9, 5, 2), (3, 7, 64), (8, 3, 70)] {
            let r = NormalizationReference.batch(batch, channels, spatial)
            let d = Data(r, seed: 85)
            let truth = r.backward(wide(d.x), nil, nil, dy: wide(d.dy))
            var b = hone_batch_norm(batch: batch, channels: channels, spatial: spatial, epsilon: 1e-5, relu: false)
            var g = hone_group_norm(
                batch: 1, channels: channels, spatial: spatial, groups: channels, epsilon: 1e-5)
            for variant in availableVariants {
                hone_batch_norm_training(
                    variant, &b, d.x, nil, nil, 0.1, nil, nil, d.y.pointer, d.mean.pointer, d.rstd.pointer)
                let (mean, rstd) = (d.mean.array, d.rstd.array)
                hone_batch_norm_backward(
                    variant, &b, true, d.x, nil, nil, mean, rstd, d.dy, d.dx.pointer, nil, nil, false, false)
                expectNear(d.dx.array, truth.x, "dx")
                hone_batch_norm_backward(
                    variant, &b, true, d.x, nil, nil, mean, rstd, d.dy, nil, nil, d.dbeta.pointer, false, false)
                expectNear(d.dbeta.array, truth.beta, "dbeta", atol: 4e-5)
                hone_batch_norm_backward(
                    variant, &b, true, d.x, nil, nil, mean, rstd, d.dy, nil, d.dgamma.pointer, nil, false, false)
                expectNear(d.dgamma.array, truth.gamma, "dgamma", atol: 4e-5)
                // In place of dy.
                let both = GuardedArray(d.dy)
                hone_batch_norm_backward(
                    variant, &b, true, d.x, nil, nil, mean, rstd, both.pointer, both.pointer, nil, nil, false, false)
                #expect(sameBits(both.array, d.dx.array))
                hone_group_norm_backward(
                    variant, &g, d.x, nil, mean, rstd, d.dy, nil, nil, d.dbeta.pointer, false, false)
                hone_layer_norm_backward(
                    variant, 1, channels, d.x, nil, mean, rstd, d.dy, nil, d.dgamma.pointer, nil, false, false)
                #expect((d.dbeta.array + d.dgamma.array).allSatisfy { $0.isFinite })
            }
        }
    }

    @Test func anEmptyBatchHasNoGradient() {
        for variant in availableVariants {
            for spatial in [1, 100] {
                var shape = hone_batch_norm(batch: 0, channels: 2, spatial: spatial, epsilon: 1e-5, relu: false)
                let none = GuardedArray<Float>([])
                var (dgamma, dbeta) = ([Float](repeating: 9, count: 2), [Float](repeating: 9, count: 2))
                hone_batch_norm_backward(
                    variant, &shape, true, none.pointer, nil, nil, [0, 0], [1, 1], none.pointer, none.pointer, &dgamma,
                    &dbeta, false, false)
                #expect(dgamma == [0, 0] && dbeta == [0, 0])
                (dgamma, dbeta) = ([9, 9], [9, 9])
                hone_layer_norm_backward(
                    variant, 0, 2, none.pointer, nil, none.pointer, none.pointer, none.pointer, none.pointer, &dgamma,
                    &dbeta, false, false)
                #expect(dgamma == [0, 0] && dbeta == [0, 0])
            }
        }
    }

    @Test(arguments: [(300, 40, 9), (40, 24, 100), (16, 32, 256), (16, 3, 2100)])
    func normalisationDoesNotDependOnTheThreads(batch: Int, channels: Int, spatial: Int) {
        let r = NormalizationReference.batch(batch, channels, spatial)
        let d = Data(r, seed: 99)
        let (x, dy, n) = (d.x, d.dy, d.x.count)
        let result = withAndWithoutThreads(count: 6 * n + 8 * channels, filler: Float(0)) { out in
            let (y, dx, rest) = (out, out + 3 * n, out + 6 * n)
            var b = hone_batch_norm(batch: batch, channels: channels, spatial: spatial, epsilon: 1e-5, relu: true)
            hone_batch_norm_training(HONE_ISA_AUTO, &b, x, nil, nil, 0.1, nil, nil, y, rest, rest + channels)
            hone_batch_norm_backward(
                HONE_ISA_AUTO, &b, true, x, nil, nil, rest, rest + channels, dy, dx, rest + 2 * channels,
                rest + 3 * channels, false, false)
            let rows = n / channels
            let statistics = UnsafeMutablePointer<Float>.allocate(capacity: 2 * n)
            defer { statistics.deallocate() }
            hone_layer_norm(
                HONE_ISA_AUTO, rows, channels, 1e-5, x, nil, nil, y + n, statistics, statistics + rows)
            hone_layer_norm_backward(
                HONE_ISA_AUTO, rows, channels, x, nil, statistics, statistics + rows, dy, dx + n, rest + 4 * channels,
                rest + 5 * channels, false, false)
            var g = hone_group_norm(batch: batch, channels: channels, spatial: spatial, groups: 1, epsilon: 1e-5)
            hone_group_norm_forward(
                HONE_ISA_AUTO, &g, x, nil, nil, y + 2 * n, statistics, statistics + batch)
            hone_group_norm_backward(
                HONE_ISA_AUTO, &g, x, nil, statistics, statistics + batch, dy, dx + 2 * n, rest + 6 * channels,
                rest + 7 * channels, false, false)
        }
        #expect(sameBits(result.all, result.one))
    }
}
