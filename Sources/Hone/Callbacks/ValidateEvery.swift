/// Validates within epochs, too: after so many steps, samples, minutes, or a share of an epoch or of the run.
///
/// Such a validation leaves no trace of itself in the training, which goes on bit for bit as without it. What it finds is
/// in ``Learner/validation``, and in ``Recorder/validations``. It comes between two steps, and not where an epoch's own
/// validation follows.
open class ValidateEvery: LearnerCallback {
    /// From one validation to the next.
    public let interval: Interval

    /// Makes the callback; an interval that is not above 0 is an error of the fit.
    public init(_ interval: Interval) { self.interval = interval }

    /// ``Phase/prepare``
    open override var phase: Phase { .prepare }

    /// Sets the loop's validation stage.
    open override func beforeFit(_ learner: Learner) throws {
        try interval.requireAboveZero("ValidateEvery interval")
        guard learner.data.valid.batchCount > 0 else { throw DataError.empty("valid") }
        try learner.stages.setValidation(every: interval, owner: learner.speaker)
    }
}
