import HoneKernels

// Events and errors, between the loop and the callbacks.

extension Learner {
    /// Calls every callback's hook of an event, and then takes over what they asked for.
    @inline(__always) func emit(_ event: Event) throws {
        guard let plan else { return }
        // Nobody to call is not worth a look at the clock.
        if !plan.entries.isEmpty {
            try plan.deliver { callback in
                do {
                    try event.deliver(to: callback, self)
                    try throwPendingTensorError()
                } catch {
                    throw wrap(firstTensorError() ?? error, event)
                }
            }
        }
        // The model may ask, too.
        if pendingRequest != nil { takeRequest() }
    }

    /// Calls `afterFit` of every callback.
    func emitAfterFit(_ outcome: FitOutcome) throws {
        try plan?.deliver { callback in
            do {
                try callback.afterFit(self, outcome)
                try throwPendingTensorError()
            } catch {
                throw wrap(firstTensorError() ?? error, .afterFit)
            }
        }
    }

    /// What went wrong with a tensor before something was thrown: that is the cause.
    private func firstTensorError() -> (any Error)? {
        do {
            try throwPendingTensorError()
            return nil
        } catch {
            return error
        }
    }

    /// Calls `teardown` of every callback, the last first, whatever the others do.
    ///
    /// - Returns: the first error that was thrown.
    func emitTeardown(_ outcome: FitOutcome) -> (any Error)? {
        var first: (any Error)?
        plan?.deliverReversed { callback in
            do {
                try catchingTensorErrors { try callback.teardown(self, outcome) }
            } catch {
                if first == nil { first = wrap(error, .teardown) }
            }
        }
        return first
    }

    private func wrap(_ error: any Error, _ event: Event) -> CallbackError {
        CallbackError(
            callback: speaker, event: event, epoch: progress.epoch, step: progress.step, underlying: error)
    }

    /// Acts on the strongest request of an event.
    private func takeRequest() {
        guard let (request, by) = pendingRequest else { return }
        pendingRequest = nil
        switch request {
        case .skipBatch where mayStillSkipBatch: control.skipsBatch = true
        case .skipBatch, .skipStep: control.skipsStep = true
        case .endPhase: control.endsPhase = true
        case .endEpoch: control.endsEpoch = true
        case .stop(let reason): control.stop = control.stop ?? (reason, by)
        }
    }

    /// Runs a part of a step, with the first mistake of its tensors thrown.
    @inline(__always) func attempt<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            let result = try body()
            try throwPendingTensorError()
            return result
        } catch let error as LabelError {
            throw DataError.label(error.label, sample: sample(ofRow: error.row, rows: nil), classes: error.classes)
        }
    }

    /// Computes the present batch's loss, and looks for the cause if it is no number.
    @inline(__always) func takeLoss(_ compute: () throws -> LossValue) throws {
        loss = try attempt(compute)
        guard loss.count >= 0, loss.count.isFinite else { throw LearnerError.lossCount(loss.count) }
        let sum = Double(loss.sum.item())
        if !sum.isFinite { try refuseNonFiniteData() }
        batchLoss = sum / loss.count
    }

    /// Blames the data for a loss that is no number, if it holds one that is not.
    private func refuseNonFiniteData() throws {
        for (part, tensors) in [("input", batch.inputs), ("target", batch.targets)] {
            for tensor in tensors {
                try tensor.withUnsafeFloats { values in
                    guard let place = values.firstIndex(where: { !$0.isFinite }) else { return }
                    let rows = tensor.rank > 0 ? tensor.shape[0] : 1
                    let length = values.count / max(1, rows)
                    throw DataError.notFinite(
                        values[place], sample: sample(ofRow: place / length, rows: rows), element: place % length,
                        part: part)
                }
            }
        }
    }

    /// The number of the sample in a row of the batch; the row itself, when a data set or a callback has made the batch
    /// longer or shorter than its list of samples.
    private func sample(ofRow row: Int, rows: Int?) -> Int {
        batch.indices.indices.contains(row) && (rows ?? batch.count) == batch.count ? batch.indices[row] : row
    }
}
