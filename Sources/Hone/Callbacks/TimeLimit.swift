/// Ends a fit after the step that passes a limit of time.
///
/// The time is the fit's own, with its validations; a fit that is resumed has the whole limit again.
open class TimeLimit: LearnerCallback {
    /// The limit in minutes.
    public let minutes: Double

    /// Sets the limit.
    ///
    /// - Parameter minutes: 0 or more; 0 ends after the first step.
    public init(minutes: Double) { self.minutes = minutes }

    /// ``Phase/decide``
    open override var phase: Phase { .decide }

    /// Checks the limit.
    open override func beforeFit(_ learner: Learner) throws {
        guard minutes >= 0, minutes.isFinite else {
            throw LearnerError.argument(
                "TimeLimit minutes", value: "\(minutes)", expected: "a finite number of 0 or more")
        }
    }

    /// Looks at the clock.
    open override func afterStep(_ learner: Learner) throws {
        let elapsed = learner.elapsedInRun
        guard elapsed >= 60 * minutes else { return }
        learner.request(.stop("\(ProgressReporter.clock(elapsed)) have passed, the limit is \(format(minutes, 2)) min"))
    }
}
