/// Gathers what the model answers while a validation goes by, within a fit or on its own, at no further forward pass:
/// outputs, targets and, if asked for, the losses of the samples, in the data set's order. Inputs are not kept.
///
/// ```swift
/// let gatherer = PredictionsGatherer(withLosses: true)
/// try learner.fit(5, callbacks: [gatherer])
/// let worst = gatherer.predictions?.losses
/// ```
///
/// Batches that were skipped are left out. Losses and answers are by the learner's own loss, whatever another callback has
/// put in its place for the fit. The figures of a model with other weights in use are those of these weights.
open class PredictionsGatherer: LearnerCallback {
    /// Whether the losses of the samples are computed.
    public let withLosses: Bool

    /// What was gathered in the last validation, of the set without a name; nil when there was none.
    public var predictions: Predictions? { gathered[nil] }

    private var gathered: [String?: Predictions] = [:]
    private var batches = GatheredBatches()
    private var ownLoss: (any Loss)?

    /// Makes the callback.
    ///
    /// - Parameter losses: whether the losses of the samples are computed, by an `ElementwiseLoss`; fastai's default.
    public init(withLosses losses: Bool = false) { withLosses = losses }

    /// What was gathered in the last validation of a named set; nil when there was none.
    public func predictions(of set: String) -> Predictions? { gathered[set] }

    /// Fits, and validations on their own.
    open override var joins: RunKinds { [.fit, .validate] }

    /// ``Phase/prepare``
    open override var phase: Phase { .prepare }

    /// Forgets what was gathered, and takes down the loss.
    open override func beforeFit(_ learner: Learner) throws {
        if withLosses, !(learner.lossFunction is any ElementwiseLoss) {
            throw GatheredBatches.unknownLosses(learner.lossFunction)
        }
        ownLoss = learner.lossFunction
        gathered = [:]
    }

    /// Begins anew.
    open override func beforeValidate(_ learner: Learner) throws {
        if learner.validationSet == nil { gathered = [:] }
        batches = GatheredBatches()
    }

    /// Takes a batch's outputs and targets.
    open override func afterLoss(_ learner: Learner) throws {
        if !learner.isTraining { batches.add(learner.batch, learner.predictions) }
    }

    /// Joins what was gathered.
    open override func afterValidate(_ learner: Learner) throws {
        defer { batches = GatheredBatches() }
        guard !batches.isEmpty else { return }
        gathered[learner.validationSet] = try batches.described(
            by: ownLoss ?? learner.lossFunction, withLosses: withLosses)
    }

    /// Lets go of a validation that was not finished.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws {
        ownLoss = nil
        batches = GatheredBatches()
    }
}
