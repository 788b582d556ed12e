import Foundation
import Hone
import HoneTesting
import Testing

/// What every callback of the framework must stand.
@Suite struct CallbackRegistryTests {
    /// A callback with a file of its own, which is gone afterwards.
    private func with<Result>(
        _ entry: RegisteredCallback, _ body: ([any Callback], HookLog) throws -> Result
    ) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hone-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let log = HookLog()
        return try body(try entry.make(log, folder.path), log)
    }

    @Test func everyCallbackIsRegistered() throws {
        let declared = try CallbackRegistry.declared()
        #expect(declared.count >= 35)
        #expect(declared == Set(CallbackRegistry.all.map(\.name)))
    }

    @Test func identifiersAreUnique() throws {
        let names = try CallbackRegistry.all.map { try with($0) { callbacks, _ in callbacks.last?.identifier } }
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: CallbackRegistry.all) func everyHookIsCalledInASubclass(_ entry: RegisteredCallback) throws {
        try with(entry) { callbacks, log in
            let learner = try entry.callbackCase.learner(callbacks)
            try learner.fit(2)
            _ = try learner.validate()
            _ = try learner.predictions()
            let missing = Set(Event.allCases).subtracting(log.heard).map(\.rawValue).sorted()
            #expect(missing.isEmpty)
        }
    }

    @Test(arguments: CallbackRegistry.all, CallbackScenario.allCases)
    func everyScenarioIsStood(_ entry: RegisteredCallback, _ scenario: CallbackScenario) throws {
        try scenario.check(entry.callbackCase)
    }
}
