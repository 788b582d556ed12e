/// Stops a fit when a monitored figure has not become better for a while.
///
/// An epoch whose figure was not measured (its validation was skipped) counts as one without improvement; NaN never is
/// an improvement.
///
/// The best model that `restoresBest` puts back is the trained weights, the buffers and the optimizer's memory; a
/// callback that leaves an average of the weights in the model is overruled.
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

    /// The number of epochs since the best.
    @RunState public private(set) var wait = 0

    @RunState private var atBest = Mark()

    /// The model of the best epoch; memory of this process alone, so that a resumed fit keeps a later best.
    private var bestModel: ModelState?

    private struct Mark: Codable {
        var step = 0
        var samples = 0
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
        bestModel = nil
    }

    /// Compares the epoch's figure with the best.
    open override func afterEpoch(_ learner: Learner) throws {
        let direction = try monitor.direction(in: learner)
        let value = monitor.value(in: learner) ?? .nan
        let former = best ?? baseline ?? .nan
        let delta = isRelative ? minDelta * abs(former) : minDelta
        if direction.isBetter(value, than: former + (direction == .higherIsBetter ? delta : -delta)) {
            if restoresBest { bestModel = learner.modelState() }
            best = value
            wait = 0
            atBest = Mark(step: learner.run.step, samples: learner.run.samples, seconds: learner.elapsedInRun)
            return
        }
        wait += 1
        if hasWaitedLongEnough(learner) {
            learner.request(
                .stop("\(monitor) has not improved on \(best.map { format($0, 6) } ?? "nothing") for \(wait) epochs"))
        }
    }

    /// Puts the best model back.
    open override func afterFit(_ learner: Learner, _ outcome: FitOutcome) throws {
        if wait > 0, let bestModel { try learner.restore(bestModel) }
    }

    /// Lets go of the best model.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws { bestModel = nil }

    private func hasWaitedLongEnough(_ learner: Learner) -> Bool {
        let run = learner.run
        switch patience {
        case .epochs(let count): return Double(wait) >= count
        case .steps(let count): return run.step - atBest.step >= count
        case .samples(let count): return run.samples - atBest.samples >= count
        case .fraction(let share): return Double(run.step - atBest.step) >= share * Double(run.totalSteps)
        case .minutes(let count): return learner.elapsedInRun - atBest.seconds >= 60 * count
        }
    }
}
