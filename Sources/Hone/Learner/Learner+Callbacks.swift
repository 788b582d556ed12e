// Adding and removing callbacks, and showing what will be called when.

extension Learner {
    /// Adds callbacks; they take part from the next run on.
    public func add(_ callbacks: any Callback...) {
        self.callbacks += callbacks
        plans = [:]
    }

    /// Removes callbacks by identity; they are gone from the next run on.
    public func remove(_ callbacks: any Callback...) {
        remove { candidate in callbacks.contains { $0 === candidate } }
    }

    /// Removes all callbacks of a type.
    public func removeCallbacks<C: Callback>(of type: C.Type) {
        remove { $0 is C }
    }

    private func remove(_ isGone: (any Callback) -> Bool) {
        callbacks.removeAll(where: isGone)
        plans = [:]
    }

    /// The first callback of a type, or nil.
    public func callback<C: Callback>(_ type: C.Type) -> C? { callbacks.lazy.compactMap { $0 as? C }.first }

    /// Runs `body` with further callbacks, and takes them away again.
    @discardableResult public func withCallbacks<Result>(
        _ extra: any Callback..., body: () throws -> Result
    ) rethrows -> Result {
        try with(callbacks + extra, body)
    }

    /// Runs `body` without the callbacks of some types, and puts them back in their places.
    @discardableResult public func withoutCallbacks<Result>(
        _ types: any Callback.Type..., body: () throws -> Result
    ) rethrows -> Result {
        func isInstance<C: Callback>(_ callback: any Callback, _: C.Type) -> Bool { callback is C }
        return try with(callbacks.filter { callback in !types.contains { isInstance(callback, $0) } }, body)
    }

    /// Runs `body` without the progress reporter.
    @discardableResult public func quietly<Result>(_ body: () throws -> Result) rethrows -> Result {
        try withoutCallbacks(ProgressReporter.self, body: body)
    }

    private func with<Result>(_ others: [any Callback], _ body: () throws -> Result) rethrows -> Result {
        let former = callbacks
        callbacks = others
        plans = [:]
        defer {
            callbacks = former
            plans = [:]
        }
        return try body()
    }

    /// The loop of a fit as a picture, and the callbacks in the order in which each of its events calls them; or why
    /// this set of callbacks cannot run.
    public func describeLoop() -> String {
        do {
            let plan = try CallbackPlan(callbacks, for: .fit)
            try plan.refuseConflicts()
            var text = "fit of \(model.label), \(type(of: lossFunction)), \(optimizer.groups.first?.rule.name ?? "")\n"
            text += "\nCallbacks, in the order in which every event calls them\n"
            let rows = plan.entries.map { entry in
                [entry.name, "\(entry.callback.phase)", entry.callback.writes.map(\.name).joined(separator: ", ")]
            }
            text += TextTable(header: ["callback", "phase", "sets"], rows: rows).description
            text += "\n\nEvents\n" + Learner.picture
            return text
        } catch {
            return "this set of callbacks cannot run: \(error)"
        }
    }

    private static let picture = """
        beforeFit
          for each epoch: beforeEpoch
            beforeTrain
              for each batch: beforeBatch
                forward, afterForward, loss, afterLoss
                beforeBackward, backward, afterBackward
                when the window is complete: unscale, gradientsReady, clip,
                  beforeStep, step, afterStep, zero gradients
              afterBatch
            afterTrain
            beforeValidate
              for each batch: beforeBatch, forward, afterForward, loss, afterLoss, afterBatch
            afterValidate
          afterEpoch
        afterFit
        teardown
        """
}
