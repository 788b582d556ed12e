import Foundation
import Hone
import HoneRegularizers
import HoneTesting
import Testing

/// What every callback of the package must stand.
@Suite struct RegularizerScenarioTests {
    static let cases = [
        CallbackCase("DropPathSchedule") { [DropPathSchedule(.linear(from: 0.1, to: 0.5))] }
            .with {
                $0.model = { Sequential(Linear(6, 8), ReLU(), Residual(Linear(8, 8), DropPath(0.25)), Linear(8, 3)) }
            },
        CallbackCase("FreezingSchedule") { [FreezingSchedule(unfreezingEvery: .steps(3))] }
            .with { $0.groups = .startingAt(["3"]) },
        CallbackCase("RNNRegularizer") { [RNNRegularizer()] }
            .with {
                $0.sampleShape = [3, 2]
                $0.model = { Sequential(GRU(2, 4, batchFirst: true), Dropout(0.25), Flatten(), Linear(12, 3)) }
            },
        CallbackCase("SharpnessAwareMinimization") { [SharpnessAwareMinimization()] },
    ]

    @Test(arguments: cases, CallbackScenario.allCases)
    func everyScenarioIsStood(_ callback: CallbackCase, _ scenario: CallbackScenario) throws {
        try scenario.check(callback)
    }

    @Test func everyCallbackIsTried() throws {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let declared = try declaredCallbacks(in: package.appendingPathComponent("Sources").path)
        #expect(!declared.isEmpty && declared == Set(Self.cases.map(\.name)))
    }
}
