import Foundation
import Testing

@testable import Hone

/// What every callback of the framework must stand.
@Suite struct CallbackRegistryTests {
    /// A callback with a file of its own, which is gone afterwards.
    private func with<Result>(
        _ entry: RegisteredCallback, count: Int = 1, _ body: ([any Callback], HookLog) throws -> Result
    ) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hone-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let log = HookLog()
        let callbacks = try (0..<count).map { try entry.make(log, folder.appendingPathComponent("\($0)").path) }
        return try body(callbacks, log)
    }

    /// A learner with a callback, which is added last: the tests' learners drop every reporter.
    private func points(
        _ entry: RegisteredCallback, seed: UInt64 = 42, batchSize: Int = 8, valid: Int = 20, _ callback: any Callback
    ) throws -> Learner {
        let learner = try Points.learner(seed: seed, batchSize: batchSize, valid: valid, model: entry.model())
        learner.add(callback)
        return learner
    }

    /// The run states of a learner's callbacks, encoded.
    private func states(_ learner: Learner) throws -> [String: [String: Data]] { try learner.snapshot().callbackStates }

    @Test func everyCallbackIsRegistered() throws {
        let declared = try CallbackRegistry.declared()
        #expect(declared.count >= 17)
        #expect(declared == Set(CallbackRegistry.all.map(\.name)))
    }

    @Test func identifiersAreUnique() throws {
        let names = try CallbackRegistry.all.map { try with($0) { callbacks, _ in callbacks[0].identifier } }
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: CallbackRegistry.all) func everyHookIsCalledInASubclass(_ entry: RegisteredCallback) throws {
        try with(entry) { callbacks, log in
            let learner = try points(entry, callbacks[0])
            try learner.fit(2)
            _ = try learner.validate()
            _ = try learner.predictions()
            let missing = Set(Event.allCases).subtracting(log.heard).map(\.rawValue).sorted()
            #expect(missing.isEmpty)
        }
    }

    @Test(arguments: CallbackRegistry.all) func statesComeBackFromASnapshot(_ entry: RegisteredCallback) throws {
        try with(entry, count: 2) { callbacks, _ in
            let learner = try points(entry, callbacks[0])
            try learner.fit(2)
            let snapshot = try learner.snapshot()
            let other = try points(entry, callbacks[1])
            try other.restore(snapshot)
            #expect(try states(other) == snapshot.callbackStates)
        }
    }

    @Test(arguments: CallbackRegistry.all) func nothingLeaksFromOneFitIntoTheNext(_ entry: RegisteredCallback) throws {
        try with(entry, count: 2) { callbacks, _ in
            try points(entry, callbacks[0]).fit(2)
            let used = try points(entry, seed: 7, callbacks[0])
            let fresh = try points(entry, seed: 7, callbacks[1])
            try used.fit(2)
            try fresh.fit(2)
            #expect(bits(used) == bits(fresh))
            #expect(used.recorder.steps == fresh.recorder.steps)
            if !entry.dependsOnTime {
                let name = callbacks[0].identifier
                #expect(try states(used)[name] == states(fresh)[name])
            }
        }
    }

    @Test(arguments: CallbackRegistry.all) func aFitOfNoEpochsIsCompleted(_ entry: RegisteredCallback) throws {
        try with(entry) { callbacks, _ in
            let learner = try points(entry, callbacks[0])
            let outcome = try learner.fit(0)
            #expect("\(outcome)" == "completed" && learner.progress.step == 0)
        }
    }

    @Test(arguments: CallbackRegistry.all) func anEmptyValidationSetIsNoTroubleOrTheKnownError(
        _ entry: RegisteredCallback
    ) throws {
        try with(entry) { callbacks, _ in
            let learner = try points(entry, valid: 0, callbacks[0])
            do {
                try learner.fit(2)
                #expect(learner.progress.microBatch > 0)
            } catch let error as CallbackError where entry.watchesValidation {
                let isKnown = "\(error.underlying)".hasSuffix("expected validation data, of which there is none")
                #expect(isKnown || error.underlying as? DataError == .empty("valid"))
            }
        }
    }

    @Test(arguments: CallbackRegistry.all.filter { !$0.setsRuns })
    func anEpochOfOneBatchWillDo(_ entry: RegisteredCallback) throws {
        try with(entry) { callbacks, _ in
            let learner = try points(entry, batchSize: 48, callbacks[0])
            try learner.fit(2)
            #expect(learner.progress.step == 2 && learner.recorder.epochs.count == 2)
        }
    }

    @Test(arguments: CallbackRegistry.all.filter { !$0.setsRuns })
    func afterAFailureTheNextFitIsAFreshOne(_ entry: RegisteredCallback) throws {
        try with(entry, count: 2) { callbacks, _ in
            let failing = try points(entry, callbacks[0])
            let thrower = Listener { event, learner in
                if event == .afterBatch, learner.run.microBatch == 3 { throw Oops() }
            }
            let error = #expect(throws: CallbackError.self) { try failing.fit(2, callbacks: [thrower]) }
            #expect(error?.underlying is Oops && !failing.isRunning)
            let used = try points(entry, seed: 7, callbacks[0])
            let fresh = try points(entry, seed: 7, callbacks[1])
            try used.fit(1)
            try fresh.fit(1)
            #expect(bits(used) == bits(fresh))
        }
    }

    @Test(arguments: CallbackRegistry.all) func aStopIsHeeded(_ entry: RegisteredCallback) throws {
        try with(entry) { callbacks, log in
            let learner = try points(entry, callbacks[0])
            let asker = Listener("Asker") { event, learner in
                if event == .afterBatch { learner.request(.stop("enough")) }
            }
            let outcome = try learner.fit(2, callbacks: [asker])
            #expect("\(outcome)" == "stopped by Asker: enough" && learner.progress.microBatch == 1)
            #expect(log.heard.contains(.afterFit) && log.heard.contains(.teardown))
        }
    }
}
