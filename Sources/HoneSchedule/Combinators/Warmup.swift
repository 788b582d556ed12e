extension Schedule {
    /// What a warm-up does to the schedule that it stands before.
    public enum WarmupMode: String, Codable, CaseIterable, Sendable {
        /// The warm-up comes first, then the whole schedule from its own step 0, in the rest of the run: continuous.
        /// (fastai, Hugging Face; timm's `warmup_prefix=True`, which makes the run longer where this makes room in it.)
        case prefix
        /// The warm-up replaces the beginning of the schedule, rising to its first value. A schedule that has left its
        /// first value by then gives a jump. (timm's `warmup_prefix=False`, its default with cosine.)
        case overlay
        /// The beginning of the schedule is multiplied by the warm-up, rising to 1: continuous, with no shift in time.
        /// (Goyal et al. 2017 with a step schedule; torch's warm-up in a `ChainedScheduler`.)
        case multiply
    }

    /// A warm-up in front of this schedule.
    ///
    /// - Parameters:
    ///   - length: how long it takes.
    ///   - from: where it begins, as a factor of the value that it rises to; 0 makes the first update do nothing, as
    ///     in BERT and Hugging Face; 1/k is Goyal et al. 2017 for a batch k times as large. Above 0 on an exponential.
    ///   - curve: how it rises; `.constant` holds the low value until the end.
    ///   - mode: what it does to this schedule.
    public func warmup(
        over length: Interval, from: Double = 0, curve: Curve = .linear, mode: WarmupMode = .prefix
    ) -> Schedule {
        Schedule(.warmup(Warmup(schedule: self, length: length, from: from, curve: curve, mode: mode)))
    }
}

/// A schedule behind a warm-up.
struct Warmup: ScheduleShape {
    var schedule: Schedule
    var length: Interval
    var from: Double
    var curve: Schedule.Curve
    var mode: Schedule.WarmupMode

    func value(at moment: Moment) -> Double {
        let length = moment.length(of: length)
        if length.isNaN { return .nan }
        let isWarm = moment.hasReached(length)
        switch mode {
        case .prefix where isWarm:
            return schedule.node.value(at: moment.inside(from: length, length: moment.length - length))
        case .overlay where isWarm, .multiply where isWarm:
            return schedule.node.value(at: moment)
        case .prefix:
            // A warm-up that fills the run still rises to the first value of what would have come after it.
            let rest = moment.length - length
            var start = moment.inside(from: moment.position, length: rest > 0 ? rest : 1)
            start.position = 0
            return warmed(schedule.node.value(at: start), moment.position / length)
        case .overlay:
            var start = moment
            start.position = 0
            return warmed(schedule.node.value(at: start), moment.position / length)
        case .multiply:
            return schedule.node.value(at: moment) * curve.value(from: from, to: 1, at: moment.position / length)
        }
    }

    private func warmed(_ target: Double, _ progress: Double) -> Double {
        target * curve.value(from: from, to: 1, at: progress)
    }

    var expression: String {
        let curve = curve == .linear ? "" : ", curve: \(curve)"
        let mode = mode == .prefix ? "" : ", mode: .\(mode.rawValue)"
        return "\(schedule.node.shape.expression).warmup(over: \(length), from: \(literal(from))\(curve)\(mode))"
    }

    var bounds: ClosedRange<Double>? {
        guard let bounds = schedule.bounds else { return nil }
        return union(bounds, union(range(bounds.lowerBound * from, 0), range(bounds.upperBound * from, 0)))
    }

    var parts: [Schedule] { [schedule] }

    var intervals: [(name: String, interval: Interval)] { [("warmup(over:)", length)] }

    func check() throws {
        try require(from.isFinite && from >= 0, "warmup(from:)", "a finite factor of 0 or more", from)
        try curve.check(from: from, to: 1, of: "warmup")
    }
}
