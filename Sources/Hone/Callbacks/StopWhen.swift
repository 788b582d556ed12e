/// Ends a fit after the first epoch, or the first validation within one (``ValidateEvery``), whose figures meet a condition.
///
/// ```swift
/// StopWhen(.above(.metric("accuracy"), 0.99) && .below(.validLoss.smoothed(0.9), 0.1))
/// ```
///
/// An epoch whose validation was skipped or cut short leaves a smoothed figure as it is, and has no figure that is not
/// smoothed; neither has a validation within an epoch a loss of the training.
open class StopWhen: LearnerCallback {
    /// What ends the fit.
    public let condition: StopCondition

    @RunState private var means: [StopCondition.Figure: SmoothedMean] = [:]

    /// Sets the condition.
    public init(_ condition: StopCondition) { self.condition = condition }

    /// ``Phase/decide``
    open override var phase: Phase { .decide }

    /// Checks that the figures will be there.
    open override func beforeFit(_ learner: Learner) throws {
        for figure in condition.figures {
            _ = try figure.monitor.direction(in: learner)
            guard figure.smoothing >= 0, figure.smoothing < 1 else {
                throw LearnerError.argument(
                    "StopWhen smoothing of \(figure.monitor)", value: "\(figure.smoothing)", expected: "0 up to 1")
            }
        }
    }

    /// Looks at the figures of a validation within an epoch.
    open override func afterValidate(_ learner: Learner) throws {
        if learner.hasValidatedWithinEpoch { check(learner) }
    }

    /// Looks at the epoch's figures.
    open override func afterEpoch(_ learner: Learner) throws { check(learner) }

    private func check(_ learner: Learner) {
        for figure in condition.figures where figure.smoothing > 0 {
            guard let value = figure.monitor.value(in: learner), !value.isNaN else { continue }
            means[figure, default: SmoothedMean(beta: figure.smoothing)].add(value)
        }
        let holds = condition.holds { figure in
            figure.smoothing > 0 ? means[figure]?.value : figure.monitor.value(in: learner)
        }
        if holds { learner.request(.stop("\(condition)")) }
    }
}
