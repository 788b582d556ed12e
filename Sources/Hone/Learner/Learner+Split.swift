// Gradients of the parts of a batch.

extension Learner {
    /// Computes the gradient of each of the equal parts that the present batch is cut into, at the present weights, and
    /// calls `body` after each with the sum so far in the arena; then all is put back as it was, the gradient too.
    ///
    /// Dropout draws its own masks; norms over the batch (batch norm) see the part alone, and their running statistics are
    /// put back.
    func withGradients(ofParts parts: Int, _ body: (GradientWindow) -> Void) throws {
        let former = (batch, predictions, loss, window)
        let gradients = [Float](arena.gradientsToRead)
        let buffers = model.buffers.map { ($0.buffer, $0.buffer.value) }
        defer {
            (batch, predictions, loss, window) = former
            for (buffer, value) in buffers { buffer.value = value }
            arena.zeroGradients()
            arena.completeGradients()
            gradients.withUnsafeBufferPointer { source in
                if let start = source.baseAddress {
                    arena.gradients.baseAddress?.update(from: start, count: source.count)
                }
            }
        }
        arena.zeroGradients()
        window = GradientWindow()
        let whole = former.0
        for part in 0..<parts {
            let rows = (part * whole.count / parts)..<((part + 1) * whole.count / parts)
            batch = try attempt { whole.rows(rows) }
            tape.start()
            try tape.resume {
                let key = key.derived("part \(part)", progress.microBatch)
                predictions = try attempt { try withRandomKey(key) { try forward(batch) } }
                loss = try attempt {
                    try withRandomKey(key, from: Learner.firstDrawOfLoss) { try computeLoss(predictions, batch) }
                }
            }
            window.microBatches += 1
            window.samples += batch.count
            window.count += loss.count
            guard loss.count > 0 else {
                tape.clear()
                continue
            }
            if window.firstCount == 0 { window.firstCount = loss.count }
            try attempt { try tape.backward(from: loss.sum, scale: window.scale) }
            body(window)
        }
    }
}

extension Batch {
    /// Whether its tensors can be cut between samples: a callback may have made them longer or shorter.
    var hasARowForEachSample: Bool { (inputs + targets).allSatisfy { $0.rank > 0 && $0.shape[0] == count } }

    /// Some neighbouring samples.
    fileprivate func rows(_ range: Range<Int>) -> Batch {
        let rows = range.map { Int32($0) }
        return Batch(
            inputs: inputs.map { $0.rows(rows) }, targets: targets.map { $0.rows(rows) }, indices: Array(indices[range])
        )
    }
}
