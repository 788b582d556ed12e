import Foundation
import Hone
import HoneTesting
import Testing

/// A callback of the framework as the registry's tests use it.
struct RegisteredCallback: Sendable, CustomTestStringConvertible {
    /// How the scenarios try it, with a log that nobody reads.
    let callbackCase: CallbackCase
    /// Makes one that notes the hooks which it hears, with those that it cannot do without; the path is that of a file.
    let make: @Sendable (HookLog, _ path: String) throws -> [any Callback]

    init(
        _ name: String, _ change: (inout CallbackCase) -> Void = { _ in },
        make: @escaping @Sendable (HookLog, _ path: String) throws -> [any Callback]
    ) {
        callbackCase = CallbackCase(name, writing: { try make(HookLog(), $0) }).with(change)
        self.make = make
    }

    var name: String { callbackCase.name }
    var testDescription: String { name }
}

/// Every callback of the framework. A new one needs a subclass in `LoudCallbacks.swift` and a line here.
enum CallbackRegistry {
    static let all: [RegisteredCallback] = [
        RegisteredCallback("BatchSizeFinder", { ($0.dependsOnTime, $0.setsRuns) = (true, true) }) { log, _ in
            [LoudBatchSizeFinder(log)]
        },
        RegisteredCallback("BatchSizeScheduler", { $0.setsRuns = true }) { log, _ in [LoudBatchSizeScheduler(log)] },
        RegisteredCallback("CyclicalLR") { log, _ in [LoudCyclicalLR(log)] },
        RegisteredCallback("FlatCosine") { log, _ in [LoudFlatCosine(log)] },
        RegisteredCallback("GradClip") { log, _ in [LoudGradClip(log)] },
        RegisteredCallback("GradientNoise") { log, _ in [LoudGradientNoise(log)] },
        RegisteredCallback("LossScaler") { log, _ in [LoudLossScaler(log)] },
        RegisteredCallback("NoiseScaleController", { $0.setsRuns = true }) { log, _ in
            // From 8 samples to 16, and back.
            let monitor = ToldNoiseScale { $0 < 4 ? 20 : 6 }
            return [monitor, LoudNoiseScaleController(log, monitor)]
        },
        RegisteredCallback("NoiseScaleMonitor") { log, _ in [LoudNoiseScaleMonitor(log)] },
        RegisteredCallback("ReduceLROnPlateau") { log, _ in [LoudReduceLROnPlateau(log)] },
        RegisteredCallback("SGDR") { log, _ in [LoudSGDR(log)] },
        RegisteredCallback("ActivationStats") { log, _ in [LoudActivationStats(log)] },
        RegisteredCallback("CSVLogger") { log, path in [LoudCSVLogger(log, path)] },
        RegisteredCallback("EarlyStopping", { $0.dependsOnTime = true }) { log, _ in [LoudEarlyStopping(log)] },
        RegisteredCallback(
            "FreezeBatchNorm",
            { $0.model = { Sequential(Linear(6, 8), BatchNorm1d(8), ReLU(), Linear(8, 3)) } },
            make: { log, _ in [LoudFreezeBatchNorm(log)] }),
        RegisteredCallback("GradAccumulation") { log, _ in [LoudGradAccumulation(log)] },
        RegisteredCallback("GradientStats") { log, _ in [LoudGradientStats(log)] },
        RegisteredCallback("Hook") { log, _ in [LoudHook(log)] },
        RegisteredCallback("JSONLLogger") { log, path in [LoudJSONLLogger(log, path)] },
        RegisteredCallback("LRFinder", { $0.setsRuns = true }) { log, _ in
            [LoudLRFinder(log, try LearningRateSweep(start: 1e-4, end: 1e-2, steps: 50, stopsWhenDiverging: false))]
        },
        RegisteredCallback("OneCycle") { log, _ in [LoudOneCycle(log)] },
        RegisteredCallback("ParameterScheduler") { log, _ in [LoudParameterScheduler(log)] },
        RegisteredCallback("PredictionsGatherer") { log, _ in [LoudPredictionsGatherer(log)] },
        RegisteredCallback("ProgressReporter") { log, _ in [LoudProgressReporter(log)] },
        RegisteredCallback("Recorder", { $0.dependsOnTime = true }) { log, _ in [LoudRecorder(log)] },
        RegisteredCallback("SaveBest") { log, _ in [LoudSaveBest(log)] },
        RegisteredCallback("SaveEvery") { log, _ in [LoudSaveEvery(log)] },
        RegisteredCallback("ShortEpoch") { log, _ in [LoudShortEpoch(log)] },
        RegisteredCallback("SpikeGuard") { log, _ in [LoudSpikeGuard(log)] },
        RegisteredCallback("StopWhen") { log, _ in [LoudStopWhen(log)] },
        RegisteredCallback("TerminateOnNaN") { log, _ in [LoudTerminateOnNaN(log)] },
        RegisteredCallback("Throughput", { $0.dependsOnTime = true }) { log, _ in [LoudThroughput(log)] },
        RegisteredCallback("TimeLimit") { log, _ in [LoudTimeLimit(log)] },
        RegisteredCallback("ValidateEvery", { $0.needsValidation = true }) { log, _ in [LoudValidateEvery(log)] },
        RegisteredCallback("Warmup") { log, _ in [LoudWarmup(log)] },
    ]

    /// The names of the callbacks that the sources declare.
    static func declared() throws -> Set<String> {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try declaredCallbacks(in: root.appendingPathComponent("Sources/Hone").path)
    }
}
