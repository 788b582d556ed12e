/// Moves the batch size, or the accumulation, towards the gradient noise scale that a monitor measures.
///
/// Opt-in, bounded, and slow: it moves only when the samples of a step lie outside the monitor's 95 % interval, by at most
/// a factor at a time, and every move is in ``moves``. Schedules end with the run all the same: at a move they go on from
/// where they stand, faster or slower (see ``RunProgress/scheduleStep``).
open class NoiseScaleController: LearnerCallback {
    /// What it moves, within which bounds.
    public enum Lever: Equatable, Sendable {
        /// The samples of a batch.
        case batchSize(ClosedRange<Int>)
        /// The batches of a step.
        case accumulation(ClosedRange<Int>)

        var bounds: ClosedRange<Int> {
            switch self {
            case .batchSize(let bounds), .accumulation(let bounds): bounds
            }
        }
    }

    /// A change.
    public struct Move: Codable, Equatable, Sendable, CustomStringConvertible {
        /// The optimizer steps of the run before it.
        public let step: Int
        /// The batch size or the accumulation before.
        public let from: Int
        /// The same afterwards.
        public let to: Int
        /// The noise scale that was the reason, in samples.
        public let noiseScale: Double

        /// In words.
        public var description: String {
            "step \(step): \(from) → \(to), for a noise scale of \(format(noiseScale, 1)) samples"
        }
    }

    private let monitor: NoiseScaleMonitor
    private let lever: Lever
    private let every: Int
    private let ratio: Double
    private let maxFactor: Double
    private let scaling: ScalingRule

    /// The changes made in the run.
    @RunState public private(set) var moves: [Move] = []

    /// Makes the controller.
    ///
    /// - Parameters:
    ///   - monitor: what measures; one of the learner's callbacks. Where a step may be one of a single batch, it has to
    ///     split batches or tell examples apart.
    ///   - lever: what is moved, and its bounds.
    ///   - every: how many optimizer steps lie between two looks, 1 or more.
    ///   - ratio: the samples of a step that are aimed at, as a share of the noise scale, > 0.
    ///   - maxFactor: by how much a move changes at most, > 1.
    ///   - scaling: how the learning rate follows the samples of a step, as a factor on what else sets it.
    public init(
        _ monitor: NoiseScaleMonitor, moving lever: Lever, every: Int = 100, ratio: Double = 1, maxFactor: Double = 2,
        scaling: ScalingRule
    ) {
        self.monitor = monitor
        self.lever = lever
        self.every = every
        self.ratio = ratio
        self.maxFactor = maxFactor
        self.scaling = scaling
    }

    /// ``Phase/schedule``
    open override var phase: Phase { .schedule }

    /// Checks the arguments and takes over the stage.
    open override func beforeFit(_ learner: Learner) throws {
        try check(learner)
        switch lever {
        case .batchSize:
            let base = start(learner)
            try learner.stages.setBatchSize(owner: learner.speaker, isForeseen: false) { [weak self] _ in
                self?.moves.last?.to ?? base
            }
        case .accumulation:
            let base = start(learner)
            try learner.stages.setAccumulation(owner: learner.speaker, isForeseen: false) { [weak self] _ in
                .batches(self?.moves.last?.to ?? base)
            }
        }
    }

    private func check(_ learner: Learner) throws {
        let bounds = lever.bounds
        if bounds.lowerBound < 1 {
            throw LearnerError.argument("NoiseScaleController bounds", value: "\(bounds)", expected: "1 or more")
        }
        for (name, value, least, words) in [
            ("every", Double(every), 1, "at least 1"), ("ratio", ratio, Double.leastNonzeroMagnitude, "above 0"),
            ("maxFactor", maxFactor, 1.0.nextUp, "above 1"),
        ] where !(value >= least && value.isFinite) {
            throw LearnerError.argument("NoiseScaleController \(name)", value: "\(value)", expected: words)
        }
        if learner.plan?.entries.contains(where: { $0.callback === monitor }) != true {
            throw LearnerError.argument(
                "NoiseScaleController monitor", value: "not one of the run's callbacks",
                expected: "to be added as well")
        }
        if !monitor.perExample, monitor.parts == nil, hasWindowsOfOneBatch(learner) {
            throw LearnerError.argument(
                "NoiseScaleController monitor", value: "one of whole batches alone, of which a step may have one",
                expected: "splittingInto: or perExample:, which measure such steps, or two batches to a step at least")
        }
    }

    /// Whether a step may be one of a single batch, of which nothing can be told without its parts.
    private func hasWindowsOfOneBatch(_ learner: Learner) -> Bool {
        switch lever {
        case .accumulation(let bounds): bounds.lowerBound == 1
        case .batchSize: learner.stages.accumulationPlan == nil && learner.stages.accumulation == .batches(1)
        }
    }

    /// Where the lever stands before the first move.
    private func start(_ learner: Learner) -> Int {
        let size = if case .batchSize = lever { learner.data.train.batchSize } else { 1 }
        return min(max(size, lever.bounds.lowerBound), lever.bounds.upperBound)
    }

    /// Sets the factor on the rate that goes with the present size.
    open override func beforeBatch(_ learner: Learner) throws {
        guard learner.isTraining, scaling != .none, learner.window.microBatches == 0 else { return }
        let factor = moves.last.map { scaling.factor(from: start(learner), to: $0.to) }
        try learner.optimizer.modify(.learningRate, by: factor, owner: learner.speaker)
    }

    /// Looks at the noise scale, and moves.
    open override func afterStep(_ learner: Learner) throws {
        guard learner.didStep, learner.run.step % every == 0,
            case .value(let scale, let interval?) = monitor.reading
        else { return }
        let unit = if case .batchSize = lever { 1 } else { learner.run.batchSize }
        let present = moves.last?.to ?? start(learner)
        let samples = Double(present * unit) / ratio
        if interval.contains(samples) { return }
        let factor = min(max(scale / samples, 1 / maxFactor), maxFactor)
        let wanted = Int((Double(present) * factor).rounded())
        let next = min(max(wanted, lever.bounds.lowerBound), lever.bounds.upperBound)
        if next != present {
            let move = Move(step: learner.run.step, from: present, to: next, noiseScale: scale)
            _moves.modify { $0.append(move) }
        }
    }
}
