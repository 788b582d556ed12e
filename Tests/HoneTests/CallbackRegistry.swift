import Foundation
import Hone
import HoneTesting
import Testing

/// Every callback of the framework. A new one needs a line here.
enum CallbackRegistry {
    static let all: [CallbackCase] = [
        CallbackCase("ActivationStats") { [ActivationStats(every: .steps(2), bins: 5)] },
        CallbackCase("BatchSizeFinder") { [BatchSizeFinder(batchSize: 4)] }.with {
            ($0.dependsOnTime, $0.setsRuns) = (true, true)
        },
        CallbackCase("BatchSizeScheduler") { [BatchSizeScheduler([.epochs(1): 4], scaling: .linear)] }.with {
            $0.setsRuns = true
        },
        CallbackCase("CSVLogger", writing: { path in [CSVLogger(path)] }),
        CallbackCase("CyclicalLR") { [CyclicalLR(base: 0.01, peak: 0.02, halfCycle: .steps(2))] },
        CallbackCase("EarlyStopping") { [EarlyStopping(monitor: .trainLoss, patience: .epochs(9))] }.with {
            $0.dependsOnTime = true
        },
        CallbackCase("FlatCosine") { [FlatCosine(lr: 0.01)] },
        CallbackCase("FreezeBatchNorm") { [FreezeBatchNorm(affine: true)] }.with {
            $0.model = { Sequential(Linear(6, 8), BatchNorm1d(8), ReLU(), Linear(8, 3)) }
        },
        CallbackCase("GradAccumulation") { [GradAccumulation(batches: 2)] },
        CallbackCase("GradClip") { [GradClip(maxNorm: 1)] },
        CallbackCase("GradientNoise") { [GradientNoise(eta: 0.01)] },
        CallbackCase("GradientStats") { [GradientStats(every: .steps(2))] },
        CallbackCase("Hook") { [Hook(.afterStep, every: .steps(2)) { _ in }] },
        CallbackCase("JSONLLogger", writing: { path in [JSONLLogger(path)] }),
        CallbackCase("LRFinder") {
            [LRFinder(try LearningRateSweep(start: 1e-4, end: 1e-2, steps: 50, stopsWhenDiverging: false))]
        }.with { $0.setsRuns = true },
        CallbackCase("LossScaler") { [LossScaler(initial: 1024, interval: 2)] },
        CallbackCase("NoiseScaleController") {
            // From 8 samples to 16, and back.
            let monitor = ToldNoiseScale { $0 < 4 ? 20 : 6 }
            return [monitor, NoiseScaleController(monitor, moving: .batchSize(4...16), every: 2, scaling: .linear)]
        }.with { $0.setsRuns = true },
        CallbackCase("NoiseScaleMonitor") { [NoiseScaleMonitor(splittingInto: 2)] },
        CallbackCase("OneCycle") { [OneCycle(lrMax: 0.01)] },
        CallbackCase("ParameterScheduler") { [ParameterScheduler([.learningRate: .cosine(from: 0.01, to: 0)])] },
        CallbackCase("PredictionsGatherer") { [PredictionsGatherer(withLosses: true)] },
        CallbackCase("ProgressReporter") { [ProgressReporter(isTerminal: false) { _ in }] },
        CallbackCase("Recorder") { [SecondRecorder()] }.with { $0.dependsOnTime = true },
        CallbackCase("ReduceLROnPlateau") { [ReduceLROnPlateau(monitor: .trainLoss, factor: 0.5, patience: 0)] },
        CallbackCase("SGDR") { [SGDR(lrMax: 0.01)] },
        CallbackCase("SaveBest") { [SaveBest(.trainLoss)] },
        CallbackCase("SaveEvery") { [SaveEvery(.steps(2))] },
        CallbackCase("ShortEpoch") { [ShortEpoch(0.5)] },
        CallbackCase("SpikeGuard") { [SpikeGuard(window: 5, every: .steps(2))] },
        CallbackCase("StopWhen") { [StopWhen(.below(.trainLoss.smoothed(0.5), 0))] },
        CallbackCase("TerminateOnNaN") { [TerminateOnNaN()] },
        CallbackCase("Throughput") { [Throughput()] }.with { $0.dependsOnTime = true },
        CallbackCase("TimeLimit") { [TimeLimit(minutes: 60)] },
        CallbackCase("ValidateEvery") { [ValidateEvery(.steps(2))] }.with { $0.needsValidation = true },
        CallbackCase("Warmup") { [Warmup(.steps(3))] },
    ]

    /// The folder of the framework's sources.
    static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources/Hone").path

    /// The names of the callbacks that the sources declare.
    static func declared() throws -> Set<String> { try declaredCallbacks(in: sources) }

    /// What keeps others from deriving from a callback that the sources declare: a class that is not open, or an override
    /// that is not.
    static func closedDeclarations() throws -> [String] {
        let declared = try declared()
        var closed: [String] = []
        for file in try FileManager.default.subpathsOfDirectory(atPath: sources) where file.hasSuffix(".swift") {
            var callback: String?
            for line in try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8).split(separator: "\n") {
                if let name = declared.first(where: { line.contains("class \($0): ") }), line.first != " " {
                    callback = name
                    if !line.hasPrefix("open class ") { closed.append("\(file): \(line)") }
                } else if line == "}" {
                    callback = nil
                } else if callback != nil, line.contains(" override "), !line.hasPrefix("    open override ") {
                    closed.append("\(file): \(line)")
                }
            }
        }
        return closed
    }
}

/// One beside that of the learner.
private final class SecondRecorder: Recorder {}

/// A monitor that says what a test wants, by the steps of the run.
private final class ToldNoiseScale: NoiseScaleMonitor {
    private let scale: (Int) -> Double
    @RunState private var step = 0
    init(_ scale: @escaping (Int) -> Double) {
        self.scale = scale
        super.init(splittingInto: 2)
    }
    override func beforeBatch(_ l: Learner) throws {
        try super.beforeBatch(l)
        step = l.run.step
    }
    override var reading: NoiseScaleEstimator.Reading {
        .value(scale(step), interval: scale(step) / 1.5...scale(step) * 1.5)
    }
}
