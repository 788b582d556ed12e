/// Stops a fit when a monitored figure has not become better for a while.
///
/// It looks at each epoch's end, and at figures of validations after each validation within an epoch (``ValidateEvery``),
/// too. An epoch whose figure was not measured (its validation was skipped or cut short) counts as one without
/// improvement; NaN never is an improvement.
///
/// The best model that `restoresBest` puts back is the trained weights, the buffers and the optimizer's memory. Where an
/// average of the weights was validated (`ExponentialMovingAverage`) and stays in the model after the fit, it is that of
/// the best moment, and the trained weights of that moment can be had by their name (``Learner/withWeights(_:_:)``).
open class EarlyStopping: LearnerCallback {
    /// What is watched.
    public let monitor: Monitor

    /// How long to wait for an improvement.
    public let patience: Interval

    /// By how much a figure must be better to count, ≥ 0.
    public let minDelta: Double

    /// Whether `minDelta` is a share of the best figure rather than a difference.
    public let isRelative: Bool

    /// What the first figure must be better than, or nil.
    public let baseline: Double?

    /// Whether the model of the best epoch is put back at the end of the fit.
    public let restoresBest: Bool

    /// The best figure so far; nil before the first.
    @RunState public private(set) var best: Double?

    /// How often it has looked since the best: at epochs' ends, and at validations within them.
    @RunState public private(set) var wait = 0

    @RunState private var atBest = Mark()

    /// The model of the best epoch; memory of this process alone, so that a resumed fit keeps a later best.
    private var bestModel: ModelState?

    /// The weights that were validated then, if they are others than the trained ones.
    private var bestView: (name: String, view: WeightView)?

    private struct Mark: Codable {
        var step = 0
        var scheduleStep = 0.0
        var samples = 0
        var epochs = 0.0
        var seconds = 0.0
    }

    /// Makes the guard.
    ///
    /// - Parameters:
    ///   - monitor: what is watched; whether higher or lower is better is known of it.
    ///   - patience: how long to wait: the fit stops when the wait is as long as this.
    ///   - minDelta: by how much a figure must be better to count, ≥ 0.
    ///   - isRelative: whether that is a share of the best figure rather than a difference.
    ///   - baseline: what the first figure must be better than to count; nil for nothing.
    ///   - restoresBest: whether the model of the best epoch is put back at the end of the fit, however it ends but by
    ///     an error. Costs a copy of the weights and the optimizer's memory at each improvement.
    public init(
        monitor: Monitor = .validLoss, patience: Interval = .epochs(3), minDelta: Double = 0, isRelative: Bool = false,
        baseline: Double? = nil, restoresBest: Bool = false
    ) {
        self.monitor = monitor
        self.patience = patience
        self.minDelta = minDelta
        self.isRelative = isRelative
        self.baseline = baseline
        self.restoresBest = restoresBest
    }

    /// ``Phase/decide``
    open override var phase: Phase { .decide }

    /// Checks that the figure will be there.
    open override func beforeFit(_ learner: Learner) throws {
        _ = try monitor.direction(in: learner)
        try patience.requireNotNegative("EarlyStopping patience")
        guard minDelta >= 0 else {
            throw LearnerError.argument("EarlyStopping minDelta", value: "\(minDelta)", expected: "0 or more")
        }
        if let baseline, !baseline.isFinite {
            throw LearnerError.argument("EarlyStopping baseline", value: "\(baseline)", expected: "a finite number")
        }
        (bestModel, bestView) = (nil, nil)
    }

    /// Compares the figure of a validation within an epoch with the best.
    open override func afterValidate(_ learner: Learner) throws {
        guard learner.hasValidatedWithinEpoch, monitor != .trainLoss else { return }
        try compare(learner, epochs: learner.windowPlace.epochs)
    }

    /// Compares the epoch's figure with the best.
    open override func afterEpoch(_ learner: Learner) throws {
        // A fit that was stopped before the figure was there has nothing to compare.
        if learner.control.stop != nil, monitor.value(in: learner) == nil { return }
        try compare(learner, epochs: Double(learner.run.epoch + 1))
    }

    private func compare(_ learner: Learner, epochs: Double) throws {
        let direction = try monitor.direction(in: learner)
        let value = monitor.value(in: learner) ?? .nan
        let former = best ?? baseline ?? .nan
        let delta = isRelative ? minDelta * abs(former) : minDelta
        if direction.isBetter(value, than: former + (direction == .higherIsBetter ? delta : -delta)) {
            if restoresBest { keepModel(learner) }
            best = value
            wait = 0
            atBest = Mark(
                step: learner.run.step, scheduleStep: learner.run.scheduleStep, samples: learner.run.samples,
                epochs: epochs, seconds: learner.elapsedInRun)
            return
        }
        wait += 1
        if hasWaitedLongEnough(learner, epochs: epochs) {
            let unit = learner.stages.validation == nil || monitor == .trainLoss ? "epochs" : "validations"
            let figure = best.map { format($0, 6) } ?? "nothing"
            learner.request(.stop("\(monitor) has not improved on \(figure) for \(wait) \(unit)"))
        }
    }

    private func keepModel(_ learner: Learner) {
        bestModel = learner.modelState()
        bestView = nil
        guard monitor != .trainLoss, let name = learner.validation?.weights, let view = learner.weightViews[name] else {
            return
        }
        let values = view.values()
        bestView = (name, WeightView(values: { values }, buffers: view.buffers, prepare: view.prepare))
    }

    /// Puts the best model back, unless it is the present one.
    open override func afterFit(_ learner: Learner, _ outcome: FitOutcome) throws {
        guard learner.run.step > atBest.step, let bestModel else { return }
        let shown = learner.weightsInUse
        try learner.restore(bestModel)
        guard let (name, view) = bestView else { return }
        learner.weightViews[name] = view
        if name == shown { try learner.useWeights(name) }
    }

    /// Lets go of the best model.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws { (bestModel, bestView) = (nil, nil) }

    private func hasWaitedLongEnough(_ learner: Learner, epochs: Double) -> Bool {
        let run = learner.run
        switch patience {
        // Shares may miss a whole by rounding.
        case .epochs(let count): return epochs - atBest.epochs >= count - 1e-9
        case .steps(let count): return run.step - atBest.step >= count
        case .samples(let count): return run.samples - atBest.samples >= count
        case .fraction(let share):
            return run.scheduleStep - atBest.scheduleStep >= share * Double(run.timeline.totalSteps) - 1e-9
        case .minutes(let count): return learner.elapsedInRun - atBest.seconds >= 60 * count
        }
    }
}
