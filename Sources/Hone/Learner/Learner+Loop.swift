import HoneKernels

// The loop. `Event` has its picture; this file is that picture in code.

extension Learner {
    /// Trains for some epochs, each followed by a validation.
    func fitLoop(epochs: Int) throws {
        try emit(.beforeFit)
        try planSteps(epochs: epochs)
        while run.epoch < (rehearsedBatches == nil ? epochs : min(1, epochs)), control.stop == nil, !isInterrupted {
            control.beginEpoch()
            epochIsComplete = false
            trainingIsComplete = false
            epochMean = LossMean()
            epochValidation = nil
            try emit(.beforeEpoch)
            if !control.leavesEpoch { try trainPhase() }
            if control.leavesEpoch || isInterrupted {
                epochIsComplete = false
            } else if data.valid.batchCount > 0 {
                try validateSets()
            }
            try emit(.afterEpoch)
            progress.epoch += 1
            run.epoch += 1
        }
    }

    /// The training batches of one epoch.
    private func trainPhase() throws {
        control.beginPhase()
        isTraining = true
        model.train()
        var batches = data.train.batches(epoch: progress.epoch, key: key)
        (run.batch, run.batchCount, run.batchSize) = (0, rehearsed(batches.count), batches.batchSize)
        samplesBeforeEpoch = run.samples
        try emit(.beforeTrain)
        // An interrupt lets the window under way come to its step.
        while run.batch < run.batchCount, !control.leavesPhase, !isInterrupted || window.microBatches > 0 {
            if stages.plansWindows, window.microBatches == 0 {
                try planWindow(&batches)
                // What is left may be less than a larger batch, and is dropped if the loader drops such.
                if run.batch >= run.batchCount { break }
            }
            batch = try batches.batch(run.batch)
            // What hooks and the loss draw is a function of the batch, too.
            try withRandomKey(key.derived("batch", progress.microBatch)) {
                try trainBatch(isLast: run.batch == run.batchCount - 1)
            }
            run.batch += 1
            if stages.validation != nil, isValidationDue { try validateWithinEpoch() }
        }
        trainingIsComplete = run.batch >= run.batchCount && !control.leavesPhase
        epochIsComplete = trainingIsComplete
        closeWindow()
        try emit(.afterTrain)
    }

    /// One training batch, and the step if it completes a window.
    private func trainBatch(isLast: Bool) throws {
        control.beginBatch(opensWindow: window.microBatches == 0)
        mayStillSkipBatch = true
        forgetObservers()
        try emit(.beforeBatch)
        if !control.leavesBatch { try trainingStep(batch) }
        let isComplete = window.microBatches > 0 && (isLast || stages.accumulation.isFull(window))
        if isComplete, !control.leavesPhase { try stepWindow() }
        countBatch()
        try emit(.afterBatch)
    }

    /// What ``trainingStep(_:)`` does unless a subclass does otherwise.
    func accumulateGradient() throws {
        try recordForwardPass()
        if control.leavesBatch { return }
        mayStillSkipBatch = false
        try emit(.beforeBackward)
        if !control.leavesPhase { try backwardPass() }
        try emit(.afterBackward)
    }

    /// Forward pass and loss, followed by the tape.
    private func recordForwardPass() throws {
        tape.start()
        try tape.resume {
            // Dropout masks are a function of the seed and of which batch of the learner's life this is.
            let key = key.derived("dropout", progress.microBatch)
            predictions = try attempt { try withRandomKey(key) { try observedForward(batch) } }
            try emit(.afterForward)
            if control.leavesBatch { return }
            // So is what the loss draws, whatever hooks have drawn before.
            try withRandomKey(key, from: Learner.firstDrawOfLoss) {
                try takeLoss { try computeLoss(predictions, batch) }
            }
            try emit(.afterLoss)
        }
    }

    /// The forward pass, shown to those who asked for it.
    private func observedForward(_ batch: Batch) throws -> [Tensor] {
        guard !forwardObservers.isEmpty else { return try forward(batch) }
        let observers = forwardObservers
        return try model.observingOutputs({ call in for observe in observers { observe(call) } }) {
            try forward(batch)
        }
    }

    /// An observer sees one batch, also when that is skipped before its forward pass.
    private func forgetObservers() {
        if !forwardObservers.isEmpty { forwardObservers = [] }
    }

    /// Adds the batch's gradient to the window's.
    func backwardPass() throws {
        window.microBatches += 1
        window.samples += batch.count
        window.count += loss.count
        if stages.keepsBatches { windowBatches.append((batch, progress.microBatch)) }
        // A loss that counts nothing (all labels ignored) has no mean and no gradient.
        guard loss.count > 0 else { return }
        smoothed.add(batchLoss)
        window.lossSum += batchLoss * loss.count
        epochMean.sum += batchLoss * loss.count
        epochMean.count += loss.count
        if window.firstCount == 0 {
            window.firstCount = loss.count
            if let scaling = stages.lossScaling { window.lossScale = scaling.lossScale }
        }
        try attempt { try tape.backward(from: loss.sum, scale: window.scale) }
    }

    /// The stages that turn a window's gradient into a step. The gradient is zeroed in every case.
    func stepWindow() throws {
        defer { closeWindow() }
        didStep = false
        if control.skipsStep { return }
        guard unscaleForStep() else { return }
        try emit(.gradientsReady)
        if control.skipsStep || control.leavesPhase { return }
        if let clipping = stages.clipping { clip(clipping) }
        try emit(.beforeStep)
        if !control.skipsStep, !control.leavesPhase {
            optimizer.step()
            didStep = true
            progress.step += 1
            run.step += 1
            run.scheduleStep += run.stepLength
        }
        try emit(.afterStep)
    }

