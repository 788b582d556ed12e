/// Trains for two steps with batches of one size, and watches the memory of the learner's tensors.
///
/// Use ``Learner/findBatchSize(memory:from:upTo:noiseSteps:)``, which leaves no trace of the trials.
open class BatchSizeFinder: LearnerCallback {
    /// The samples of a batch.
    public let batchSize: Int

    /// The most bytes of tensors in use at once: activations, their gradients and the batch; parameters are not among
    /// them.
    public private(set) var peakBytes = 0

    /// Seconds of the second step.
    public private(set) var seconds = 0.0

    private var stepBegan = 0.0

    /// Makes a finder for one size.
    public init(batchSize: Int) { self.batchSize = batchSize }

    /// Trials alone.
    open override var joins: RunKinds { .probe }

    /// ``Phase/prepare``
    open override var phase: Phase { .prepare }

    /// Sets the batch size.
    open override func beforeFit(_ learner: Learner) throws {
        try learner.stages.setBatchSize(owner: learner.speaker) { [batchSize] _ in batchSize }
        learner.pool.resetPeak()
    }

    /// Looks at the clock.
    open override func beforeBatch(_ learner: Learner) throws {
        if learner.window.microBatches == 0 { stepBegan = learner.elapsedInRun }
    }

    /// Ends the trial after the second step: the first one makes what is kept.
    open override func afterBatch(_ learner: Learner) throws {
        peakBytes = learner.pool.statistics.peakBytes
        seconds = learner.elapsedInRun - stepBegan
        if learner.run.step >= 2 { learner.request(.stop("the batch size was tried")) }
    }

    /// Goes on with the next epoch at once: a trial validates nothing.
    open override func afterTrain(_ learner: Learner) throws {
        learner.request(learner.run.step > 0 ? .endEpoch : .stop("no step was taken in an epoch"))
    }
}

/// What a search for a batch size found.
public struct BatchSizeSearch: Equatable, Sendable, CustomStringConvertible {
    /// One size.
    public struct Trial: Equatable, Sendable {
        /// The samples of a batch.
        public let batchSize: Int
        /// The most bytes of tensors in use at once.
        public let peakBytes: Int
        /// Training samples a second, of one step.
        public let samplesPerSecond: Double
    }

    /// The sizes that were tried, in order; all are within the memory.
    public let trials: [Trial]

    /// The noise scale in samples, or why it is not known; nil when it was not asked for.
    public let noise: NoiseScaleEstimator.Reading?

    /// The largest size within the memory.
    public var largest: Int { trials.last?.batchSize ?? 0 }

    /// The largest size that was tried and is not above the noise scale, where more samples buy little; the largest of all
    /// when the noise scale is not known.
    public var suggestion: Int {
        guard let bound = noise?.value else { return largest }
        return trials.last { Double($0.batchSize) <= bound }?.batchSize ?? trials.first?.batchSize ?? 0
    }

    /// A table, a line a size, and the noise scale.
    public var description: String {
        let rows = trials.map {
            ["\($0.batchSize)", format(Double($0.peakBytes) / 1048576, 1), format($0.samplesPerSecond, 0)]
        }
        let table = TextTable(header: ["batch", "MiB", "samples/s"], rows: rows).description
        return table + (noise.map { "\nnoise scale: \($0)" } ?? "")
    }
}

/// A monitor for trials, which ends them.
private final class TrialNoiseMonitor: NoiseScaleMonitor {
    private let steps: Int

    init(steps: Int) {
        self.steps = steps
        super.init(splittingInto: 2)
    }

    override var joins: RunKinds { .probe }

    override func afterStep(_ learner: Learner) throws {
        if learner.run.step >= steps { learner.request(.stop("the noise was measured")) }
    }

    override func afterTrain(_ learner: Learner) throws {
        learner.request(learner.run.step > 0 ? .endEpoch : .stop("no step was taken in an epoch"))
    }
}

extension Learner {
    /// Finds how large a batch may be: doubles it until a budget of memory would be passed, and leaves no trace.
    ///
    /// The memory is that of the learner's tensors in a training step (activations, gradients of activations, the batch),
    /// which grows with the batch; parameters and what the optimizer keeps of them come on top. A size is tried only when
    /// the line through the last two says that it fits.
    /// - Parameters:
    ///   - memory: the budget in bytes, > 0.
    ///   - start: the first size, 1 or more.
    ///   - largest: no size above it is tried; the training set's size when nil.
    ///   - noiseSteps: for how many optimizer steps, at the present rate and batch size, the noise scale is measured, which
    ///     says how large a batch is worth while; 0 for not at all. Some hundred are needed for a narrow interval.
    /// - Throws: ``LearnerError/argument(_:value:expected:)`` for arguments out of range and a budget that the first size
    ///   passes, and what the training throws.
    public func findBatchSize(
        memory: Int, from start: Int = 8, upTo largest: Int? = nil, noiseSteps: Int = 0
    ) throws -> BatchSizeSearch {
        for (name, value, least) in [("memory", memory, 1), ("from", start, 1), ("noiseSteps", noiseSteps, 0)]
        where value < least {
            throw LearnerError.argument("findBatchSize \(name)", value: "\(value)", expected: "at least \(least)")
        }
        let limit = min(largest ?? Int.max, data.train.dataset.count)
        guard start <= limit else {
            throw LearnerError.argument("findBatchSize from", value: "\(start)", expected: "at most \(limit)")
        }
        var trials: [BatchSizeSearch.Trial] = []
        var size = start
        while size <= limit, BatchSizeSearch.expectedBytes(size, after: trials) <= Double(memory) {
            let trial = try tryBatchSize(size)
            guard trial.peakBytes <= memory else { break }
            trials.append(trial)
            size *= 2
        }
        guard !trials.isEmpty else {
            throw LearnerError.argument(
                "findBatchSize memory", value: "\(memory) bytes", expected: "enough for batches of \(start)")
        }
        return BatchSizeSearch(trials: trials, noise: noiseSteps == 0 ? nil : try measureNoise(noiseSteps))
    }

    private func tryBatchSize(_ size: Int) throws -> BatchSizeSearch.Trial {
        let finder = BatchSizeFinder(batchSize: size)
        try leavingNoTrace {
            _ = try perform(.probe, epochs: Int.max, callbacks: [finder]) { try fitLoop(epochs: Int.max) }
        }
        return BatchSizeSearch.Trial(
            batchSize: size, peakBytes: finder.peakBytes,
            samplesPerSecond: finder.seconds > 0 ? Double(size) / finder.seconds : .nan)
    }

    private func measureNoise(_ steps: Int) throws -> NoiseScaleEstimator.Reading {
        let monitor = TrialNoiseMonitor(steps: steps)
        try leavingNoTrace {
            _ = try perform(.probe, epochs: Int.max, callbacks: [monitor]) { try fitLoop(epochs: Int.max) }
        }
        return monitor.reading
    }
}

extension BatchSizeSearch {
    /// What a size is expected to need, from the last trials.
    fileprivate static func expectedBytes(_ size: Int, after trials: [Trial]) -> Double {
        guard let last = trials.last else { return 0 }
        guard trials.count > 1 else { return Double(last.peakBytes) }
        let former = trials[trials.count - 2]
        let slope = Double(last.peakBytes - former.peakBytes) / Double(last.batchSize - former.batchSize)
        return Double(last.peakBytes) + slope * Double(size - last.batchSize)
    }
}
