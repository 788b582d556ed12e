import Foundation
import Hone

// What the loop, its finder and its memory cost, on the training cases.

/// A callback that does nothing.
private final class Idle: LearnerCallback {}

/// Steps of case a with 0, 10 and 50 idle callbacks; of cases b and d without callbacks and with ten real ones; and of b
/// with the noise scale measured at every tenth step, both ways. Rounds are interleaved.
func benchOverhead(_ options: BenchOptions) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hone-bench-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    func variant(_ name: String, _ callbacks: String, _ steps: Int, _ added: [any Callback]) throws -> OverheadVariant {
        let learner = try TrainCase.named(name).makeLearner(steps: steps)
        for callback in added { learner.add(callback) }
        return OverheadVariant(name: name, callbacks: callbacks, steps: steps, learner: learner)
    }
    var variants = try [0, 10, 50].map { count in
        try variant("a", "\(count)", 20_000, (0..<count).map { _ in Idle() })
    }
    for (name, steps) in [("b", 5_000), ("d", 100)] {
        variants.append(try variant(name, "none", steps, []))
        // The tenth, timings, is part of the loop: every callback's time is counted always.
        let log = folder.appendingPathComponent("\(name).csv").path
        variants.append(try variant(name, "real10", steps, realCallbacks(log)))
    }
    variants.append(try variant("b", "noise_parts", 5_000, [NoiseScaleMonitor(every: 10, splittingInto: 4)]))
    variants.append(try variant("b", "noise_examples", 5_000, [NoiseScaleMonitor(every: 10, perExample: true)]))
    if !options.cases.isEmpty { variants.removeAll { !options.cases.contains($0.name) } }

    for variant in variants { try variant.learner.fit(1, lr: 1e-3) }
    var times: [[Double]] = variants.map { _ in [] }
    for _ in 0..<options.repetitions {
        for (index, variant) in variants.enumerated() {
            times[index].append(try seconds { try variant.learner.fit(1, lr: 1e-3) } / Double(variant.steps))
        }
    }
    for (variant, values) in zip(variants, times) {
        Measurement(
            bench: "overhead", name: variant.name, metric: "us_per_step", unit: "us", values: values.map { 1e6 * $0 },
            extra: [("ncb", Int(variant.callbacks) == nil ? "\"\(variant.callbacks)\"" : variant.callbacks)]
        ).emit(options)
    }
}

/// A training case with a number or kind of callbacks.
private struct OverheadVariant {
    let name: String
    let callbacks: String
    let steps: Int
    let learner: Learner
}

/// What a long run usually has.
private func realCallbacks(_ path: String) -> [any Callback] {
    [
        Recorder(), OneCycle(lrMax: 1e-3), GradAccumulation(batches: 1), EarlyStopping(monitor: .trainLoss),
        ProgressReporter(isTerminal: true) { _ in }, CSVLogger(path), TerminateOnNaN(), Throughput(),
        GradClip(maxNorm: 1),
    ]
}

/// A sweep of 100 steps of case c64, and 100 bare steps.
func benchFinder(_ options: BenchOptions) throws {
    let learner = try TrainCase.named("c64").makeLearner(steps: 100)
    try learner.fit(1, lr: 0.05)
    var (bare, swept): ([Double], [Double]) = ([], [])
    for _ in 0..<max(9, options.repetitions) {
        bare.append(1e3 * (try seconds { try learner.fit(1, lr: 1e-6) }))
        swept.append(1e3 * (try seconds { _ = try learner.lrFind(stopsWhenDiverging: false) }))
    }
    for (name, values) in [("fit_100_steps", bare), ("lr_find_100", swept)] {
        Measurement(
            bench: "lrfind", name: "c64", metric: "wall_ms", unit: "ms", values: values,
            extra: [("variant", "\"\(name)\"")]
        ).emit(options)
    }
}

/// Peak bytes of tensors, and blocks taken from the system a step once training runs steadily.
func benchMemory(_ options: BenchOptions) throws {
    for name in options.cases.isEmpty ? ["a", "b", "c64", "c512", "f", "g"] : options.cases {
        let training = try TrainCase.named(name)
        let learner = try training.makeLearner(steps: training.batches)
        try learner.fit(1, lr: 1e-3)
        let before = learner.pool.statistics
        try learner.fit(1, lr: 1e-3)
        let after = learner.pool.statistics
        let figures: [(String, Double, String)] = [
            ("peak_tensor_bytes", Double(after.peakBytes), "B"), ("live_tensor_bytes", Double(after.liveBytes), "B"),
            (
                "allocations_per_step", Double(after.allocations - before.allocations) / Double(training.batches),
                "blocks"
            ),
            ("system_allocations", Double(after.systemAllocations - before.systemAllocations), "blocks"),
            ("peak_rss", Double(peakResidentMegabytes()), "MB"),
        ]
        for (metric, value, unit) in figures {
            Measurement(bench: "memory", name: name, metric: metric, unit: unit, values: [value]).emit(options)
        }
    }
}

/// Samples a second of a loader over 60,000 images of 28×28 in memory, shuffled, in batches of 64.
func benchData(_ options: BenchOptions) throws {
    let count = 60_000
    let labels = RandomKey(seed: 1).uniform(count, high: 10).map { Int32($0) }
    let images = try TensorDataset(.uniform([count, 1, 28, 28], key: RandomKey(seed: 0)), Tensor(labels))
    let loader = try DataLoader(images, batchSize: 64, shuffles: true)
    var epoch = 0
    let values = try (0..<options.repetitions).map { _ -> Double in
        epoch += 1
        let time = try seconds {
            let batches = loader.batches(epoch: epoch, key: RandomKey(seed: 2))
            for index in 0..<batches.count { _ = try batches.batch(index) }
        }
        return Double(count) / time
    }
    Measurement(bench: "data", name: "memory_noaug", metric: "samples_per_s", unit: "samples/s", values: values)
        .emit(options)
}
