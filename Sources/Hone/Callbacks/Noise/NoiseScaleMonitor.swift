/// Measures how noisy gradients are: Smith and Le's g at each step, and McCandlish et al.'s B_simple = tr Σ / |G|².
///
/// B_simple says at which batch size twice the samples begin to buy less than half the steps. It is estimated before
/// clipping from the batches of each accumulation window; without accumulation, by cutting a batch into parts at a cadence,
/// which costs a second pass over that batch. A model that trains dense layers alone needs neither: there the norms of the
/// single samples' gradients come out of the training passes themselves. Training is the same, bit for bit, with it and
/// without.
///
/// A batch of parts that norms over the batch see apart (batch norm) has other gradients than the whole: there the
/// estimate is of the parts' noise. A window with a gradient that is not finite is dropped. What other callbacks make of
/// the window's gradient (that of sharpness-aware minimization, noise, clipping) is not looked at.
open class NoiseScaleMonitor: LearnerCallback {
    /// The noise of one optimizer step.
    public struct NoiseRow: Codable, Equatable, Sendable {
        /// The optimizer steps of the run before it.
        public let step: Int
        /// Its samples.
        public let samples: Int
        /// Smith and Le's noise scale: see ``NoiseScaleMonitor/noise``.
        public let noise: Double
    }

    /// What was found at one measurement.
    public struct Row: Codable, Equatable, Sendable {
        /// The optimizer steps of the run before it.
        public let step: Int
        /// The samples of the step.
        public let samples: Int
        /// Smith and Le's noise scale: see ``NoiseScaleMonitor/noise``.
        public let noise: Double
        /// B_simple, as averaged until then; nil while there is not enough data.
        public let simple: Double?
        /// The lower end of its 95 % interval, or nil.
        public let lower: Double?
        /// The upper end, or nil.
        public let upper: Double?
    }

    /// Every so many optimizer steps are measured.
    public let every: Int

    /// Into how many parts a batch is cut in a window of one; nil for never.
    public let parts: Int?

    /// Whether each sample is told from the others.
    public let perExample: Bool

    /// Smith and Le's g = ε(N/B − 1) of the last step, for the rate of the last group; with momentum m, εN/(B(1 − m)).
    /// For Adam, m is β₁. Nil before the first step.
    @RunState public private(set) var noise: Double?

    /// The averages over the whole model.
    @RunState public private(set) var estimator: NoiseScaleEstimator

    /// The averages for each parameter group.
    @RunState public private(set) var byGroup: [NoiseScaleEstimator] = []

    /// The measurements of B_simple.
    @RunState public private(set) var rows: [Row] = []

    /// Smith and Le's g of every step that was taken.
    @RunState public private(set) var noiseRows: [NoiseRow] = []

    private let fresh: NoiseScaleEstimator
    private var norms = MicroBatchNorms()
    /// Whether the present window is one to be measured.
    private var isMeasuring = false
    private var examples: ExampleNorms?

    /// Makes the monitor.
    ///
    /// - Parameters:
    ///   - every: which optimizer steps are measured: every so manieth, 1 or more.
    ///   - parts: into how many parts a batch is cut, 2 or more, when the window has no other; nil for never, which measures
    ///     B_simple in runs with accumulation alone.
    ///   - perExample: whether to take the norms of the single samples' gradients from the training passes, ‖δ‖²(‖x‖² + 1)
    ///     in each dense layer (Goodfellow 2015), which are the finest parts there are. For models of which `Linear` layers
    ///     alone are trained, each called once with `[samples, features]`, under a loss that is a mean over samples.
    ///   - beta: the share of the averages that is kept at each measurement, 0.99 up to 1: |G|² alone is too noisy for less.
    public init(every: Int = 1, splittingInto parts: Int? = nil, perExample: Bool = false, beta: Double = 0.99) {
        self.every = every
        self.parts = parts
        self.perExample = perExample
        fresh = NoiseScaleEstimator(beta: beta)
        _estimator = RunState(wrappedValue: fresh)
    }

    /// ``Phase/gradient``
    open override var phase: Phase { .gradient }

    /// B_simple in samples, or why there is none yet.
    open var reading: NoiseScaleEstimator.Reading {
        if estimator.windows == 0, estimator.dropped == 0, parts == nil, !perExample {
            return .notEnoughData("no window had two batches: accumulate, or make the monitor split batches")
        }
        return estimator.reading
    }

    /// Checks the arguments, and the model for norms by example.
    open override func beforeFit(_ learner: Learner) throws {
        guard every >= 1 else {
            throw LearnerError.argument("NoiseScaleMonitor every", value: "\(every)", expected: "at least 1")
        }
        if let parts, parts < 2 {
            throw LearnerError.argument("NoiseScaleMonitor parts", value: "\(parts)", expected: "at least 2")
        }
        guard fresh.beta >= 0.99 else {
            throw LearnerError.argument("NoiseScaleMonitor beta", value: "\(fresh.beta)", expected: "at least 0.99")
        }
        if perExample, parts != nil {
            throw LearnerError.argument(
                "NoiseScaleMonitor parts", value: "\(parts ?? 0) with perExample", expected: "one of the two")
        }
        examples = perExample ? try ExampleNorms(learner) : nil
        isMeasuring = false
        let groups = learner.optimizer.groups.count
        if byGroup.count != groups { byGroup = Array(repeating: fresh, count: groups) }
    }

