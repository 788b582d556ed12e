import Foundation
import Hone

/// A callback under trial in a scenario.
struct CallbackTrial {
    let scenario: CallbackScenario
    let callback: CallbackCase
    /// Makes the callback anew.
    let makeOne: () throws -> [any Callback]

    private func require(_ holds: Bool, _ problem: @autoclosure () -> String) throws {
        guard holds else { throw CallbackViolation(callback: callback.name, scenario: scenario, problem: problem()) }
    }

    // MARK: The scenarios

    func twoFits() throws {
        try requireFreshNextFit { try $0.fit(2) }
    }

    func failure() throws {
        try endings(
            .failure,
            [
                .init(.beforeFit, .prepare), .init(.afterLoss, .persist), .init(.gradientsReady, .prepare),
                .init(.afterStep, .persist), .init(.afterLoss, .persist, inValidation: true),
                .init(.afterEpoch, .prepare),
            ])
    }

    func stop() throws {
        try endings(
            .stop,
            [
                .init(.beforeEpoch, .prepare), .init(.afterLoss, .persist), .init(.gradientsReady, .prepare),
                .init(.afterBatch, .persist), .init(.afterLoss, .persist, inValidation: true),
                .init(.afterEpoch, .prepare),
            ])
    }

    func emptyValidation() throws {
        let learner = try callback.learner(makeOne(), valid: 0)
        do {
            try learner.fit(2)
            try require(learner.progress.microBatch > 0, "the fit saw no batch")
        } catch let error as CallbackError where callback.needsValidation {
            let isKnown = "\(error.underlying)".contains("validation data, of which there is none")
            try require(
                isKnown || error.underlying as? DataError == .empty("valid"),
                "expected an error about validation data, not \(error)")
        }
    }

    func noEpochs() throws {
        let learner = try callback.learner(makeOne())
        let before = state(learner)
        let outcome = try learner.fit(0)
        try require("\(outcome)" == "completed", "the fit was \(outcome)")
        try require(learner.progress.microBatch == 0 && state(learner) == before, "the model is another")
        try requireFreshNextFit { try $0.fit(0) }
    }

    func oneBatch() throws {
        try requireFreshNextFit(batchSize: 48) { learner in
            try learner.fit(2)
            let (steps, epochs) = (learner.progress.step, learner.recorder.epochs.count)
            try require(epochs > 0, "no epoch came to its end")
            if callback.setsRuns { return }
            try require(steps == 2 && epochs == 2, "\(steps) steps in \(epochs) epochs, expected 2 in 2")
        }
    }

    func snapshots() throws {
        var snapshots: [TrainingSnapshot] = []
        let learner = try callback.learner(makeOne())
        let taking = Hook(.afterBatch, phase: .persist) { learner in
            if learner.isTraining, learner.run.microBatch == 2 { snapshots.append(try learner.snapshot()) }
        }
        try learner.fit(2, callbacks: [taking])
        try require(callback.setsRuns || snapshots.count == 1, "the fit had no second batch")
        snapshots.append(try learner.snapshot())
        for snapshot in snapshots {
            let other = try callback.learner(makeOne(), seed: 7)
            try other.restore(snapshot.encoded())
            let restored = try other.snapshot()
            let (after, before) = (try restored.callbackStates, try snapshot.callbackStates)
            for name in other.callbacks.map(\.identifier) {
                try require(
                    after[name] == before[name], "the state of \(name) is another")
            }
            try require(restored.values.elementsEqual(snapshot.values), "the weights are others")
        }
    }

    // MARK: Fits that are ended by someone else

    private enum Ending { case failure, stop }

    private struct Thrown: Error {}

    /// Where a fit is ended: with the first phase before the callback hears of the event, with the last one afterwards.
    private struct Site {
        let event: Event
        let phase: Phase
        let inValidation: Bool

        init(_ event: Event, _ phase: Phase, inValidation: Bool = false) {
            (self.event, self.phase, self.inValidation) = (event, phase, inValidation)
        }

        /// Batches end the first epoch with their second, all else the second epoch.
        func isReached(_ learner: Learner) -> Bool {
            switch event {
            case .beforeFit: true
            case .beforeEpoch, .afterEpoch: learner.run.epoch == 1
            default:
                learner.isTraining
                    ? !inValidation && learner.run.microBatch >= 1 : inValidation && learner.run.epoch == 1
            }
        }
    }

