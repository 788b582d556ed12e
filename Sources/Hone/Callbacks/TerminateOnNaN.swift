/// Stops the run when the loss of a training batch is not finite, before the batch can spoil the parameters.
open class TerminateOnNaN: LearnerCallback {
    /// ``Phase/decide``
    open override var phase: Phase { .decide }

    /// Looks at the batch's loss.
    open override func afterLoss(_ learner: Learner) throws {
        // The mean of a loss that counts nothing is no number, and does no harm.
        guard learner.isTraining, !learner.batchLoss.isFinite, learner.loss.count > 0 else { return }
        learner.request(
            .stop("the loss is \(learner.batchLoss) in epoch \(learner.progress.epoch), batch \(learner.run.batch)"))
    }
}
