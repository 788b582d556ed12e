// The ways to train.

extension Learner {
    /// Trains for some epochs at one learning rate, or at the optimizer's.
    ///
    /// - Parameters:
    ///   - epochs: passes over the training set, 0 or more.
    ///   - lr: the rate (one, one a group, or a spread); nil keeps what is set.
    ///   - validateEvery: how often to validate within epochs, as ``ValidateEvery`` does; nil for their ends alone.
    ///   - rehearsal: whether two batches of everything are gone through first, so that a mistake in what comes at the end
    ///     of an epoch shows at once; see ``rehearse(_:callbacks:)``.
    ///   - callbacks: joined to the learner's own for this fit.
    /// - Returns: how the fit ended.
    /// - Throws: ``LearnerError`` for bad arguments, `CallbackError` for an error of a callback, and any other as it is.
    @discardableResult public func fit(
        _ epochs: Int, validateEvery: Interval? = nil, rehearsal: Bool = false, callbacks: [any Callback] = []
    ) throws -> FitOutcome {
        guard epochs >= 0 else { throw LearnerError.epochs(epochs) }
        let callbacks = callbacks + (validateEvery.map { [ValidateEvery($0)] } ?? [])
        if rehearsal, case .interrupted = try rehearse(epochs, callbacks: callbacks) { return .interrupted }
        return try perform(.fit, epochs: epochs, callbacks: callbacks) { try fitLoop(epochs: epochs) }
    }

    /// Trains for some epochs at the given learning rate (one, one a group, or a spread).
    ///
    /// - Throws: as ``fit(_:validateEvery:rehearsal:callbacks:)``, and for a rate that is not above 0.
    @discardableResult public func fit(
        _ epochs: Int, lr: some LearningRates, validateEvery: Interval? = nil, rehearsal: Bool = false,
        callbacks: [any Callback] = []
    ) throws -> FitOutcome {
        // Nothing is set by a call that cannot run.
        guard epochs >= 0 else { throw LearnerError.epochs(epochs) }
        try refuseRunWithinRun()
        for (group, rate) in try lr.rates(groups: optimizer.groups.count).enumerated() {
            try optimizer.set(.learningRate, to: rate, group: group)
        }
        return try fit(epochs, validateEvery: validateEvery, rehearsal: rehearsal, callbacks: callbacks)
    }

    /// Goes through what a fit of so many epochs does, with two batches of training and of each validation set, and puts
    /// everything back as it was, also when it throws.
    ///
    /// The fit's callbacks take part, but for those of the phases ``Phase/report`` and ``Phase/persist``, which act
    /// outside of the learner. Schedules are those of the whole fit.
    /// - Returns: how it ended.
    /// - Throws: as ``fit(_:validateEvery:rehearsal:callbacks:)``.
    @discardableResult public func rehearse(_ epochs: Int, callbacks: [any Callback] = []) throws -> FitOutcome {
        guard epochs >= 0 else { throw LearnerError.epochs(epochs) }
        var outcome = FitOutcome.completed
        try leavingNoTrace {
            rehearsedBatches = 2
            defer { rehearsedBatches = nil }
            outcome = try perform(.fit, epochs: epochs, callbacks: callbacks) { try fitLoop(epochs: epochs) }
        }
        return outcome
    }
}
