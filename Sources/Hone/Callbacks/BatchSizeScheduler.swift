/// Changes the number of samples in a training batch during a fit, between two optimizer steps.
///
/// The order of an epoch's samples stays; only where it is cut changes. The run's number of steps is worked out beforehand
/// with all changes, so that rate schedules end with the run; an interval in epochs is, for them, one of epochs of mean
/// length. A change by the clock cannot be foreseen: there schedules go on from where they stand, and end with the run, too.
/// With gradient accumulation in batches the step grows with the batch.
open class BatchSizeScheduler: LearnerCallback {
    private enum Source {
        case milestones([(time: Interval, size: Int)])
        case schedule(Schedule)
        case twin(BatchSizeTwin)
    }

    private let source: Source
    private let scaling: ScalingRule

    /// The sizes that were used, with the step, within the run, from which each was.
    @RunState public private(set) var changes: [Change] = []

    @RunState private var former: [Double] = []

    /// A batch size from some step on.
    public struct Change: Codable, Equatable, Sendable {
        /// The steps taken before, in the run.
        public let step: Int
        /// The samples in a batch.
        public let batchSize: Int
    }

    /// Changes the size at some moments of the run: `[.epochs(2): 128, .steps(500): 256]`.
    ///
    /// - Parameters:
    ///   - milestones: the moments, measured from the start of the run, and the size from each on; of those that have
    ///     passed the last in the list counts. Before the first the loader's size holds.
    ///   - scaling: how the learning rate follows, as a factor on what else sets it.
    public init(_ milestones: KeyValuePairs<Interval, Int>, scaling: ScalingRule) {
        source = .milestones(milestones.map { ($0.key, $0.value) })
        self.scaling = scaling
    }

    /// Follows a schedule of sizes, rounded, by the samples seen: as if every step were one batch of the loader's size.
    public init(_ schedule: Schedule, scaling: ScalingRule) {
        source = .schedule(schedule)
        self.scaling = scaling
    }

    /// Follows the twin of a rate schedule: the batch grows instead of the rate falling, and it sets the rate as well,
    /// where the batch is at its limit (see `Schedule.asBatchSize`). The twin's `base` is the loader's size.
    public init(_ twin: BatchSizeTwin) {
        source = .twin(twin)
        scaling = .none
    }

    /// ``Phase/schedule``
    open override var phase: Phase { .schedule }

    /// The learning rate, for a twin.
    open override var writes: [Hyperparameter] {
        if case .twin = source { [.learningRate] } else { [] }
    }

    /// Checks the sizes and sets the loop's batch size.
    open override func beforeFit(_ learner: Learner) throws {
        try learner.stages.setBatchSize(owner: learner.speaker, isForeseen: !followsClock, makePlan(learner))
        former = learner.optimizer.groups.map { $0.base[.learningRate] ?? .nan }
        if case .twin(let twin) = source { learner.optimizer.referenceRates = former.map { _ in twin.rate } }
    }

    private var followsClock: Bool {
        guard case .milestones(let milestones) = source else { return false }
        return milestones.contains { if case .minutes = $0.time { true } else { false } }
    }

    private func makePlan(_ learner: Learner) throws -> (WindowPlace) -> Int {
        let base = learner.data.train.batchSize
        switch source {
        case .milestones(let milestones):
            for (time, size) in milestones {
                try time.requireNotNegative("BatchSizeScheduler milestone")
                guard size >= 1 else { throw DataError.batchSize(size) }
            }
            return { [unowned learner] place in
                milestones.last { place.hasPassed($0.time, seconds: learner.elapsedInRun) }?.size ?? base
            }
        case .schedule(let schedule):
            let sizes = try ScheduledSize(schedule, learner)
            guard sizes.first >= 1 else { throw DataError.batchSize(sizes.first) }
            return { max(1, sizes.size(at: $0)) }
        case .twin(let twin):
            try twin.validate()
            guard twin.base == base, twin.dataset == learner.data.train.dataset.count else {
                throw LearnerError.argument(
                    "BatchSizeScheduler twin", value: "of batches of \(twin.base) of \(twin.dataset) samples",
                    expected: "the loader's \(base) of \(learner.data.train.dataset.count)")
            }
            return { [weak self, unowned learner] in self?.setting(twin, $0, learner).batchSize ?? base }
        }
    }

    private func setting(_ twin: BatchSizeTwin, _ place: WindowPlace, _ learner: Learner) -> BatchSizeTwin.Setting {
        let total = Double(learner.data.train.sampleCount)
        return twin.at(
            samples: Int((place.epochs * total).rounded()), of: Int(total * Double(learner.run.totalEpochs)))
    }

    /// Sets the rate of the step to come, as the scaling rule or the twin says.
    open override func beforeBatch(_ learner: Learner) throws {
        guard learner.isTraining, learner.window.microBatches == 0 else { return }
        let size = learner.run.batchSize
        if case .twin(let twin) = source {
            try learner.optimizer.set(.learningRate, to: setting(twin, learner.windowPlace, learner).rate)
        }
        if changes.last?.batchSize != size { changes.append(Change(step: learner.run.step, batchSize: size)) }
        guard scaling != .none else { return }
        let factor = scaling.factor(from: learner.data.train.batchSize, to: size)
        try learner.optimizer.modify(.learningRate, by: factor, owner: learner.speaker)
    }

    /// Puts the former rate back, where a twin has set it.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws {
        guard case .twin = source else { return }
        for (group, value) in former.enumerated() where !value.isNaN {
            try learner.optimizer.set(.learningRate, to: value, group: group)
        }
    }
}
