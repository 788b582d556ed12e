// The ways to train.

extension Learner {
    /// Trains for some epochs at one learning rate, or at the optimizer's.
    ///
    /// - Parameters:
    ///   - epochs: passes over the training set, 0 or more.
    ///   - lr: the rate (one, one a group, or a spread); nil keeps what is set.
    ///   - callbacks: joined to the learner's own for this fit.
    /// - Returns: how the fit ended.
    /// - Throws: ``LearnerError`` for bad arguments, `CallbackError` for an error of a callback, and any other as it is.
    @discardableResult public func fit(_ epochs: Int, callbacks: [any Callback] = []) throws -> FitOutcome {
        guard epochs >= 0 else { throw LearnerError.epochs(epochs) }
        return try perform(.fit, epochs: epochs, callbacks: callbacks) { try fitLoop(epochs: epochs) }
    }

    /// Trains for some epochs at the given learning rate (one, one a group, or a spread).
    ///
    /// - Throws: as ``fit(_:callbacks:)``, and for a rate that is not above 0.
    @discardableResult public func fit(_ epochs: Int, lr: some LearningRates, callbacks: [any Callback] = []) throws
        -> FitOutcome
    {
        // Nothing is set by a call that cannot run.
        guard epochs >= 0 else { throw LearnerError.epochs(epochs) }
        try refuseRunWithinRun()
        for (group, rate) in try lr.rates(groups: optimizer.groups.count).enumerated() {
            try optimizer.set(.learningRate, to: rate, group: group)
        }
        return try fit(epochs, callbacks: callbacks)
    }

    /// Trains with the one-cycle policy (Smith and Topin 2017) in fastai's form: the rate rises from `lrMax / div` to
    /// `lrMax` over the first `pctStart` of the steps and falls to `lrMax / divFinal`, both as a cosine; the momentum
    /// does the opposite.
    ///
    /// - Parameters:
    ///   - epochs: passes over the training set, 0 or more.
    ///   - lrMax: the highest rate: one, one a group, or a spread.
    ///   - div: what divides it at the start, > 0.
    ///   - divFinal: what divides it at the end, > 0.
    ///   - pctStart: the share of steps that the rise takes, 0...1.
    ///   - moms: the momentum at the start, at the peak and at the end.
    ///   - callbacks: joined to the learner's own for this fit.
    /// - Throws: as ``fit(_:callbacks:)``, and for arguments out of range.
    @discardableResult public func fitOneCycle(
        _ epochs: Int, lrMax: some LearningRates, div: Double = 25, divFinal: Double = 1e5, pctStart: Double = 0.25,
        moms: (Double, Double, Double) = (0.95, 0.85, 0.95), callbacks: [any Callback] = []
    ) throws -> FitOutcome {
        let cycle = try OneCycle(
            lrMax: lrMax.rates(groups: optimizer.groups.count), div: div, divFinal: divFinal, pctStart: pctStart,
            moms: moms)
        return try fit(epochs, callbacks: callbacks + [cycle])
    }

    /// Loss and metrics over the validation set, or over other data.
    ///
    /// - Throws: ``DataError/empty(_:)`` when there is nothing to validate with, and as ``fit(_:callbacks:)``.
    public func validate(on loader: DataLoader? = nil) throws -> ValidationResult {
        let loader = loader ?? data.valid
        guard loader.batchCount > 0 else { throw DataError.empty("valid") }
        var result: ValidationResult?
        _ = try perform(.validate) {
            try validatePhase(loader)
            result = validation
        }
        guard let result else { throw DataError.empty("valid") }
        return result
    }

    /// Runs `body` with the weights that validations and predictions use in the model, for saving or exporting it: of a
    /// schedule-free optimizer, the average of those that it has trained.
    public func withEvaluationWeights<Result>(_ body: () throws -> Result) rethrows -> Result {
        try optimizer.withEvaluationWeights(body)
    }

    /// The model's outputs for all samples of a loader's data set, in the data set's order: `[samples, ...]` each.
    ///
    /// - Throws: as ``fit(_:callbacks:)``.
    public func predictions(on loader: DataLoader? = nil) throws -> [Tensor] {
        let loader = loader ?? data.valid
        // A loader that shuffles or drops would lose track of which row is whose.
        let inOrder = try DataLoader(loader.dataset, batchSize: loader.batchSize)
        var parts: [[Tensor]] = []
        _ = try perform(.predict) {
            try predictPhase(inOrder) { _, outputs in parts.append(outputs) }
        }
        guard let first = parts.first else { return [] }
        return try catchingTensorErrors {
            first.indices.map { output in Tensor.concatenated(parts.map { $0[output] }) }
        }
    }
}
