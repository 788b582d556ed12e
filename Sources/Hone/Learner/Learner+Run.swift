import HoneKernels

// What surrounds every run: the plan is made, states are reset, and at the end all is put back.

extension Learner {
    /// Runs `body` as a run of a kind, and returns how it ended.
    ///
    /// - Throws: what cannot be set up, or what was thrown within; every callback of the plan has been torn down then.
    func perform(_ kind: RunKind, epochs: Int = 0, callbacks extra: [any Callback] = [], _ body: () throws -> Void)
        throws
        -> FitOutcome
    {
        try refuseRunWithinRun()
        try prepare(kind, extra)
        let modes = trainingModes()
        watchesInterrupt = handlesInterrupt && (kind == .fit || kind == .probe)
        if watchesInterrupt { hone_interrupt_begin() }
        isRunning = true
        run = RunProgress()
        run.kind = kind
        run.totalEpochs = epochs
        run.start = hone_clock_ns()

        var outcome = FitOutcome.completed
        do {
            try inScope(of: kind) {
                try body()
                outcome = endedOutcome()
                if kind == .fit || kind == .probe { try emitAfterFit(outcome) }
            }
        } catch {
            outcome = .failed(error)
        }
        let teardownError = emitTeardown(outcome)

        if watchesInterrupt { hone_interrupt_end() }
        watchesInterrupt = false
        putBack(modes)
        if kind == .fit { progress.elapsed += Double(hone_clock_ns() - run.start) / 1e9 }
        if case .failed(let error) = outcome { throw error }
        if let teardownError { throw teardownError }
        return outcome
    }

    /// Runs `body` with what the thread's tensors need in a run: the learner's memory, its own parameters alone, mistakes
    /// thrown, and random numbers that are a function of its seed and of how far it has come.
    private func inScope(of kind: RunKind, _ body: () throws -> Void) throws {
        try withStoragePool(pool) {
            try arena.withExclusiveUse {
                try catchingTensorErrors {
                    try withRandomKey(key.derived(kind.rawValue, progress.microBatch), body)
                }
            }
        }
    }

    /// Refuses to begin a run while another is going on.
    func refuseRunWithinRun() throws {
        guard !isRunning else { throw LearnerError.alreadyRunning(run.kind.rawValue) }
    }

    /// Whether SIGINT has come in this run.
    var isInterrupted: Bool { watchesInterrupt && hone_interrupted() }

    private func endedOutcome() -> FitOutcome {
        if isInterrupted { return .interrupted }
        return control.stop.map { .stopped(reason: $0.reason, by: $0.by) } ?? .completed
    }

    /// Follows the model into the arena that it lives in now: a part of it may have been replaced.
    ///
    /// - Throws: what could not be set up in the first place, and groups that no longer fit.
    func followModel() throws {
        if let setupError { throw setupError }
        let current = ParameterArena.adopt(model, seed: seed)
        if !arena.isCurrent || current.entries.count != arena.entries.count {
            try optimizer.follow(current, groups: grouping)
        }
    }

    private func prepare(_ kind: RunKind, _ extra: [any Callback]) throws {
        try followModel()
        if kind == .fit || kind == .probe {
            try optimizer.validate()
            guard arena.entries.contains(where: { $0.parameter.isTrainable && !$0.range.isEmpty }) else {
                throw LearnerError.noParameters(model: model.label)
            }
        }
        let plan = try self.plan(for: kind, extra)
        try plan.refuseConflicts()
        extraCallbacks = extra
        for entry in plan.entries where kind == .fit || kind == .probe || !entry.callback.joins.contains(.fit) {
            entry.states.reset()
        }
        plan.reset()
        self.plan = plan
        control = LoopControl()
        pendingRequest = nil
        stages = LoopStages()
        window = GradientWindow()
        windowBatches = []
        if kind == .fit || kind == .probe {
            (smoothed, epochMean) = (SmoothedMean(), LossMean())
            // What is in the model now is what is trained.
            weightsInUse = Learner.trainedWeights
        }
        if kind == .fit { weightViews = [:] }
        (validation, validationSet) = (nil, nil)
        lastValidation = (0, 0, 0)
        countedWindow = nil
        batchLoss = .nan
        gradientNorm = .nan
        samplesBeforeEpoch = 0
        didStep = false
        formerModifiers = optimizer.modifiers
        formerReferenceRates = optimizer.referenceRates
        optimizer.referenceRates = optimizer.groups.map { $0.base[.learningRate] }
        arena.zeroGradients()
    }

    /// The plan of a kind of run, made anew when the callbacks have changed.
    private func plan(for kind: RunKind, _ extra: [any Callback]) throws -> CallbackPlan {
        if rehearsedBatches != nil { return try CallbackPlan(callbacks + extra, for: kind, before: .report) }
        if extra.isEmpty, let plan = plans[kind] { return plan }
        let plan = try CallbackPlan(callbacks + extra, for: kind)
        if extra.isEmpty { plans[kind] = plan }
        return plan
    }

    private func putBack(_ modes: [Bool]) {
        for restore in undo.reversed() { restore() }
        undo = []
        tape.clear()
        windowBatches = []
        forwardObservers = []
        arena.zeroGradients()
        if let formerModifiers { optimizer.modifiers = formerModifiers }
        if let formerReferenceRates { optimizer.referenceRates = formerReferenceRates }
        setTrainingModes(modes)
        timings.callbacks = plan?.timings ?? []
        timings.total = hone_clock_ns() - run.start
        plan = nil
        extraCallbacks = []
        isRunning = false
        isTraining = false
        predictions = []
        batch = Batch(inputs: [], targets: [], indices: [])
        loss = LossValue(sum: Tensor(0), count: 0)
    }

    /// Settles how many steps the run will take, once callbacks have set the stages.
    func planSteps(epochs: Int) throws {
        run.batchSize = data.train.batchSize
        if stages.plansWindows, run.kind == .fit {
            run.totalSteps = try plannedSteps(epochs: epochs)
            let perEpoch = Double(run.totalSteps) / Double(max(1, epochs))
            run.timeline = Timeline(
                totalSteps: run.totalSteps, stepsPerEpoch: perEpoch,
                samplesPerStep: perEpoch == 0 ? nil : Double(samplesPerEpoch) / perEpoch)
            return
        }
        let batches = stages.batches(of: data.train.batchCount, isTraining: true)
        let windows =
            stages.accumulation.windowCount(batches: batches, batchSize: data.train.batchSize)
            * max(1, updatesPerBatch)
        let (total, isEndless) = epochs.multipliedReportingOverflow(by: windows)
        run.totalSteps = isEndless ? Int.max : total
        run.timeline = Timeline(
            totalSteps: run.totalSteps, stepsPerEpoch: Double(windows),
            samplesPerStep: windows == 0 ? nil : Double(samplesPerEpoch) / Double(windows))
    }
}
