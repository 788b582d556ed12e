/// Stops a fit when a monitored figure has not become better for a while.
///
/// An epoch whose figure was not measured (its validation was skipped) counts as one without improvement; NaN never is
/// an improvement.
open class EarlyStopping: LearnerCallback {
    /// What is watched.
    public let monitor: Monitor

    /// How long to wait for an improvement.
    public let patience: Interval

    /// By how much a figure must be better to count, ≥ 0.
    public let minDelta: Double

    /// The best figure so far; nil before the first.
    @RunState public private(set) var best: Double?

    /// The number of epochs since the best.
    @RunState public private(set) var wait = 0

    @RunState private var atBest = Mark()

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
    public init(monitor: Monitor = .validLoss, patience: Interval = .epochs(3), minDelta: Double = 0) {
        self.monitor = monitor
        self.patience = patience
        self.minDelta = minDelta
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
    }

    /// Compares the epoch's figure with the best.
    open override func afterEpoch(_ learner: Learner) throws {
        let direction = try monitor.direction(in: learner)
        let value = monitor.value(in: learner) ?? .nan
        let needed = (best ?? .nan) + (direction == .higherIsBetter ? minDelta : -minDelta)
        if direction.isBetter(value, than: needed) {
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
