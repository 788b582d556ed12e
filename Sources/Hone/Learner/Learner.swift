import HoneKernels

/// Trains a model: it owns data, model, loss and optimizer, runs the loop, and calls callbacks at its moments.
///
/// ```swift
/// let digits  = try Digits.load()
/// let data    = try DataLoaders(digits.split(valid: 0.2, seed: 42), batchSize: 64)
/// let model   = Sequential(Linear(64, 128), ReLU(), Linear(128, 10))
/// let learner = Learner(data, model: model, loss: CrossEntropy(), optimizer: Adam(), metrics: [Accuracy()])
///
/// let sweep = try learner.lrFind()
/// try learner.fitOneCycle(5, lrMax: sweep.suggestion(.valley))
/// ```
///
/// A learner is used from one thread; hooks are called on the thread that started the run.
open class Learner {
    // MARK: What it owns

    /// The batches.
    public let data: DataLoaders

    /// What is trained.
    public let model: any Module

    /// What is made small. In a run, change it with ``replace(_:with:)``.
    @exclusivity(unchecked) public var lossFunction: any Loss

    /// The rule that changes the parameters, with its groups.
    public let optimizer: Optimizer

    /// What is measured in validations.
    public let metrics: [any Metric]

    /// Where initial values, the order of samples, dropout and augmentation come from.
    public let seed: UInt64

    /// What happened, step by step and epoch by epoch.
    public let recorder: Recorder

    /// The callbacks in the order of adding; the first two are the recorder and the progress reporter.
    public internal(set) var callbacks: [any Callback]

    /// Whether SIGINT ends a fit after the step under way.
    public let handlesInterrupt: Bool

    /// Whether norms are trained in frozen parts, too; see ``freeze(to:)``.
    public let trainsBatchNorm: Bool

    let grouping: ParameterGrouping

    /// What could not be set up; thrown by the first run.
    let setupError: (any Error)?

    // MARK: Where it is
    // What each step changes is left out of dynamic access checks, which cost as much as a small operation: the loop and the
    // callbacks take turns on one thread, and no access lasts beyond its statement.

    /// How far it has come in its whole life.
    @exclusivity(unchecked) public internal(set) var progress = TrainingProgress()

    /// How far the present run has come, or the last one came.
    @exclusivity(unchecked) public internal(set) var run = RunProgress()

    /// Whether a run is going on.
    @exclusivity(unchecked) public internal(set) var isRunning = false

    /// Whether the present batch is one of training.
    @exclusivity(unchecked) public internal(set) var isTraining = false

    /// The present batch.
    @exclusivity(unchecked) public var batch = Batch(inputs: [], targets: [], indices: [])

    /// The model's outputs for the present batch.
    @exclusivity(unchecked) public var predictions: [Tensor] = []

    /// The loss of the present batch, as sum and count; callbacks may add to it in `afterLoss`.
    @exclusivity(unchecked) public var loss = LossValue(sum: Tensor(0), count: 0)

    /// The mean loss of the present batch.
    @exclusivity(unchecked) public internal(set) var batchLoss = Double.nan

    /// The mean loss of the samples of the present accumulation window; in `afterStep`, of those of the step.
    public var stepLoss: Double { window.lossSum / window.count }

    /// The mean loss of the run's training batches, the latest weighing most (β = 0.98, without bias).
    public var smoothedLoss: Double { smoothed.value }

    /// The mean loss over the training samples of the present or last epoch; NaN when it has trained on none.
    public var epochLoss: Double { epochMean.value }

    /// What the last validation found, or nil when there was none in this run or it ended before any batch.
    public internal(set) var validation: ValidationResult?

    /// Which of the data's named sets the present or last validation is over; nil for the one without a name.
    public internal(set) var validationSet: String?

    /// Whether a validation is going on amid the training of an epoch; see ``ValidateEvery``.
    public internal(set) var isValidatingWithinEpoch = false

    /// What the validation of the present epoch found; nil until it has ended, or when it was skipped.
    public internal(set) var epochValidation: ValidationResult?

    /// The name of the weights that are in the model at present: ``trainedWeights``, or what a callback says that puts
    /// others there, for a validation or for good. A fit begins with what is there, which is what is trained then.
    /// Validations (where a schedule-free optimizer's are called `averaged`), rows and files take it down; see
    /// ``withWeights(_:_:)``.
    public var weightsInUse = Learner.trainedWeights

    /// The name of the weights that the optimizer changes.
    public static let trainedWeights = "trained"

