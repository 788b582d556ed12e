import HoneNN

extension Optimizer {
    /// Whether a rule trains with other weights than those to evaluate with.
    public var hasEvaluationWeights: Bool { groups.contains { $0.rule.hasEvaluationWeights } }

    /// Runs `body` with the weights to evaluate with (of schedule-free rules the average) in the model, and puts those
    /// to train with back, bit for bit. What `body` does to the weights is lost; a ``step()`` or ``restore(_:)`` within
    /// it puts them back at once.
    public func withEvaluationWeights<Result>(_ body: () throws -> Result) rethrows -> Result {
        let isOutermost = beginEvaluation()
        defer { if isOutermost { endEvaluation() } }
        return try body()
    }

    /// The weights to train with: those of the arena, unless it holds those to evaluate with at present.
    public var valuesToTrain: [Float] { trainingWeights ?? Array(arena.values) }

    private func beginEvaluation() -> Bool {
        guard trainingWeights == nil, hasEvaluationWeights else { return false }
        trainingWeights = Array(arena.values)
        arena.willChangeValues()
        for (number, group) in groups.enumerated() where group.rule.hasEvaluationWeights {
            forEachStretch(of: number, frozen: true) { stretch, count, values in
                if count > 0 { group.rule.makeEvaluationWeights(stretch, step: count, values) }
            }
        }
        return true
    }

    /// Puts the weights to train with back.
    func endEvaluation() {
        guard let weights = trainingWeights else { return }
        trainingWeights = nil
        arena.willChangeValues()
        weights.withUnsafeBufferPointer {
            if let start = $0.baseAddress { arena.values.baseAddress?.update(from: start, count: $0.count) }
        }
    }
}
