/// Stops the run when the loss of a training batch is not finite, before the batch can spoil the parameters.
open class TerminateOnNaN: LearnerCallback {
    /// ``Phase/decide``
    open override var phase: Phase { .decide }

    /// Looks at the batch's loss.
    open override func afterLoss(_ learner: Learner) throws {
        guard learner.isTraining, !learner.batchLoss.isFinite else { return }
        learner.request(
            .stop("the loss is \(learner.batchLoss) in epoch \(learner.progress.epoch), batch \(learner.run.batch)"))
    }
}
