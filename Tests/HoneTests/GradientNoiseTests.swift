import Foundation
import Hone
import Testing

/// Noise on gradients (Neelakantan et al. 2015).
@Suite struct GradientNoiseTests {
    /// What was added to the gradients at each step.
    private func noise(_ eta: Double, _ gamma: Double = 0.55, seed: UInt64 = 42, epochs: Int = 2) throws -> [[Double]] {
        let data = try Points.dataset(8)
        let learner = Learner(
            try DataLoaders(train: DataLoader(data, batchSize: 4), valid: DataLoader(data, batchSize: 8)),
            model: Sequential(Linear(6, 400), ReLU(), Linear(400, 3)), loss: CrossEntropy(),
            optimizer: SGD(learningRate: 0.01), seed: seed, handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        var (before, added): ([Float], [[Double]]) = ([], [])
        let early = Listener("Early", phase: .prepare) { event, learner in
            if event == .beforeStep { before = Array(learner.arena.gradients) }
        }
        let late = Listener("Late", phase: .persist) { event, learner in
            guard event == .beforeStep else { return }
            let change = zip(learner.arena.gradients, before).map { Double($0) - Double($1) }
            added.append(learner.arena.entries.flatMap { change[$0.range] })
        }
        try learner.fit(epochs, callbacks: [early, GradientNoise(eta: eta, gamma: gamma), late])
        return added
    }

    @Test func itsVarianceFallsWithTheStep() throws {
        let added = try noise(0.5)
        #expect(added.count == 4)
        for (step, values) in added.enumerated() {
            let expected = 0.5 / pow(1 + Double(step), 0.55)
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
            // 4003 numbers: four standard errors.
            #expect(abs(variance / expected - 1) < 4 * (2.0 / 4003).squareRoot())
            #expect(abs(mean) < 4 * (expected / 4003).squareRoot())
        }
        #expect(added[0] != added[1])
    }

    @Test func itIsAFunctionOfTheSeed() throws {
        let (first, again, other) = (try noise(0.1), try noise(0.1), try noise(0.1, seed: 2))
        #expect(first == again && first[0] != other[0])
    }

    @Test func withoutVarianceNothingIsAdded() throws {
        let added = try noise(0)
        #expect(added.joined().allSatisfy { $0 == 0 })
    }

    @Test func badArgumentsAreRefused() throws {
        for callback in [GradientNoise(eta: -1), GradientNoise(gamma: .nan)] {
            let learner = try Line.learner(callbacks: [callback])
            let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
            #expect("\(error.underlying)".hasPrefix("GradientNoise "))
        }
    }
}