    /// Divides the summed gradient by what the window's losses count together, beyond the count of the first, by which
    /// the backward passes have divided, and by what the losses were multiplied by.
    func unscale() {
        arena.completeGradients()
        guard window.count > 0 else { return }
        let factor = window.firstCount / (window.count * window.lossScale)
        if factor != 1 { arena.scaleGradients(by: Float(factor)) }
    }

    /// Unscales, and asks the loss scaling, if there is one, whether to go on.
    private func unscaleForStep() -> Bool {
        unscale()
        guard let scaling = stages.lossScaling else { return true }
        return scaling.shouldStep(
            isFinite: hone_all_finite(HONE_ISA_AUTO, arena.gradientsToRead.baseAddress, arena.count))
    }

    /// Limits the gradient, and keeps the norm that it had.
    private func clip(_ clipping: GradientClipping) {
        gradientNorm = arena.sumOfSquaredGradients().squareRoot()
        clipping.apply(to: arena, norm: gradientNorm)
    }

    /// Zeroes the gradient and begins a new window.
    private func closeWindow() {
        arena.zeroGradients()
        window = GradientWindow()
        if !windowBatches.isEmpty { windowBatches = [] }
        control.skipsStep = false
    }

    private func countBatch() {
        progress.microBatch += 1
        progress.samples += batch.count
        run.microBatch += 1
        run.samples += batch.count
    }

    /// A validation over the validation set, and then over each of the named ones.
    func validateSets() throws {
        lastValidation = (run.step, run.scheduleStep, elapsedInRun)
        try validatePhase(data.valid)
        for (name, loader) in data.named where !control.leavesEpoch && !isInterrupted {
            try validatePhase(loader, name: name)
        }
    }

    /// A validation: forward passes, losses and metrics, with nothing recorded for gradients.
    func validatePhase(_ loader: DataLoader, name: String? = nil) throws {
        validationSet = name
        try withWeightsToEvaluate { try validate(loader) }
    }

    private func validate(_ loader: DataLoader) throws {
        control.beginPhase()
        let trained = epochIsComplete
        isTraining = false
        model.eval()
        epochIsComplete = false
        let batches = loader.batches(epoch: 0, key: key)
        (run.batch, run.batchCount) = (0, rehearsed(batches.count))
        var measured = ValidationAccumulator(metrics)
        try emit(.beforeValidate)
        while run.batch < run.batchCount, !control.leavesPhase, !isInterrupted {
            batch = try batches.batch(run.batch)
            control.beginBatch(opensWindow: true)
            mayStillSkipBatch = true
            forgetObservers()
            try emit(.beforeBatch)
            if !control.leavesBatch { try evaluateBatch(into: &measured) }
            try emit(.afterBatch)
            run.batch += 1
        }
        let isComplete = run.batch == run.batchCount && !control.leavesPhase
        take(measured.result, isComplete: isComplete)
        epochIsComplete = trained && isComplete
        try emit(.afterValidate)
    }

    /// Keeps what a validation found: the figures of a named set, all of whose batches were seen, join those of the sets
    /// before it.
    private func take(_ result: ValidationResult?, isComplete: Bool) {
        var result = result
        result?.weights = weightsOfValidation
        result?.isComplete = isComplete
        if let validationSet {
            if let result, isComplete { validation = validation?.adding(result, of: validationSet) }
        } else {
            validation = result
        }
        if !isValidatingWithinEpoch { epochValidation = validation }
    }

    /// The number of batches to go through of so many: a rehearsal and a short epoch do with a few.
    func rehearsed(_ count: Int) -> Int {
        min(stages.batches(of: count, isTraining: isTraining), rehearsedBatches ?? count)
    }

    var weightsOfValidation: String {
        isTrainedInUse && !usesWeightsAsTheyAre && optimizer.hasEvaluationWeights
            ? Learner.averagedWeights : weightsInUse
    }

    private func evaluateBatch(into measured: inout ValidationAccumulator) throws {
        predictions = try attempt { try observedForward(batch) }
        try emit(.afterForward)
        if control.leavesBatch { return }
        try takeLoss { try computeLoss(predictions, batch) }
        try emit(.afterLoss)
        if control.leavesBatch { return }
        try attempt { try measured.add(loss, predictions, batch) }
    }

    /// A prediction: forward passes alone. `receive` gets each batch's outputs.
    func predictPhase(_ loader: DataLoader, _ receive: (Batch, [Tensor]) -> Void) throws {
        try withWeightsToEvaluate { try predict(loader, receive) }
    }

    private func predict(_ loader: DataLoader, _ receive: (Batch, [Tensor]) -> Void) throws {
        control.beginPhase()
        isTraining = false
        model.eval()
        let batches = loader.batches(epoch: 0, key: key)
        (run.batch, run.batchCount) = (0, batches.count)
        try emit(.beforePredict)
        while run.batch < batches.count, !control.leavesPhase, !isInterrupted {
            batch = try batches.batch(run.batch)
            control.beginBatch(opensWindow: true)
            mayStillSkipBatch = true
            forgetObservers()
            try emit(.beforeBatch)
            if !control.leavesBatch {
                predictions = try attempt { try observedForward(batch) }
                try emit(.afterForward)
                if !control.leavesBatch { receive(batch, predictions) }
            }
            try emit(.afterBatch)
            run.batch += 1
        }
        try emit(.afterPredict)
    }
}
