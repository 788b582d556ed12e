/// Makes one optimizer step of several batches.
///
/// The gradient is that of all their samples together: the sums of the losses divided by the sum of their counts, also
/// for a short last window, which is stepped at the end of its epoch. Schedules move with steps.
open class GradAccumulation: LearnerCallback {
    private let window: AccumulationWindow
    private let size: Int

    /// Steps after every so many batches, at least 1.
    public init(batches: Int) {
        window = .batches(batches)
        size = batches
    }

    /// Steps as soon as so many samples have come together, at least 1.
    public init(samples: Int) {
        window = .samples(samples)
        size = samples
    }

    /// Fits, and trials such as the rate finder's, whose steps are then of the same kind.
    open override var joins: RunKinds { [.fit, .probe] }

    /// ``Phase/prepare``
    open override var phase: Phase { .prepare }

    /// Sets the loop's accumulation stage.
    open override func beforeFit(_ learner: Learner) throws {
        guard size >= 1 else {
            throw LearnerError.argument("GradAccumulation window", value: "\(size)", expected: "at least 1")
        }
        try learner.stages.setAccumulation(window, owner: learner.speaker)
    }
}
