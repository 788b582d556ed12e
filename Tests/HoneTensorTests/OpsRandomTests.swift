import Foundation
import HoneTensor
import Testing

/// Gamma, beta and Bernoulli draws.
@Suite struct OpsRandomTests {
    private let key = RandomKey(seed: 7)

    private func expectClose(_ values: [Float], _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation)
    {
        #expect(values.count == expected.count, sourceLocation: sourceLocation)
        for (a, b) in zip(values, expected) {
            #expect(abs(Double(a) - b) < 1e-6 * abs(b), sourceLocation: sourceLocation)
        }
    }

    /// From an implementation of Philox4x32-10 and of Marsaglia and Tsang's method outside of this package.
    @Test func drawsAreTheKnownOnes() {
        expectClose(
            key.gamma(5, shape: 2.5, scale: 3),
            [13.75237041501207, 5.52678407536028, 11.94255299080699, 8.348863182586735, 6.338533924672193])
        expectClose(
            key.gamma(5, shape: 0.3),
            [0.17201989491260392, 0.7149396687358521, 0.03934100755244402, 0.17783174445386668, 0.04057280669088198])
        expectClose(
            key.beta(5, 0.4, 0.4),
            [0.8571815426194773, 0.9983685884978302, 0.648771754867212, 0.9969750192811622, 0.10717784137331968])
        expectClose(
            key.beta(5, 2, 5),
            [0.6475078796655135, 0.24875756002840488, 0.44964159709708035, 0.5096983128407566, 0.22837118623000047])
        #expect(
            key.bernoulli(12, probability: 0.3)
                == [false, true, true, false, false, true, false, false, true, false, true, false])
    }

    @Test func aDrawDependsOnItsOwnPlaceAlone() {
        #expect(Array(key.gamma(100, shape: 0.7).prefix(10)) == key.gamma(10, shape: 0.7))
        #expect(Array(key.beta(100, 1, 3).prefix(10)) == key.beta(10, 1, 3))
        #expect(Array(key.bernoulli(100, probability: 0.5).prefix(10)) == key.bernoulli(10, probability: 0.5))
        #expect(key.gamma(0, shape: 1).isEmpty)
    }

    private func moments(_ values: [Float]) -> (mean: Double, variance: Double) {
        let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
        return (mean, values.reduce(0) { $0 + pow(Double($1) - mean, 2) } / Double(values.count))
    }

    @Test(arguments: [0.2, 0.9, 1, 3.5, 40]) func gammaNumbersHaveTheirMoments(shape: Double) {
        let count = 20_000
        let (mean, variance) = moments(key.gamma(count, shape: shape, scale: 2))
        // Mean kθ and variance kθ²; the fourth central moment is 3k(k + 2)θ⁴.
        let deviation = (4 * shape / Double(count)).squareRoot()
        #expect(abs(mean - 2 * shape) < 5 * deviation)
        let spread = ((3 * shape * (shape + 2) - shape * shape) * 16 / Double(count)).squareRoot()
        #expect(abs(variance - 4 * shape) < 5 * spread)
    }

    @Test(arguments: [(0.4, 0.4), (2.0, 5.0), (1.0, 1.0), (0.05, 0.1)]) func betaNumbersHaveTheirMoments(
        a: Double, b: Double
    ) {
        let count = 20_000
        let values = key.beta(count, a, b)
        #expect(values.allSatisfy { $0 >= 0 && $0 <= 1 })
        let (mean, variance) = moments(values)
        let expected = a * b / ((a + b) * (a + b) * (a + b + 1))
        #expect(abs(mean - a / (a + b)) < 5 * (expected / Double(count)).squareRoot())
        #expect(abs(variance - expected) < 5 * expected.squareRoot() / 2 / Double(count).squareRoot())
    }

    @Test func verySmallParametersStillGiveNumbers() {
        #expect(key.beta(1000, 1e-3, 1e-3).allSatisfy { $0 >= 0 && $0 <= 1 })
        #expect(key.gamma(2, shape: 0).allSatisfy(\.isNaN) && key.beta(2, -1, 1).allSatisfy(\.isNaN))
    }

    @Test func trueIsAsFrequentAsItsProbability() {
        for probability in [0, 0.1, 0.5, 0.9, 1] {
            let share = Double(key.bernoulli(20_000, probability: probability).count { $0 }) / 20_000
            #expect(abs(share - probability) <= 5 * (probability * (1 - probability) / 20_000).squareRoot())
        }
        let mask = Tensor.bernoulli([3, 4], probability: 0.3, key: key)
        #expect(mask.shape == [3, 4] && mask.scalars == key.bernoulli(12, probability: 0.3).map { $0 ? 1 : 0 })
        #expect(
            mistake { Tensor.bernoulli([2], probability: 1.5, key: key) }
                == "bernoulli: probability is 1.5, expected 0...1")
        #expect(mistake { Tensor.bernoulli([-2], probability: 0.5, key: key) } != nil)
    }
}
