import Foundation
import Hone
import HoneAveraging
import HoneTesting
import Testing

/// What every callback of the package must stand.
@Suite struct AveragingScenarioTests {
    static let cases = [
        CallbackCase("ExponentialMovingAverage") { [ExponentialMovingAverage(decay: 0.9)] },
        CallbackCase("StochasticWeightAveraging") {
            [StochasticWeightAveraging(start: .steps(1), rate: 0.005, annealing: .steps(2), validatesAverage: true)]
        }.with { $0.model = { Sequential(Linear(6, 8), BatchNorm1d(8), ReLU(), Linear(8, 3)) } },
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
