extension Schedule {
    /// The twin of a rate schedule in which the batch grows instead of the rate falling.
    ///
    /// "Don't decay the learning rate, increase the batch size" (Smith et al. 2017, arXiv 1711.00489), with the exact
    /// noise scale g = ε(N/B − 1) of Smith & Le 2017: at every moment the twin has the g of this schedule run at the
    /// batch size `base`. The rate is held and the batch is B = N/(1 + (ε/held)(N/base − 1)), rounded; where that
    /// passes `max` the batch stays there and the rate takes over. A cyclic rate gives a cyclic batch size.
    ///
    /// A warm-up stays one: until the schedule first comes to its highest value in the run, the batch is the one that
    /// belongs to that value (`base`, if no other rate is held), and the rate rises to the held one. Batches that grow at
    /// a low rate would begin with the largest of all.
    ///
    /// - Parameters:
    ///   - base: the batch size that this schedule is meant for, 1...dataset; the twin has it at the held rate.
    ///   - dataset: the number of training samples N.
    ///   - max: the largest batch, base...dataset; `dataset` when nil (Smith et al. stop at a tenth of it).
    ///   - rate: the rate that is held, above 0; when nil, the highest that the schedule can take (``bounds``).
    public func asBatchSize(base: Int, dataset: Int, max: Int? = nil, rate: Double? = nil) -> BatchSizeTwin {
        BatchSizeTwin(
            schedule: self, base: base, dataset: dataset, max: max ?? dataset, rate: rate ?? bounds?.upperBound)
    }
}

/// A batch size and a rate which together keep the noise scale of a rate schedule: see
/// ``Schedule/asBatchSize(base:dataset:max:rate:)``.
public struct BatchSizeTwin: Codable, Equatable, Sendable {
    /// The rate schedule that is to be matched.
    public let schedule: Schedule
    /// The batch size that the schedule is meant for.
    public let base: Int
    /// The number of training samples.
    public let dataset: Int
    /// The largest batch size.
    public let max: Int
    /// The rate that is held while the batch grows; nil when none was given and the schedule's highest is not known.
    public let rate: Double?

    private let peaks = PeakCache()

    private enum CodingKeys: String, CodingKey { case schedule, base, dataset, max, rate }

    init(schedule: Schedule, base: Int, dataset: Int, max: Int, rate: Double?) {
        self.schedule = schedule
        self.base = base
        self.dataset = dataset
        self.max = max
        self.rate = rate
    }

    /// What one update uses.
    public struct Setting: Codable, Equatable, Sendable {
        /// The number of samples in the batch.
        public let batchSize: Int
        /// The learning rate.
        public let rate: Double
        /// The batch size before rounding: with it the noise scale is matched exactly.
        public let exactBatchSize: Double
    }

    /// The setting where the original schedule would be at one of its updates, at the batch size `base`.
    ///
    /// - Parameters:
    ///   - step: the original update, from 0.
    ///   - total: the number of updates in the original run.
    public func at(step: Int, of total: Int) -> Setting { at(step: step, in: Timeline(totalSteps: total)) }

    /// The setting where the original schedule would be at one of its updates, at the batch size `base`.
    ///
    /// - Parameters:
    ///   - step: the original update, from 0.
    ///   - timeline: the original run.
    public func at(step: Int, in timeline: Timeline) -> Setting {
        setting(at: Moment(timeline: timeline, step: step))
    }

    /// The setting after a number of training samples: the twin and the original agree per sample, not per update.
    ///
    /// - Parameters:
    ///   - samples: the samples seen so far.
    ///   - total: the samples of the whole run.
    public func at(samples: Int, of total: Int) -> Setting {
        let step = 1 / Double(Swift.max(1, base))
        let length = Double(Swift.max(0, total)) * step
        return setting(
            at: Moment(
                position: Swift.min(Swift.max(0, Double(samples) * step), length), length: length, step: 1,
                epoch: Double(dataset) * step, sample: step))
    }

    /// The settings of all updates of a run of so many samples: their number is what a growing batch saves.
    ///
    /// - Parameter total: the samples of the whole run.
    public func updates(samples total: Int) -> [Setting] {
        var settings: [Setting] = []
        var seen = 0
        while seen < total {
            let setting = at(samples: seen, of: total)
            settings.append(setting)
            seen += Swift.max(1, setting.batchSize)
        }
        return settings
    }

