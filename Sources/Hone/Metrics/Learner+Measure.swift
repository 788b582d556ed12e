extension Learner {
    /// Measures one thing over the validation set, or over other data, and returns all that the metric keeps: a confusion
    /// matrix, the scores of single classes.
    ///
    /// - Throws: `DataError.empty(_:)` when there is nothing to measure, and as ``fit(_:validateEvery:rehearsal:callbacks:)``.
    public func measure<M: Metric>(_ metric: M, on loader: DataLoader? = nil) throws -> M.State {
        let loader = loader ?? data.valid
        var state: M.State?
        var failure: (any Error)?
        _ = try perform(.predict) {
            try predictPhase(loader) { batch, outputs in
                guard failure == nil else { return }
                do {
                    guard let target = batch.target else { throw LearnerError.missingTarget }
                    guard let prediction = outputs.first else { return }
                    let part = try attempt { try metric.measure(prediction, target) }
                    state = state.map { $0 + part } ?? part
                } catch {
                    failure = error
                    request(.stop("\(metric.name) cannot be measured"))
                }
            }
            if let failure { throw failure }
        }
        guard let state else { throw DataError.empty("valid") }
        return state
    }
}
