/// Multiplies the learning rate by a factor that rises from `from` to 1 over the first steps of a fit.
///
/// It modifies what another callback (or nobody) sets, so it goes with every schedule. The first step is not wasted on a
/// rate of zero: step k of n (from 1) has the factor from + (1 − from) k / n.
open class Warmup: LearnerCallback {
    private let length: Interval
    private let from: Double

    /// Makes a warm-up.
    ///
    /// - Parameters:
    ///   - length: how long it lasts; in minutes it follows the clock.
    ///   - from: the factor before the first step, 0...1.
    public init(_ length: Interval, from: Double = 0) {
        self.length = length
        self.from = from
    }

    /// ``Phase/schedule``
    open override var phase: Phase { .schedule }

    /// Checks the arguments.
    open override func beforeFit(_ learner: Learner) throws {
        guard from >= 0, from <= 1 else {
            throw LearnerError.argument("Warmup from", value: "\(from)", expected: "0...1")
        }
        try length.requireNotNegative("Warmup length")
    }

    /// Sets the factor of the step to come.
    open override func beforeBatch(_ learner: Learner) throws {
        guard learner.isTraining else { return }
        let share: Double
        if case .minutes(let minutes) = length {
            share = minutes == 0 ? 1 : learner.elapsedInRun / (60 * minutes)
        } else {
            let steps = length.steps(in: learner.run.timeline) ?? 0
            share = steps < 1 ? 1 : (learner.run.scheduleStep + 1) / steps
        }
        try learner.optimizer.modify(
            .learningRate, by: share >= 1 ? nil : from + (1 - from) * share, owner: learner.speaker)
    }
}