    /// Seconds since the run began.
    public var elapsedInRun: Double { Double(hone_clock_ns() - run.start) / 1e9 }

    /// In `afterStep`: whether the optimizer took the step.
    @exclusivity(unchecked) public internal(set) var didStep = false

    /// The norm of the window's gradient before it was clipped, from `beforeStep` on; NaN when nothing clips.
    public internal(set) var gradientNorm = Double.nan

    /// In `afterEpoch`: whether all of the epoch's batches, and those of its validation, were gone through.
    public internal(set) var epochIsComplete = false

    /// The loop's stages as callbacks have set them for this run.
    @exclusivity(unchecked) public var stages = LoopStages()

    /// Where the time of the last run went.
    public internal(set) var timings = Timings()

    /// The memory of the tensors that its runs make; its statistics say how much is in use, and its cap how much is kept.
    public let pool = StoragePool()

    // MARK: What the loop works with

    /// Other weights that can be had, by their names.
    var weightViews: [String: WeightView] = [:]
    /// Whether runs leave the weights as they are, though the optimizer has others to evaluate with.
    var usesWeightsAsTheyAre = false

    /// Who asks outside of all hooks.
    static let modelSpeaker = "the model"

    /// Where a loss begins to draw from its batch's key; the forward pass begins at 0 and never comes so far.
    static let firstDrawOfLoss: UInt64 = 1 << 32

    /// The model, if it takes several inputs: to ask at each step costs as much as a small operation.
    private let multiInput: (any MultiInputModule)?
    let tape = Tape()
    let key: RandomKey
    @exclusivity(unchecked) var smoothed = SmoothedMean()
    @exclusivity(unchecked) var epochMean = LossMean()
    @exclusivity(unchecked) var window = GradientWindow()
    /// Whether all training batches of the present or last epoch were gone through.
    var trainingIsComplete = false
    /// The samples that the run had seen when the present epoch's training began.
    @exclusivity(unchecked) var samplesBeforeEpoch = 0
    /// The window's batches, with their numbers in the learner's life, if a callback wants them kept.
    @exclusivity(unchecked) var windowBatches: [(batch: Batch, number: Int)] = []
    /// Who wants to see the outputs of the present batch's modules.
    @exclusivity(unchecked) var forwardObservers: [(ObservedCall) -> Void] = []
    @exclusivity(unchecked) var control = LoopControl()
    @exclusivity(unchecked) var pendingRequest: (request: Request, by: String)?
    /// Whose hook is being called.
    var speaker: String { plan?.speaker ?? Learner.modelSpeaker }
    @exclusivity(unchecked) var mayStillSkipBatch = true
    @exclusivity(unchecked) var watchesInterrupt = false
    /// The windows with which the run's steps were last counted, where they change in ways that are not foreseen; nil before
    /// the first.
    var countedWindow: (size: Int, accumulation: AccumulationWindow)?
    /// Whether the step under way is one of ``update(groups:_:)``.
    var isUpdating = false
    /// When the run's last validation came.
    var lastValidation = (step: 0, scheduleStep: 0.0, seconds: 0.0)
    /// The batches that a rehearsal goes through of each loader; nil but in one.
    var rehearsedBatches: Int?
    @exclusivity(unchecked) var plan: CallbackPlan?
    var plans: [RunKind: CallbackPlan] = [:]
    /// Those that were given to the present run alone.
    var extraCallbacks: [any Callback] = []
    /// What modified the hyper-parameters before the present run.
    var formerModifiers: Optimizer.Modifiers?
    var formerReferenceRates: [Double?]?
    var undo: [() -> Void] = []

