// Validations amid the training of an epoch.

extension Learner {
    /// In `afterValidate`: whether a validation within an epoch is over, with those of the named sets.
    var hasValidatedWithinEpoch: Bool { isValidatingWithinEpoch && validationSet == data.named.last?.name }

    /// Whether the step just taken completes another interval, and no validation of the epoch's own follows.
    var isValidationDue: Bool {
        guard let interval = stages.validation, window.microBatches == 0, run.step > lastValidation.step,
            run.batch < run.batchCount, !control.leavesPhase, !isInterrupted
        else { return false }
        if case .minutes(let minutes) = interval { return elapsedInRun - lastValidation.seconds >= 60 * minutes }
        guard let steps = interval.wholeSteps(in: run.timeline) else { return false }
        if case .steps = interval { return run.step / steps > lastValidation.step / steps }
        // Steps of an adapted length may miss a whole one by rounding.
        func intervals(_ position: Double) -> Double { ((position + 1e-9) / Double(steps)).rounded(.down) }
        return intervals(run.scheduleStep) > intervals(lastValidation.scheduleStep)
    }

    /// Validates, and goes on with the epoch as if nothing had been. A request to end the phase ends this validation.
    func validateWithinEpoch() throws {
        let modes = trainingModes()
        let formerBatch = (batch, predictions, loss, batchLoss)
        let formerPlace = (run.batch, run.batchCount, epochIsComplete)
        isValidatingWithinEpoch = true
        defer { isValidatingWithinEpoch = false }
        try withRandomKey(key.derived("validation", progress.step)) { try validateSets() }
        (run.batch, run.batchCount, epochIsComplete) = formerPlace
        (batch, predictions, loss, batchLoss) = formerBatch
        setTrainingModes(modes)
        isTraining = true
        control.endsPhase = false
    }
}
