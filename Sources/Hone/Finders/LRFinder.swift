/// Raises the learning rate from step to step, and writes down the loss, or a figure of the validation set (Smith 2015;
/// fastai's form).
///
/// Use ``Learner/lrFind(start:end:steps:stopsWhenDiverging:spacing:by:group:)``, which leaves no trace of the trial.
open class LRFinder: LearnerCallback {
    /// What was found so far.
    public private(set) var sweep: LearningRateSweep

    /// The parameter group whose rate is swept; nil for all.
    public let group: Int?

    private let blank: LearningRateSweep
    /// The validation set that is gone through, and the figure that is read off; nil for the loss of the batches.
    private var measurement: (loader: DataLoader, figure: (ValidationResult) -> Double?)?
    private var stepsBefore = 0
    private var former: [Double] = []

    /// Makes a finder for one sweep, over one group's rate or that of all.
    public init(_ sweep: LearningRateSweep, group: Int? = nil) {
        self.sweep = sweep
        blank = sweep
        self.group = group
    }

    /// Trials alone.
    open override var joins: RunKinds { .probe }

    /// ``Phase/schedule``
    open override var phase: Phase { .schedule }

    /// The learning rate.
    open override var writes: [Hyperparameter] { [.learningRate] }

    /// Begins the sweep anew, and checks that the figure can be measured.
    open override func beforeFit(_ learner: Learner) throws {
        sweep = blank
        stepsBefore = 0
        measurement = nil
        former = learner.optimizer.groups.map { $0.base[.learningRate] ?? .nan }
        switch sweep.figure {
        case .batchLoss: break
        case .validLoss:
            sweep.measure(try Monitor.validLoss.direction(in: learner))
            measurement = (learner.data.valid, { $0.loss })
        case .metric(let name):
            sweep.measure(try Monitor.metric(name).direction(in: learner))
            measurement = LRFinder.measurement(of: name, learner)
        }
    }

    /// Of a metric by its name, which may be that of a named set.
    private static func measurement(
        of name: String, _ learner: Learner
    ) -> (loader: DataLoader, figure: (ValidationResult) -> Double?) {
        func isOwn(_ name: String) -> Bool { learner.metrics.contains { $0.name == name } }
        if !isOwn(name) {
            for (set, loader) in learner.data.named where name.hasPrefix("\(set) ") {
                let rest = String(name.dropFirst(set.count + 1))
                if rest == "loss" { return (loader, { $0.loss }) }
                if isOwn(rest) { return (loader, { $0[rest] }) }
            }
        }
        return (learner.data.valid, { $0[name] })
    }

    /// Sets the rate of the step to come, in one group or in all.
    open override func beforeBatch(_ learner: Learner) throws {
        let rate = sweep.rate(at: learner.run.step)
        try learner.optimizer.set(.learningRate, to: rate, group: group)
        // Each rate stands for a run whose highest it is.
        for index in learner.optimizer.groups.indices where group == nil || group == index {
            learner.optimizer.referenceRates[index] = rate
        }
    }

    /// Writes down the loss of the step's samples, as it was before the step, or what a validation now finds.
    open override func afterStep(_ learner: Learner) throws {
        guard learner.didStep else { return }
        if let measurement {
            let found = try learner.evaluateWithinRun(measurement.loader)
            sweep.add(found.flatMap(measurement.figure) ?? .nan)
        } else {
            sweep.add(learner.stepLoss)
        }
        if sweep.isOver || sweep.isLost { learner.request(.stop("the sweep is over")) }
    }

    /// Goes on with the next epoch at once: a sweep validates nothing.
    open override func afterTrain(_ learner: Learner) throws {
        // A callback that has every step skipped would keep the sweep going for ever.
        let hasStepped = learner.run.step > stepsBefore
        learner.request(hasStepped ? .endEpoch : .stop("no step was taken in an epoch"))
        stepsBefore = learner.run.step
    }