    /// Begins a window's measurement, and asks to see the batch's passes.
    open override func beforeBatch(_ learner: Learner) throws {
        guard perExample, learner.isTraining else { return }
        if learner.window.microBatches == 0 {
            isMeasuring = isDue(learner)
            if isMeasuring {
                norms.begin(learner.optimizer)
                // Layers may have been frozen since.
                examples = try ExampleNorms(learner)
            }
        }
        if isMeasuring { examples?.watch(learner) }
    }

    /// Measures the batch's gradient, if its window is to be measured.
    open override func afterBackward(_ learner: Learner) throws {
        let window = learner.window
        if perExample {
            if isMeasuring, learner.loss.count > 0, let examples {
                norms.add(examples: try examples.take(learner), learner.arena)
            }
            return
        }
        if window.microBatches == 1 {
            let isAlone = learner.stages.accumulation.isFull(window) || learner.run.batch == learner.run.batchCount - 1
            isMeasuring = !isAlone && isDue(learner)
            if isMeasuring { norms.begin(learner.optimizer) }
        }
        guard isMeasuring, learner.loss.count > 0 else { return }
        norms.add(learner.arena, window, size: learner.batch.count, count: learner.loss.count)
    }

    /// Takes in the window.
    open override func gradientsReady(_ learner: Learner) throws {
        noise = smithLe(learner)
        let wasMeasured = isMeasuring && norms.parts.count > 1
        isMeasuring = false
        if wasMeasured {
            take(norms.estimates(learner.window), learner)
        } else if let parts, learner.window.microBatches == 1, learner.batch.count >= parts, isDue(learner),
            learner.batch.hasARowForEachSample
        {
            try measureParts(parts, learner)
        }
    }

    /// Takes down the step's noise.
    open override func afterStep(_ learner: Learner) throws {
        guard learner.didStep, let noise else { return }
        let row = NoiseRow(step: learner.run.step - 1, samples: learner.window.samples, noise: noise)
        _noiseRows.modify { $0.append(row) }
    }

    /// Lets go of the memory.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws {
        norms = MicroBatchNorms()
        examples = nil
    }

    private func isDue(_ learner: Learner) -> Bool { learner.run.step % every == 0 }

    private func measureParts(_ parts: Int, _ learner: Learner) throws {
        norms.begin(learner.optimizer)
        var whole = GradientWindow()
        try learner.withGradients(ofParts: parts) { window in
            norms.add(learner.arena, window, size: learner.batch.count, count: learner.loss.count)
            whole = window
        }
        if norms.parts.count > 1 { take(norms.estimates(whole), learner) }
    }

    // Rows and averages are changed where they are: after many steps a copy of them would cost more than the measurement.
    private func take(_ estimates: (whole: NoiseEstimate?, byGroup: [NoiseEstimate?]), _ learner: Learner) {
        _estimator.modify { $0.add(estimates.whole) }
        _byGroup.modify { groups in
            for (index, estimate) in estimates.byGroup.enumerated() where groups.indices.contains(index) {
                groups[index].add(estimate)
            }
        }
        let reading = estimator.reading
        let row = Row(
            step: learner.run.step, samples: learner.window.samples, noise: noise ?? .nan, simple: reading.value,
            lower: reading.interval?.lowerBound, upper: reading.interval?.upperBound)
        _rows.modify { $0.append(row) }
    }

    private func smithLe(_ learner: Learner) -> Double {
        let values = learner.optimizer.groups.last?.values
        let (rate, momentum) = (values?[.learningRate] ?? .nan, values?[.momentum] ?? 0)
        let (dataset, batch) = (learner.data.train.dataset.count, learner.window.samples)
        return momentum == 0
            ? NoiseScale.exact(rate: rate, dataset: dataset, batch: batch)
            : NoiseScale.withMomentum(rate: rate, dataset: dataset, batch: batch, momentum: momentum)
    }

    /// Smith and Le's g over the steps.
    public func plotNoise() -> Chart {
        var chart = Chart(
            title: "Smith and Le's noise scale", x: Axis("step"), y: Axis("g", scale: .log), legend: .hidden)
        // A rate of 0, or a batch of the whole set, has no noise, for which a logarithmic axis has no place.
        let known = noiseRows.filter { $0.noise > 0 }
        chart.add(.line(x: known.map { Double($0.step) }, y: known.map(\.noise), name: "g"))
        return chart
    }

    /// B_simple over the steps, with its 95 % interval and the samples of a step.
    public func plot() -> Chart {
        var chart = Chart(
            title: "Gradient noise scale", x: Axis("step"), y: Axis("samples", scale: .log))
        let known = rows.compactMap { row in row.simple.map { (step: Double(row.step), simple: $0, row: row) } }
        let bounded = known.compactMap { entry -> (Double, Double, Double)? in
            guard let low = entry.row.lower, let high = entry.row.upper else { return nil }
            return (entry.step, low, high)
        }
        if !bounded.isEmpty {
            chart.add(.band(x: bounded.map(\.0), low: bounded.map(\.1), high: bounded.map(\.2), name: "B_simple"))
        }
        chart.add(.line(x: known.map(\.step), y: known.map(\.simple), name: "B_simple"))
        chart.add(.line(x: rows.map { Double($0.step) }, y: rows.map { Double($0.samples) }, name: "step"))
        return chart
    }
}
