import Foundation
import Hone
import HoneMixing
import HoneTesting
import Testing

/// What every callback of the package must stand.
@Suite struct MixingScenarioTests {
    static let cases = [
        CallbackCase("BatchMixing") { [BatchMixing()] },
        CallbackCase("CutMix") { [CutMix()] }.with {
            $0.sampleShape = [1, 2, 3]
            $0.model = { Sequential(Flatten(), Linear(6, 8), ReLU(), Linear(8, 3)) }
        },
        CallbackCase("LabelMixing") { [LabelMixing()] },
        CallbackCase("MixUp") { [MixUp()] },
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