    /// Makes a learner and draws the model's initial values.
    ///
    /// What cannot be set up (groups that do not fit the model, a model without parameters) is thrown by the first run.
    /// - Parameters:
    ///   - data: the batches to train on and to validate with.
    ///   - model: what is trained; values that were never drawn are drawn from `seed` and each parameter's name.
    ///   - loss: what is made small.
    ///   - optimizer: the update rule.
    ///   - metrics: what is measured in validations.
    ///   - callbacks: joined to the recorder and the progress reporter, which every learner has.
    ///   - groups: where the parameters are cut into groups.
    ///   - trainsBatchNorm: whether norms are trained in frozen parts, too (fastai's `train_bn`); see ``freeze(to:)``.
    ///   - seed: where all randomness comes from.
    ///   - handlesInterrupt: whether SIGINT ends a fit after the step under way.
    public init(
        _ data: DataLoaders, model: any Module, loss: any Loss, optimizer rule: any UpdateRule = Adam(),
        metrics: [any Metric] = [], callbacks: [any Callback] = [], groups: ParameterGrouping = .whole,
        trainsBatchNorm: Bool = true, seed: UInt64 = 42, handlesInterrupt: Bool = true
    ) {
        self.data = data
        self.model = model
        multiInput = model as? any MultiInputModule
        lossFunction = loss
        self.metrics = metrics
        self.seed = seed
        self.handlesInterrupt = handlesInterrupt
        self.trainsBatchNorm = trainsBatchNorm
        grouping = groups
        key = RandomKey(seed: seed)
        let arena = ParameterArena.adopt(model, seed: seed)
        (optimizer, setupError) = Learner.makeOptimizer(rule, arena, groups)
        recorder = Recorder()
        self.callbacks = [recorder, ProgressReporter()] + callbacks
    }

    private static func makeOptimizer(
        _ rule: any UpdateRule, _ arena: ParameterArena, _ groups: ParameterGrouping
    ) -> (Optimizer, (any Error)?) {
        do {
            return (try Optimizer(rule, arena, groups: groups), nil)
        } catch {
            return (Optimizer(rule, arena), error)
        }
    }

    /// The first of the model's outputs for the present batch.
    public var prediction: Tensor {
        get { predictions[0] }
        set { predictions[0] = newValue }
    }

    /// The model's parameters, as two stretches of memory.
    public var arena: ParameterArena { optimizer.arena }

    // MARK: Steps that a subclass may override

    /// What is done with a training batch between `beforeBatch` and `afterBatch`.
    ///
    /// This adds the gradient of its loss to the accumulation window, which the loop steps when it is complete. A subclass
    /// whose parts are trained in turn calls ``update(groups:_:)`` for each instead.
    open func trainingStep(_ batch: Batch) throws { try accumulateGradient() }

    /// How many optimizer steps ``trainingStep(_:)`` takes by ``update(groups:_:)``, for the lengths of schedules; 0 when it
    /// leaves the step to the loop.
    open var updatesPerBatch: Int { 0 }

    /// The model's outputs for a batch.
    open func forward(_ batch: Batch) throws -> [Tensor] {
        if let multiInput { return multiInput(batch.inputs) }
        guard let input = batch.inputs.first else {
            throw LearnerError.argument("batch.inputs", value: "empty", expected: "at least one tensor")
        }
        return [model(input)]
    }

    /// The loss of the present predictions.
    open func computeLoss(_ predictions: [Tensor], _ batch: Batch) throws -> LossValue {
        guard let target = batch.target else { throw LearnerError.missingTarget }
        guard let prediction = predictions.first else {
            throw LearnerError.argument("predictions", value: "empty", expected: "at least one tensor")
        }
        return lossFunction.evaluate(prediction, target)
    }

    // MARK: What callbacks ask

    /// Asks the loop for something; see ``Request``. Every callback sees the present event before the loop acts, and
    /// then the strongest request wins. Outside of a run a request is ignored.
    public func request(_ request: Request) {
        guard isRunning else { return }
        if let pending = pendingRequest, pending.request.strength >= request.strength { return }
        pendingRequest = (request, speaker)
    }

    /// Shows `observer` the outputs of every module that the present batch's forward pass calls, inner ones first; for
    /// `beforeBatch`. In training they are tracked, so that what is made of them may be added to the loss.
    ///
    /// Operations that layers share are run apart in an observed pass: it is slower.
    public func observeForward(_ observer: @escaping (ObservedCall) -> Void) {
        if isRunning { forwardObservers.append(observer) }
    }

    /// Shows `observer` the gradient of a tensor of the present batch's forward pass, while the backward pass goes by; for
    /// observers of that pass, and hooks from `afterForward` to `beforeBackward`. It is scaled as the gradients in the
    /// arena are then.
    public func observeGradient(of tensor: Tensor, _ observer: @escaping (Tensor) -> Void) {
        tape.observeGradient(of: tensor, observer)
    }

    /// Sets a property until the end of the run (or, outside of one, of the next), when the loop puts it back.
    public func replace<Value>(_ property: ReferenceWritableKeyPath<Learner, Value>, with value: Value) {
        let former = self[keyPath: property]
        undo.append { [unowned self] in self[keyPath: property] = former }
        self[keyPath: property] = value
    }
}
