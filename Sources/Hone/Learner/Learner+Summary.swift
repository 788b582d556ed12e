extension Learner {
    /// A table of the model's layers, with the shapes of their outputs, parameters and multiply-adds, from the next batch
    /// of training; see ``ModelSummary``.
    ///
    /// The pass is one of evaluation and leaves no trace.
    /// - Throws: ``LearnerError/alreadyRunning(_:)`` within a run, what loading the batch throws, and the error of the
    ///   forward pass.
    public func summary() throws -> ModelSummary {
        try refuseRunWithinRun()
        let batches = data.train.batches(epoch: progress.epoch, key: key)
        return try model.summary(for: batches.batch(0).inputs)
    }
}