    private func endings(_ ending: Ending, _ sites: [Site]) throws {
        for site in sites { try requireFreshNextFit { try fit($0, ending, at: site) } }
    }

    /// A fit that is ended; a callback that ends runs may do so before.
    private func fit(_ learner: Learner, _ ending: Ending, at site: Site) throws {
        var isReached = false
        let ender = Hook(site.event, name: "Ender", phase: site.phase) { learner in
            guard !isReached, site.isReached(learner) else { return }
            isReached = true
            switch ending {
            case .failure: throw Thrown()
            case .stop: learner.request(.stop("enough"))
            }
        }
        var outcome: FitOutcome?
        do {
            outcome = try learner.fit(2, callbacks: [ender])
        } catch let error as CallbackError where error.underlying is Thrown {
            try require(!learner.isRunning, "the learner is still running after an error in \(site.event)")
        }
        try require(isReached || callback.setsRuns, "the fit had no \(site.event)")
        guard isReached else { return }
        switch (ending, outcome) {
        case (.failure, nil), (.stop, .stopped(reason: "enough", by: "Ender")?): break
        case (.stop, .stopped?) where callback.setsRuns: break
        case (.failure, _): try require(false, "an error in \(site.event) did not end the fit")
        case (.stop, _):
            try require(false, "asked to stop in \(site.event), the fit was \(outcome.map { "\($0)" } ?? "failed")")
        }
    }

    // MARK: Comparisons

    /// Uses the callback in a fit, and compares the fit that follows with that of a callback which was never used: on the same
    /// learner and on another one.
    private func requireFreshNextFit(batchSize: Int = 8, after body: (Learner) throws -> Void) throws {
        let used = try makeOne()
        let learner = try callback.learner(used, batchSize: batchSize)
        let before = surroundings(learner)
        try body(learner)
        let after = surroundings(learner)
        try require(after == before, "the fit left \(after), expected \(before)")

        // Another one goes the same way with another callback, which is then replaced.
        let others = try makeOne()
        let twin = try callback.learner(others, batchSize: batchSize)
        try body(twin)
        for callback in others { twin.remove(callback) }
        let fresh = try makeOne()
        for callback in fresh { twin.add(callback) }
        try requireSameFit(learner, twin)
        let another = try callback.learner(used, seed: 7, batchSize: batchSize)
        try requireSameFit(another, try callback.learner(makeOne(), seed: 7, batchSize: batchSize))
    }

    private func requireSameFit(_ used: Learner, _ fresh: Learner) throws {
        try used.fit(1)
        try fresh.fit(1)
        try require(state(used) == state(fresh), "the next fit gives other weights than that of a fresh callback")
        try require(
            used.recorder.steps == fresh.recorder.steps, "the next fit takes other steps than that of a fresh callback")
        if callback.dependsOnTime { return }
        let (ofUsed, ofFresh) = (try used.snapshot().callbackStates, try fresh.snapshot().callbackStates)
        for name in used.callbacks.map(\.identifier) where name != used.recorder.identifier {
            try require(ofUsed[name] == ofFresh[name], "\(name) has another state after the next fit than a fresh one")
        }
    }

    /// Parameters and buffers, bit for bit.
    private func state(_ learner: Learner) -> String { learner.model.stateDictionary.sha256 }

    /// What a fit leaves as it was.
    private func surroundings(_ learner: Learner) -> String {
        let labels = learner.model.modules.map(\.module.label)
        let modes = learner.model.modules.compactMap { ($0.module as? any TrainingModeDependent)?.isTraining }
        let trained = learner.arena.entries.filter(\.parameter.isTrainable).map(\.name)
        let rates = learner.optimizer.groups.map { $0.base[.learningRate].map { "\($0)" } ?? "none" }
        // Averages may stay in the model, if the weights that were trained can be had.
        let weights = learner.weightNames.contains("trained") ? "trained" : learner.weightsInUse
        return "training modes \(modes), trainable \(trained), rates \(rates), weights \(weights), "
            + "loss \(type(of: learner.lossFunction)), modules \(labels)"
    }
}
