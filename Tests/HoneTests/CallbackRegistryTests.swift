import Hone
import HoneTesting
import Testing

/// What every callback of the framework must stand.
@Suite struct CallbackRegistryTests {
    @Test func everyCallbackIsRegistered() throws {
        let declared = try CallbackRegistry.declared()
        #expect(declared.count >= 35)
        #expect(declared == Set(CallbackRegistry.all.map(\.name)))
    }

    @Test func everyCallbackMayBeDerivedFrom() throws {
        #expect(try CallbackRegistry.closedDeclarations() == [])
    }

    @Test(arguments: CallbackRegistry.all, CallbackScenario.allCases)
    func everyScenarioIsStood(_ callback: CallbackCase, _ scenario: CallbackScenario) throws {
        try scenario.check(callback)
    }
}
