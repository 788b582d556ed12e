/// Raises the learning rate exponentially from step to step, and writes down the loss (Smith 2015; fastai's form).
///
/// Use ``Learner/lrFind(start:end:steps:stopsWhenDiverging:)``, which leaves no trace of the trial.
open class LRFinder: LearnerCallback {
    /// What was found so far.
    public private(set) var sweep: LearningRateSweep

    private let blank: LearningRateSweep
    private var stepsBefore = 0

    /// Makes a finder for one sweep.
    public init(_ sweep: LearningRateSweep) {
        self.sweep = sweep
        blank = sweep
    }

    /// Trials alone.
    open override var joins: RunKinds { .probe }

    /// ``Phase/schedule``
    open override var phase: Phase { .schedule }

    /// The learning rate.
    open override var writes: [Hyperparameter] { [.learningRate] }

    /// Begins the sweep anew.
    open override func beforeFit(_ learner: Learner) throws {
        sweep = blank
        stepsBefore = 0
    }

    /// Sets the rate of the step to come, in all groups.
    open override func beforeBatch(_ learner: Learner) throws {
        try learner.optimizer.set(.learningRate, to: sweep.rate(at: learner.run.step))
    }

    /// Writes down the loss of the step's samples, as it was before the step.
    open override func afterStep(_ learner: Learner) throws {
        guard learner.didStep else { return }
        sweep.add(learner.stepLoss)
        if sweep.isOver { learner.request(.stop("the sweep is over")) }
    }

    /// Goes on with the next epoch at once: a sweep validates nothing.
    open override func afterTrain(_ learner: Learner) throws {
        // A callback that has every step skipped would keep the sweep going for ever.
        let hasStepped = learner.run.step > stepsBefore
        learner.request(hasStepped ? .endEpoch : .stop("no step was taken in an epoch"))
        stepsBefore = learner.run.step
    }
}

extension Learner {
    /// The learning rate range test: trains for a moment at rising rates, and puts everything back as it was.
    ///
    /// The learner's own callbacks are not called, but for those that join trials. Nothing remains of the trial, also
    /// when it throws: parameters, buffers, optimizer, counters (and with them all randomness) and records are put back.
    /// - Parameters:
    ///   - start: the rate of the first step, > 0.
    ///   - end: the rate that the sweep rises towards, > start.
    ///   - steps: the number of optimizer steps; at least 6 are made.
    ///   - stopsWhenDiverging: whether to end when the smoothed loss is more than four times its best.
    /// - Returns: the curve, with its suggestions.
    /// - Throws: ``LearnerError/argument(_:value:expected:)`` for arguments out of range, and what the training throws.
    public func lrFind(
        start: Double = 1e-7, end: Double = 10, steps: Int = 100, stopsWhenDiverging: Bool = true
    ) throws -> LearningRateSweep {
        let finder = LRFinder(
            try LearningRateSweep(start: start, end: end, steps: steps, stopsWhenDiverging: stopsWhenDiverging))
        try leavingNoTrace {
            // The finder ends the run; how many epochs that takes depends on what joins.
            _ = try perform(.probe, epochs: Int.max, callbacks: [finder]) { try fitLoop(epochs: Int.max) }
        }
        return finder.sweep
    }

    /// Runs `body` and puts the learner back as it was, also when `body` throws.
    func leavingNoTrace(_ body: () throws -> Void) throws {
        let before = try snapshot()
        let (lastRun, lastTimings, lastValidation) = (run, timings, (validation, validationSet))
        let (lastMean, lastBatchLoss) = (epochMean, batchLoss)
        let (lastEpochValidation, lastIsComplete, lastDidStep) = (epochValidation, epochIsComplete, didStep)
        let result = Result { try body() }
        try restore(before)
        (run, timings, (validation, validationSet)) = (lastRun, lastTimings, lastValidation)
        (epochMean, batchLoss) = (lastMean, lastBatchLoss)
        (epochValidation, epochIsComplete, didStep) = (lastEpochValidation, lastIsComplete, lastDidStep)
        try result.get()
    }
}