    /// The batch size as a schedule, over the progress of the original.
    public var batchSizes: Schedule { Schedule(.batchTwin(BatchTwin(twin: self, output: .batchSizes))) }

    /// The rate as a schedule, over the progress of the original: held until the batch reaches its cap.
    public var rates: Schedule { Schedule(.batchTwin(BatchTwin(twin: self, output: .rates))) }

    /// Checks every parameter, those of the schedule as well.
    ///
    /// - Throws: ``ScheduleError/invalid(parameter:expected:got:)`` for the first parameter outside its range.
    public func validate() throws { try rates.validate() }

    func setting(at moment: Moment) -> Setting {
        let original = schedule.node.value(at: moment)
        let held = rate ?? .nan
        let excess = Double(dataset) / Double(base) - 1
        let noise = original * excess
        let exact = Double(dataset) / (1 + noise / held)
        guard exact.isFinite, exact > 0, max > 0 else {
            return Setting(batchSize: Swift.max(1, base), rate: .nan, exactBatchSize: .nan)
        }
        if original < held, let top = risingTo(held, at: moment), original < top {
            // The batch of the peak, with the rate that has the noise of now.
            let batch = Double(dataset) / (1 + top * excess / held)
            if batch <= Double(max) {
                return Setting(
                    batchSize: Int(batch.rounded()), rate: held * original / top, exactBatchSize: batch)
            }
        }
        let cap = Double(Swift.min(max, dataset))
        let bounded = Swift.min(Swift.max(exact, 1), cap)
        if bounded == exact {
            return Setting(batchSize: Int(exact.rounded()), rate: held, exactBatchSize: exact)
        }
        // The batch is at its limit: the rate carries on.
        let rest = Double(dataset) / bounded - 1
        return Setting(
            batchSize: Int(bounded), rate: rest > 0 ? noise / rest : held, exactBatchSize: bounded)
    }

    /// The value that the schedule is on its first way to: its highest in the run, or the held rate if that is lower; nil
    /// once it has been there.
    private func risingTo(_ held: Double, at moment: Moment) -> Double? {
        let peak = peaks.peak(of: schedule, in: moment, enough: held)
        return moment.position < peak.position && peak.value > 0 ? Swift.min(peak.value, held) : nil
    }
}

/// One side of a twin as a schedule.
struct BatchTwin: ScheduleShape {
    enum Output: String, Codable {
        case batchSizes, rates
    }

    var twin: BatchSizeTwin
    var output: Output

    func value(at moment: Moment) -> Double {
        let setting = twin.setting(at: moment)
        if setting.rate.isNaN { return .nan }
        return output == .rates ? setting.rate : Double(setting.batchSize)
    }

    var expression: String {
        let rate = twin.rate.map { ", rate: \(literal($0))" } ?? ""
        return "\(twin.schedule.node.shape.expression).asBatchSize(base: \(twin.base), dataset: \(twin.dataset), "
            + "max: \(twin.max)\(rate)).\(output.rawValue)"
    }

    var bounds: ClosedRange<Double>? {
        if output == .batchSizes { return range(1, Double(twin.max)) }
        guard let original = twin.schedule.bounds, let held = twin.rate else { return nil }
        return original.lowerBound >= 0 && original.upperBound <= held ? range(0, held) : nil
    }

    var parts: [Schedule] { [twin.schedule] }

    func check() throws {
        func invalid(_ parameter: String, _ expected: String, _ got: Int) -> ScheduleError {
            .invalid(parameter: "asBatchSize(\(parameter):)", expected: expected, got: "\(got)")
        }
        if twin.dataset < 1 { throw invalid("dataset", "1 or more", twin.dataset) }
        if !(1...twin.dataset).contains(twin.base) { throw invalid("base", "in 1...\(twin.dataset)", twin.base) }
        if !(twin.base...twin.dataset).contains(twin.max) {
            throw invalid("max", "in \(twin.base)...\(twin.dataset)", twin.max)
        }
        let held = twin.rate ?? .nan
        try require(
            held.isFinite && held > 0, "asBatchSize(rate:)",
            "a finite number above 0 (given, where the schedule's highest value is not known)", held)
    }
}
