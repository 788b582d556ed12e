// Gradients of the same batches at other weights.

extension Learner {
    /// Computes the gradients of the present window again, at the weights as they are now: with the same batches and the
    /// same random numbers, so that at unchanged weights the same bits come out. For callbacks, in `gradientsReady` and
    /// `beforeStep`; the run must keep its batches: `learner.stages.keepBatches()` in `beforeFit`.
    ///
    /// Buffers (the running statistics of norms) and what the learner shows of its batch are put back. What callbacks
    /// have added to a batch's loss in `afterLoss` is not in the gradient.
    /// - Throws: ``LearnerError/cannotRecompute(_:)`` without a complete window or kept batches, and what the model
    ///   throws.
    public func recomputeGradients() throws {
        guard isRunning, isTraining, window.microBatches > 0 else {
            throw LearnerError.cannotRecompute("no window is complete; call it in gradientsReady or beforeStep")
        }
        guard !isUpdating else {
            throw LearnerError.cannotRecompute("the loss is that of update(groups:_:), which is not kept")
        }
        guard windowBatches.count == window.microBatches else {
            throw LearnerError.cannotRecompute(
                "the window's batches were not kept; call learner.stages.keepBatches() in beforeFit")
        }
        let former = (batch, predictions, loss)
        let buffers = model.buffers.map { ($0.buffer, $0.buffer.value) }
        defer {
            (batch, predictions, loss) = former
            for (buffer, value) in buffers { buffer.value = value }
        }
        arena.zeroGradients()
        for (batch, number) in windowBatches {
            self.batch = batch
            try recomputeGradient(number)
        }
        unscale()
    }

    /// Adds the gradient of the present batch, the `number`th of the learner's life.
    private func recomputeGradient(_ number: Int) throws {
        tape.start()
        try tape.resume {
            let key = key.derived("dropout", number)
            predictions = try attempt { try withRandomKey(key) { try forward(batch) } }
            loss = try attempt {
                try withRandomKey(key, from: Learner.firstDrawOfLoss) { try computeLoss(predictions, batch) }
            }
        }
        guard loss.count > 0 else { return tape.clear() }
        try attempt { try tape.backward(from: loss.sum, scale: window.scale) }
    }
}
