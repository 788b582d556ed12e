import Foundation
import Hone
import Testing

/// A callback of the framework as the registry's tests use it.
struct RegisteredCallback: Sendable, CustomTestStringConvertible {
    /// The class's name.
    let name: String
    /// Whether it may watch what an empty validation set does not have.
    var watchesValidation = false
    /// Whether its run states depend on the clock.
    var dependsOnTime = false
    /// Whether it sets the size of batches, or ends runs by itself: then the number of steps is not what it was.
    var setsRuns = false
    /// The model that it is tried with, of 6 features and 3 classes; nil for the usual one.
    var model: @Sendable () -> (any Module)? = { nil }
    /// Makes one that notes the hooks which it hears; the path is that of a file of its own.
    let make: @Sendable (HookLog, _ path: String) throws -> any Callback

    var testDescription: String { name }
}

/// Every callback of the framework. A new one needs a subclass in `LoudCallbacks.swift` and a line here.
enum CallbackRegistry {
    static let all: [RegisteredCallback] = [
        RegisteredCallback(name: "BatchSizeFinder", dependsOnTime: true, setsRuns: true) { log, _ in
            LoudBatchSizeFinder(log)
        },
        RegisteredCallback(name: "BatchSizeScheduler", setsRuns: true) { log, _ in LoudBatchSizeScheduler(log) },
        RegisteredCallback(name: "CyclicalLR") { log, _ in LoudCyclicalLR(log) },
        RegisteredCallback(name: "FlatCosine") { log, _ in LoudFlatCosine(log) },
        RegisteredCallback(name: "GradClip") { log, _ in LoudGradClip(log) },
        RegisteredCallback(name: "GradientNoise") { log, _ in LoudGradientNoise(log) },
        RegisteredCallback(name: "LossScaler") { log, _ in LoudLossScaler(log) },
        RegisteredCallback(name: "NoiseScaleMonitor") { log, _ in LoudNoiseScaleMonitor(log) },
        RegisteredCallback(name: "ReduceLROnPlateau") { log, _ in LoudReduceLROnPlateau(log) },
        RegisteredCallback(name: "SGDR") { log, _ in LoudSGDR(log) },
        RegisteredCallback(name: "ActivationStats") { log, _ in LoudActivationStats(log) },
        RegisteredCallback(name: "CSVLogger") { log, path in LoudCSVLogger(log, path) },
        RegisteredCallback(name: "EarlyStopping", dependsOnTime: true) { log, _ in LoudEarlyStopping(log) },
        RegisteredCallback(
            name: "FreezeBatchNorm", model: { Sequential(Linear(6, 8), BatchNorm1d(8), ReLU(), Linear(8, 3)) }
        ) { log, _ in LoudFreezeBatchNorm(log) },
        RegisteredCallback(name: "GradAccumulation") { log, _ in LoudGradAccumulation(log) },
        RegisteredCallback(name: "GradientStats") { log, _ in LoudGradientStats(log) },
        RegisteredCallback(name: "Hook") { log, _ in LoudHook(log) },
        RegisteredCallback(name: "JSONLLogger") { log, path in LoudJSONLLogger(log, path) },
        RegisteredCallback(name: "LRFinder") { log, _ in
            LoudLRFinder(log, try LearningRateSweep(start: 1e-4, end: 1e-2, steps: 50, stopsWhenDiverging: false))
        },
        RegisteredCallback(name: "OneCycle") { log, _ in LoudOneCycle(log) },
        RegisteredCallback(name: "ParameterScheduler") { log, _ in LoudParameterScheduler(log) },
        RegisteredCallback(name: "PredictionsGatherer") { log, _ in LoudPredictionsGatherer(log) },
        RegisteredCallback(name: "ProgressReporter") { log, _ in LoudProgressReporter(log) },
        RegisteredCallback(name: "Recorder", dependsOnTime: true) { log, _ in LoudRecorder(log) },
        RegisteredCallback(name: "SaveBest") { log, _ in LoudSaveBest(log) },
        RegisteredCallback(name: "SaveEvery") { log, _ in LoudSaveEvery(log) },
        RegisteredCallback(name: "ShortEpoch") { log, _ in LoudShortEpoch(log) },
        RegisteredCallback(name: "SpikeGuard") { log, _ in LoudSpikeGuard(log) },
        RegisteredCallback(name: "StopWhen") { log, _ in LoudStopWhen(log) },
        RegisteredCallback(name: "TerminateOnNaN") { log, _ in LoudTerminateOnNaN(log) },
        RegisteredCallback(name: "Throughput", dependsOnTime: true) { log, _ in LoudThroughput(log) },
        RegisteredCallback(name: "TimeLimit") { log, _ in LoudTimeLimit(log) },
        RegisteredCallback(name: "ValidateEvery", watchesValidation: true) { log, _ in LoudValidateEvery(log) },
        RegisteredCallback(name: "Warmup") { log, _ in LoudWarmup(log) },
    ]

    /// The names of the callbacks that the sources declare: open classes that derive from `LearnerCallback`, at once or by
    /// another.
    static func declared() throws -> Set<String> {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var parents: [String: String] = [:]
        for folder in ["Callbacks", "Recording", "Finders", "Checkpoint"] {
            let path = root.appendingPathComponent("Sources/Hone/\(folder)").path
            for file in try FileManager.default.subpathsOfDirectory(atPath: path) where file.hasSuffix(".swift") {
                let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
                for line in text.split(separator: "\n") where line.hasPrefix("open class ") {
                    let words = line.dropFirst("open class ".count).split { !$0.isLetter && !$0.isNumber && $0 != "_" }
                    if words.count >= 2 { parents[String(words[0])] = String(words[1]) }
                }
            }
        }
        func isCallback(_ name: String) -> Bool {
            name == "LearnerCallback" || parents[name].map(isCallback) == true
        }
        // A controller runs with its monitor alone, and has tests of its own.
        return Set(parents.keys.filter(isCallback)).subtracting(["NoiseScaleController"])
    }
}
