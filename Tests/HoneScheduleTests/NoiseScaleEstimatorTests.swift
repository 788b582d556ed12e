import Foundation
import HoneSchedule
import Testing

/// The estimator against gradients of known mean and covariance.
@Suite struct NoiseScaleEstimatorTests {
    /// Normal numbers (Box and Muller) of a linear congruential generator.
    private struct Normal {
        var state: UInt64

        mutating func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (Double(state >> 11) + 0.5) / 9_007_199_254_740_992
        }

        mutating func next() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }
    }

    static let mean = [0.5, -0.25, 1, 0]
    static let deviations = [1.0, 2, 0.5, 3]
    static let squaredMean = 0.25 + 0.0625 + 1
    static let trace = 1.0 + 4 + 0.25 + 9

    /// The estimate of one window of batches of these sizes.
    private static func window(_ sizes: [Int], _ random: inout Normal) -> NoiseEstimate? {
        var parts: [(size: Int, squaredNorm: Double)] = []
        var sum = [0.0, 0, 0, 0]
        for size in sizes {
            let gradient = mean.indices.map {
                mean[$0] + deviations[$0] * random.next() / Double(size).squareRoot()
            }
            parts.append((size, gradient.reduce(0) { $0 + $1 * $1 }))
            for index in sum.indices { sum[index] += Double(size) * gradient[index] }
        }
        let total = Double(sizes.reduce(0, +))
        return NoiseEstimate(microBatches: parts, whole: sum.reduce(0) { $0 + $1 * $1 / total / total })
    }

    @Test(arguments: [[8, 8, 8, 8], [1, 1], [3, 17, 5]]) func estimatesAreUnbiased(_ sizes: [Int]) throws {
        var random = Normal(state: 7)
        var (gradients, traces): ([Double], [Double]) = ([], [])
        for _ in 0..<4000 {
            let estimate = try #require(Self.window(sizes, &random))
            gradients.append(estimate.squaredGradient)
            traces.append(estimate.trace)
        }
        for (values, truth) in [(gradients, Self.squaredMean), (traces, Self.trace)] {
            let mean = values.reduce(0, +) / 4000
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3999
            #expect(abs(mean - truth) < 4 * (variance / 4000).squareRoot(), "\(mean), expected \(truth)")
        }
    }

    @Test func weightsOtherThanSizesAreAccountedFor() throws {
        // Where E‖g_j‖² = |G|² + tr Σ / b_j holds exactly, so do the estimates, whatever the weights.
        let (sizes, weights) = ([2.0, 3, 10], [5.0, 1, 2])
        let shares = weights.map { $0 / 8 }
        let whole = 3 + 7 * zip(shares, sizes).reduce(0) { $0 + $1.0 * $1.0 / $1.1 }
        let estimate = try #require(
            NoiseEstimate(microBatches: sizes.map { (Int($0), 3 + 7 / $0) }, whole: whole, weights: weights))
        #expect(abs(estimate.squaredGradient - 3) < 1e-12 && abs(estimate.trace - 7) < 1e-12)
        #expect(try #require(estimate.simpleNoiseScale) - 7 / 3 < 1e-12)
    }

    @Test func theIntervalCoversTheTruth() throws {
        // 300 series of 400 windows; 95 % of the intervals should hold the truth.
        var random = Normal(state: 3)
        let truth = Self.trace / Self.squaredMean
        var (covered, above) = (0, 0)
        for _ in 0..<300 {
            var estimator = NoiseScaleEstimator(beta: 0.99)
            for _ in 0..<400 { estimator.add(Self.window([16, 16, 16, 16], &random)) }
            let interval = try #require(estimator.reading.interval)
            if interval.contains(truth) { covered += 1 }
            if interval.lowerBound > truth { above += 1 }
        }
        #expect((273...297).contains(covered), "\(covered) of 300")
        #expect(above < 20, "\(above)")
    }

    @Test func theAveragesAreDividedAndNotTheRatios() throws {
        var estimator = NoiseScaleEstimator(beta: 0.99)
        estimator.add(NoiseEstimate(squaredGradient: 1, trace: 4))
        estimator.add(NoiseEstimate(squaredGradient: 3, trace: 4))
        // Weights 0.99 and 1.
        let expected = (0.99 * 4 + 4) / (0.99 * 1 + 3)
        #expect(abs(try #require(estimator.reading.value) - expected) < 1e-12)
        #expect(estimator.reading.interval == nil)
    }

    @Test func thereMayNotBeEnoughData() throws {
        var estimator = NoiseScaleEstimator()
        #expect("\(estimator.reading)" == "not enough data yet: no window was measured")
        estimator.add(nil)
        #expect("\(estimator.reading)" == "not enough data yet: all 1 windows were dropped")
        estimator.add(NoiseEstimate(squaredGradient: -0.5, trace: 4))
        #expect(estimator.reading.value == nil)
        #expect("\(estimator.reading)".contains("|G|² is -0.5, not above 0"))
        estimator.add(NoiseEstimate(squaredGradient: 2, trace: 4))
        #expect(estimator.reading.value != nil && estimator.windows == 2 && estimator.dropped == 1)
    }

    @Test func windowsWithoutAnEstimateHaveNone() {
        #expect(NoiseEstimate(microBatches: [(4, 1)], whole: 1) == nil)
        #expect(NoiseEstimate(microBatches: [(4, .infinity), (4, 1)], whole: 1) == nil)
        #expect(NoiseEstimate(microBatches: [(4, 1), (4, 1)], whole: .nan) == nil)
        #expect(NoiseEstimate(microBatches: [(0, 1), (4, 1)], whole: 1) == nil)
        #expect(NoiseEstimate(small: (4, 1), big: (4, 1)) == nil)
        #expect(NoiseEstimate(squaredGradient: 0, trace: 1).simpleNoiseScale == nil)
    }

    @Test func itIsWrittenAndReadBack() throws {
        var random = Normal(state: 1)
        var estimator = NoiseScaleEstimator()
        for _ in 0..<130 { estimator.add(Self.window([2, 3], &random)) }
        var copy = try JSONDecoder().decode(NoiseScaleEstimator.self, from: JSONEncoder().encode(estimator))
        for _ in 0..<3 {
            let window = Self.window([2, 3], &random)
            estimator.add(window)
            copy.add(window)
            #expect(copy == estimator && copy.reading == estimator.reading)
        }
    }
}