    /// Puts the former rates back.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws {
        for (group, rate) in former.enumerated() where !rate.isNaN {
            try learner.optimizer.set(.learningRate, to: rate, group: group)
        }
        former = []
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
    ///   - stopsWhenDiverging: whether to end when the (smoothed) loss is more than four times its best.
    ///   - spacing: whether rates rise in equal ratios or, as in Smith's range test, in equal differences.
    ///   - figure: what is written down: the loss of the step's samples, or the loss or a metric of the validation set or
    ///     of a named one, which is gone through after every step.
    ///   - group: the parameter group whose rate is swept while the others keep theirs; nil for all.
    /// - Returns: the curve, with its suggestions.
    /// - Throws: ``LearnerError/argument(_:value:expected:)`` for arguments out of range, and what the training throws.
    public func lrFind(
        start: Double = 1e-7, end: Double = 10, steps: Int = 100, stopsWhenDiverging: Bool = true,
        spacing: LearningRateSweep.Spacing = .exponential, by figure: LearningRateSweep.Figure = .batchLoss,
        group: Int? = nil
    ) throws -> LearningRateSweep {
        try lrFind(
            LearningRateSweep(
                start: start, end: end, steps: steps, stopsWhenDiverging: stopsWhenDiverging, spacing: spacing,
                figure: figure), group: group)
    }

    /// The range test with the settings of an empty sweep, such as ``LearningRateSweep/articles``.
    ///
    /// - Throws: as ``lrFind(start:end:steps:stopsWhenDiverging:spacing:by:group:)``
    public func lrFind(_ sweep: LearningRateSweep, group: Int? = nil) throws -> LearningRateSweep {
        try runSweep(sweep, group, number: 0)
    }

    /// The range test several times from the same parameters, with another order of samples and other dropout each time:
    /// how far a suggestion may be trusted.
    ///
    /// - Parameters:
    ///   - repeats: how often, 1 or more.
    ///   - sweep: the settings.
    ///   - group: the parameter group whose rate is swept; nil for all.
    /// - Throws: as ``lrFind(start:end:steps:stopsWhenDiverging:spacing:by:group:)``
    public func lrFind(
        repeats: Int, _ sweep: LearningRateSweep = .standard, group: Int? = nil
    ) throws -> RepeatedSweep {
        guard repeats >= 1 else {
            throw LearnerError.argument("repeats", value: "\(repeats)", expected: "at least 1")
        }
        return RepeatedSweep(try (0..<repeats).map { try runSweep(sweep, group, number: $0) })
    }

    private func runSweep(_ sweep: LearningRateSweep, _ group: Int?, number: Int) throws -> LearningRateSweep {
        guard sweep.losses.isEmpty else {
            throw LearnerError.argument("sweep", value: "of \(sweep.losses.count) steps", expected: "an empty one")
        }
        let finder = LRFinder(sweep, group: group)
        try leavingNoTrace {
            // Order and dropout are functions of these counters; a sweep is far shorter than a million of either.
            progress.epoch += number << 20
            progress.microBatch += number << 20
            // The finder ends the run; how many epochs that takes depends on what joins.
            _ = try perform(.probe, epochs: Int.max, callbacks: [finder]) { try fitLoop(epochs: Int.max) }
        }
        return finder.sweep
    }

    /// Loss and metrics over a validation set in the middle of a training run, between two batches, with no event and no
    /// trace.
    func evaluateWithinRun(_ loader: DataLoader) throws -> ValidationResult? {
        let former = (batch, predictions, loss, batchLoss, isTraining)
        let modes = trainingModes()
        defer {
            (batch, predictions, loss, batchLoss, isTraining) = former
            setTrainingModes(modes)
        }
        isTraining = false
        model.eval()
        var measured = ValidationAccumulator(metrics)
        try withWeightsToEvaluate {
            let batches = loader.batches(epoch: 0, key: key)
            for index in 0..<batches.count {
                batch = try batches.batch(index)
                predictions = try attempt { try forward(batch) }
                loss = try attempt { try computeLoss(predictions, batch) }
                try attempt { try measured.add(loss, predictions, batch) }
            }
        }
        return measured.result
    }

    /// Runs `body` and puts the learner back as it was, also when `body` throws.
    func leavingNoTrace(_ body: () throws -> Void) throws {
        let before = try snapshot()
        let (lastRun, lastTimings, lastValidation) = (run, timings, (validation, validationSet))
        let (lastMean, lastBatchLoss) = (epochMean, batchLoss)
        let (lastEpochValidation, lastIsComplete, lastDidStep) = (epochValidation, epochIsComplete, didStep)
        let (lastWeights, lastViews) = (weightsInUse, weightViews)
        let result = Result { try body() }
        try restore(before)
        (weightsInUse, weightViews) = (lastWeights, lastViews)
        (run, timings, (validation, validationSet)) = (lastRun, lastTimings, lastValidation)
        (epochMean, batchLoss) = (lastMean, lastBatchLoss)
        (epochValidation, epochIsComplete, didStep) = (lastEpochValidation, lastIsComplete, lastDidStep)
        try result.get()
    }
}
