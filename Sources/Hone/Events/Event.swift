/// The moments of a run at which callbacks are called.
///
/// ```
/// beforeFit
///   beforeEpoch
///     beforeTrain
///       for each batch:
///         beforeBatch → forward → afterForward → loss → afterLoss → beforeBackward → backward → afterBackward
///         when the accumulation window is complete:
///           unscale → gradientsReady → clip → beforeStep → step → afterStep → zero gradients
///         afterBatch
///     afterTrain
///     beforeValidate → for each batch: (beforeBatch → afterForward → afterLoss → afterBatch) → afterValidate
///   afterEpoch
/// afterFit(outcome)
/// teardown(outcome)
/// ```
///
/// A prediction is its batches between `beforePredict` and `afterPredict`; a validation on its own is
/// `beforeValidate … afterValidate`. Every `after…` comes once for its `before…`, whatever was requested in between.
public enum Event: String, CaseIterable, Sendable, Codable {
    /// Before the first epoch of a fit.
    case beforeFit
    /// Before each epoch.
    case beforeEpoch
    /// Before an epoch's first training batch.
    case beforeTrain
    /// Before each batch, of training, validation and prediction; `learner.batch` may be changed.
    case beforeBatch
    /// After the model's forward pass; `learner.predictions` are there.
    case afterForward
    /// After the loss; `learner.loss` may be added to.
    case afterLoss
    /// Before the backward pass.
    case beforeBackward
    /// After the backward pass.
    case afterBackward
    /// When the gradients of a window are complete and unscaled, before they are clipped.
    case gradientsReady
    /// After clipping, before the optimizer's step.
    case beforeStep
    /// After the step; the counters have moved on, and the gradients are still there.
    case afterStep
    /// After each batch.
    case afterBatch
    /// After an epoch's last training batch.
    case afterTrain
    /// Before the first validation batch.
    case beforeValidate
    /// After the last validation batch; the metrics are there.
    case afterValidate
    /// Before the first batch of a prediction.
    case beforePredict
    /// After the last batch of a prediction.
    case afterPredict
    /// After each epoch.
    case afterEpoch
    /// After the last epoch, unless the run failed.
    case afterFit
    /// At the very end of every run, also of one that failed.
    case teardown

    /// Calls the callback's hook of this event; the two that take an outcome have calls of their own.
    @inline(__always) func deliver(to callback: any Callback, _ learner: Learner) throws {
        switch self {
        case .beforeFit: try callback.beforeFit(learner)
        case .beforeEpoch: try callback.beforeEpoch(learner)
        case .beforeTrain: try callback.beforeTrain(learner)
        case .beforeBatch: try callback.beforeBatch(learner)
        case .afterForward: try callback.afterForward(learner)
        case .afterLoss: try callback.afterLoss(learner)
        case .beforeBackward: try callback.beforeBackward(learner)
        case .afterBackward: try callback.afterBackward(learner)
        case .gradientsReady: try callback.gradientsReady(learner)
        case .beforeStep: try callback.beforeStep(learner)
        case .afterStep: try callback.afterStep(learner)
        case .afterBatch: try callback.afterBatch(learner)
        case .afterTrain: try callback.afterTrain(learner)
        case .beforeValidate: try callback.beforeValidate(learner)
        case .afterValidate: try callback.afterValidate(learner)
        case .beforePredict: try callback.beforePredict(learner)
        case .afterPredict: try callback.afterPredict(learner)
        case .afterEpoch: try callback.afterEpoch(learner)
        case .afterFit, .teardown: break
        }
    }
}
