/// Takes the model back to where it was good when the loss shoots up, lowers the rate, and goes on with other batches.
///
/// A training loss is a spike when it is no finite number, or above median + `threshold` × spread of the latest `window`
/// ones, where the spread is 1.4826 times the median distance from the median, and at least a twentieth of the median.
/// (The distance times 1.4826 is the deviation of a normal distribution.) Then, as PaLM did (Chowdhery et al. 2022,
/// section 5.1):
///
/// - The batch is left out before its backward pass, and the window that was open is not stepped.
/// - Weights, buffers and the optimizer's memory are those of the last good moment. Counters and schedules go on: the
///   batches since then are not gone through again, and `skipping` further ones are left out.
/// - The rate is multiplied by `cut` for the rest of the fit, once a spike.
///
/// A moment is good when `window / 5` losses after it were no spikes; the beginning of the fit always is. After `retries`
/// spikes the next one ends the fit, with the model of the last good moment.
///
/// Taking a moment down copies the weights and the optimizer's memory, every `every`.
open class SpikeGuard: LearnerCallback {
    /// How many spreads above the median a loss is a spike.
    public let threshold: Double
    /// How many losses are looked back upon.
    public let window: Int
    /// How often the model is taken down.
    public let every: Interval
    /// What the rate is multiplied by at each spike.
    public let cut: Double
    /// How many further batches are left out after a spike.
    public let skipping: Int
    /// How many spikes are put up with in a fit.
    public let retries: Int

    /// The number of spikes so far.
    @RunState public private(set) var spikes = 0

    @RunState private var losses: [Double] = []
    @RunState private var next = 0
    @RunState private var toSkip = 0
    @RunState private var sinceTaken = 0
    @RunState private var cadence = StepCadence()
    @RunState private var dropsWindow = false

    // Memory of this process alone: after a resume the guard begins with the state that was resumed from.
    private var good: ModelState?
    private var candidate: ModelState?
    // How many cuts the factor that the rate has at present is made of.
    private var cuts = 0

    /// Makes the guard.
    ///
    /// - Parameters:
    ///   - threshold: how many spreads above the median a loss is a spike, above 0.
    ///   - window: how many losses are looked back upon, at least 5; before there are so many, only a loss that is not
    ///     finite is a spike.
    ///   - every: how often the model is taken down.
    ///   - cut: what the rate is multiplied by at each spike, above 0 and at most 1.
    ///   - skipping: how many further batches are left out after a spike, 0 or more.
    ///   - retries: how many spikes are put up with in a fit, 0 or more.
    public init(
        threshold: Double = 10, window: Int = 50, every: Interval = .steps(100), cut: Double = 0.5, skipping: Int = 0,
        retries: Int = 3
    ) {
        self.threshold = threshold
        self.window = window
        self.every = every
        self.cut = cut
        self.skipping = skipping
        self.retries = retries
    }

    /// ``Phase/decide``
    open override var phase: Phase { .decide }

    /// Checks the arguments, and takes the model down as it is.
    open override func beforeFit(_ learner: Learner) throws {
        try every.requireNotNegative("SpikeGuard every")
        let checks: [(Bool, String, String, String)] = [
            (threshold > 0, "threshold", "\(threshold)", "above 0"), (window >= 5, "window", "\(window)", "at least 5"),
            (cut > 0 && cut <= 1, "cut", "\(cut)", "above 0 and at most 1"),
            (skipping >= 0, "skipping", "\(skipping)", "0 or more"),
            (retries >= 0, "retries", "\(retries)", "0 or more"),
        ]
        for (holds, name, value, expected) in checks where !holds {
            throw LearnerError.argument("SpikeGuard \(name)", value: value, expected: expected)
        }
        good = learner.modelState()
        candidate = nil
        cuts = 0
    }

    /// Sets the factor on the rate, and leaves out a batch after a spike.
    open override func beforeBatch(_ learner: Learner) throws {
        guard learner.isTraining else { return }
        // The window that was to be dropped may have been closed without coming to its step.
        if learner.window.microBatches == 0 { dropsWindow = false }
        try cutRate(learner)
        guard toSkip > 0 else { return }
        toSkip -= 1
        learner.request(.skipBatch)
    }

    /// Looks at the batch's loss.
    open override func afterLoss(_ learner: Learner) throws {
        guard learner.isTraining, learner.loss.count > 0 else { return }
        let loss = learner.batchLoss
        if isSpike(loss) { return try goBack(learner) }
        _losses.modify { if $0.count < window { $0.append(loss) } else { $0[next] = loss } }
        next = (next + 1) % window
        sinceTaken += 1
        if candidate != nil, sinceTaken >= max(1, window / 5) { (good, candidate) = (candidate, nil) }
    }

    /// Does not step a window that was open when the loss shot up.
    open override func gradientsReady(_ learner: Learner) throws {
        guard dropsWindow else { return }
        dropsWindow = false
        learner.request(.skipStep)
    }

    /// Lets go of a window that was left with its epoch.
    open override func afterTrain(_ learner: Learner) throws { dropsWindow = false }

    /// Takes the model down from time to time.
    open override func afterStep(_ learner: Learner) throws {
        guard learner.didStep, candidate == nil, cadence.isDue(every: every, in: learner) else { return }
        candidate = learner.modelState()
        sinceTaken = 0
    }

    /// Lets go of what was taken down.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws { (good, candidate) = (nil, nil) }

    private func isSpike(_ loss: Double) -> Bool {
        guard loss.isFinite else { return true }
        guard losses.count == window else { return false }
        let sorted = losses.sorted()
        // No lower threshold is possible: most losses are not looked at any further.
        let middle = sorted[window / 2]
        guard loss > middle + threshold * abs(middle) / 20 else { return false }
        let distances = sorted.map { abs($0 - middle) }.sorted()
        return loss > middle + threshold * max(1.4826 * distances[window / 2], abs(middle) / 20)
    }

    private func goBack(_ learner: Learner) throws {
        spikes += 1
        learner.request(.skipBatch)
        dropsWindow = learner.window.microBatches > 0
        if let good { try learner.restore(good) }
        candidate = nil
        toSkip = skipping
        try cutRate(learner)
        if spikes > retries {
            learner.request(
                .stop("the loss shot up to \(format(learner.batchLoss, 4)) once more, after \(retries) retries"))
        }
    }

    /// Sets the factor that belongs to the number of spikes, which a snapshot may just have put back.
    private func cutRate(_ learner: Learner) throws {
        guard spikes != cuts, learner.optimizer.has(.learningRate) else { return }
        cuts = spikes
        try learner.optimizer.modify(
            .learningRate, by: spikes == 0 ? nil : power(cut, spikes), owner: learner.speaker)
    }

    private func power(_ base: Double, _ count: Int) -> Double {
        (0..<count).reduce(1) { product, _ in product * base }
    }
}
