// Steps of a subclass's own.

extension Learner {
    /// One optimizer step of some groups on a loss of one's own, for ``trainingStep(_:)``.
    ///
    /// ```swift
    /// final class Adversarial: Learner {
    ///     override var updatesPerBatch: Int { 2 }
    ///     override func trainingStep(_ batch: Batch) throws {
    ///         try update(groups: [1]) { criticLoss(batch) }
    ///         try update(groups: [0]) { generatorLoss(batch) }
    ///     }
    /// }
    /// ```
    ///
    /// Parameters of other groups are constants in it. Events are those from `afterLoss` to `afterStep`; each update counts
    /// as a step.
    /// - Parameters:
    ///   - groups: the optimizer's groups to change; nil for all.
    ///   - body: the loss as sum and count, computed by the model. It may set ``predictions``.
    /// - Throws: ``LearnerError/argument(_:value:expected:)`` outside of a training step, for a group that does not exist,
    ///   or with gradients accumulated over batches, and what `body` and callbacks throw.
    public func update(groups: [Int]? = nil, _ body: () throws -> LossValue) throws {
        guard isRunning, isTraining, window.microBatches == 0 else {
            throw LearnerError.argument("update", value: "called elsewhere", expected: "a call in trainingStep(_:)")
        }
        guard stages.accumulation == .batches(1) else {
            throw LearnerError.argument(
                "accumulation", value: "\(stages.accumulation)",
                expected: "none, since trainingStep takes its own steps")
        }
        if let bad = groups?.first(where: { !optimizer.groups.indices.contains($0) }) {
            throw LearnerError.argument(
                "update group", value: "\(bad)", expected: "one of \(optimizer.groups.indices)")
        }
        guard !control.leavesBatch else { return }
        let frozen = freezing(allBut: groups)
        defer { for parameter in frozen { parameter.isTrainable = true } }
        mayStillSkipBatch = true
        isUpdating = true
        defer { isUpdating = false }
        try recordLoss(body)
        if control.leavesBatch { return }
        mayStillSkipBatch = false
        try emit(.beforeBackward)
        if !control.leavesPhase { try backwardPass() }
        try emit(.afterBackward)
        if window.microBatches > 0, !control.leavesPhase { try stepWindow() }
    }

    private func recordLoss(_ body: () throws -> LossValue) throws {
        tape.start()
        try tape.resume {
            let key = key.derived("dropout", progress.microBatch).derived("update", progress.step)
            try withRandomKey(key) { try takeLoss(body) }
            try emit(.afterLoss)
        }
    }

    /// Freezes what other groups train, and returns it.
    private func freezing(allBut groups: [Int]?) -> [Parameter] {
        guard let groups else { return [] }
        var frozen: [Parameter] = []
        for (number, group) in optimizer.groups.enumerated() where !groups.contains(number) {
            for index in group.entries.joined() where arena.entries[index].parameter.isTrainable {
                arena.entries[index].parameter.isTrainable = false
                frozen.append(arena.entries[index].parameter)
            }
        }
        return frozen
    }
}
