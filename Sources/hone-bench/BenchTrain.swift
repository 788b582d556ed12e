import Foundation
import Hone

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A training case of the comparison: layer for layer what the other frameworks run.
struct TrainCase {
    let name: String
    let batchSize: Int
    /// The number of different batches that are cycled through.
    let batches: Int
    let rate: Double
    let rule: any UpdateRule
    let loss: any Loss
    let makeModel: () -> any Module
    let makeBatch: (RandomKey) -> (inputs: [Tensor], target: Tensor)
    /// Multiply-adds of the forward pass of one sample, matrix products alone.
    let multiplyAdds: Int
    /// Those of layers whose input needs no gradient.
    let firstMultiplyAdds: Int

    /// 10⁹ floating-point operations of one step's matrix products.
    var gigaflops: Double { Double((6 * multiplyAdds - 2 * firstMultiplyAdds) * batchSize) * 1e-9 }

    static var all: [TrainCase] {
        [
            TrainCase(
                name: "a", batchSize: 32, batches: 64, rate: 1e-3, rule: Adam(), loss: MeanSquaredError(),
                makeModel: { mlp(2, 16, 1) },
                makeBatch: { key in
                    let x = Tensor.normal([32, 2], key: key)
                    let values = x.scalars
                    return ([x], Tensor((0..<32).map { values[2 * $0] * values[2 * $0 + 1] }, shape: [32, 1]))
                }, multiplyAdds: 48, firstMultiplyAdds: 32),
            classifier("b", 64, 64, Adam(), 1e-3, [64, 128, 10]),
            classifier("c64", 64, 64, SGD(momentum: 0.9), 0.05, [784, 256, 128, 10]),
            classifier("c512", 512, 16, SGD(momentum: 0.9), 0.05, [784, 256, 128, 10]),
        ]
    }

    private static func classifier(
        _ name: String, _ batchSize: Int, _ batches: Int, _ rule: any UpdateRule, _ rate: Double, _ sizes: [Int]
    ) -> TrainCase {
        TrainCase(
            name: name, batchSize: batchSize, batches: batches, rate: rate, rule: rule, loss: CrossEntropy(),
            makeModel: { mlp(sizes) },
            makeBatch: { key in
                let labels = key.derived("labels").uniform(batchSize, high: 10).map { Int32($0) }
                return ([.uniform([batchSize, sizes[0]], key: key)], Tensor(labels))
            }, multiplyAdds: zip(sizes, sizes.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 },
            firstMultiplyAdds: sizes[0] * sizes[1])
    }

    private static func mlp(_ sizes: Int...) -> any Module { mlp(sizes) }

    private static func mlp(_ sizes: [Int]) -> any Module {
        var layers: [any Module] = []
        for index in 1..<sizes.count {
            layers.append(Linear(sizes[index - 1], sizes[index]))
            if index < sizes.count - 1 { layers.append(ReLU()) }
        }
        return Sequential(layers)
    }
}

/// Batches that were made once and are handed out in turn.
private struct CycledBatches: Dataset {
    let made: [Batch]
    let batchSize: Int
    let steps: Int

    var count: Int { steps * batchSize }

    func batch(_ indices: [Int]) throws -> Batch { made[indices[0] / batchSize % made.count] }
}

/// A training step through `Learner.fit` without callbacks, for each case.
func benchTrain(_ options: BenchOptions) throws {
    for name in options.cases.isEmpty ? TrainCase.all.map(\.name) : options.cases {
        guard let training = TrainCase.all.first(where: { $0.name == name }) else {
            throw BenchOptions.Mistake(
                description:
                    "unknown case '\(name)', expected one of \(TrainCase.all.map(\.name).joined(separator: ", "))")
        }
        try run(training, options)
    }
}

private func run(_ training: TrainCase, _ options: BenchOptions) throws {
    let made = (0..<(options.isFirstStep ? 1 : training.batches)).map { index -> Batch in
        let (inputs, target) = training.makeBatch(RandomKey(seed: 0).derived("batch", index))
        return Batch(inputs: inputs, targets: [target], indices: Array(0..<training.batchSize))
    }
    let model = training.makeModel()
    func makeLearner(steps: Int) throws -> Learner {
        let dataset = CycledBatches(made: made, batchSize: training.batchSize, steps: steps)
        let empty = CycledBatches(made: made, batchSize: training.batchSize, steps: 0)
        let loaders = try DataLoaders(
            train: DataLoader(dataset, batchSize: training.batchSize), valid: DataLoader(empty, batchSize: 1))
        let learner = Learner(loaders, model: model, loss: training.loss, optimizer: training.rule)
        learner.callbacks.forEach { learner.remove($0) }
        return learner
    }
    if options.isFirstStep {
        let learner = try makeLearner(steps: 1)
        try learner.fit(1, lr: training.rate)
        print("READY {\"loss\": \(learner.epochLoss)}")
        return
    }
    let probe = try makeLearner(steps: 20)
    try probe.fit(1, lr: training.rate)
    let trial = try seconds { try probe.fit(1, lr: training.rate) } / 20
    let steps = max(1, Int(0.4 / trial))
    let learner = try makeLearner(steps: steps)
    try learner.fit(1, lr: training.rate)
    var perStep: [Double] = []
    for _ in 0..<options.repetitions {
        perStep.append(try seconds { try learner.fit(1, lr: training.rate) } / Double(steps))
    }
    let measured = Measurement(
        bench: "train", name: training.name, metric: "steps_per_s", unit: "steps/s", values: perStep.map { 1 / $0 })
    let median = 1 / measured.median
    var extended = measured
    extended.extra = [
        ("samples_per_s", String(format: "%.1f", Double(training.batchSize) / median)),
        ("us_per_step", String(format: "%.2f", median * 1e6)),
        ("gflops", String(format: "%.2f", training.gigaflops / median)), ("peak_rss_mb", "\(peakResidentMegabytes())"),
        ("loss", String(format: "%.4f", learner.batchLoss)),
    ]
    extended.emit(options)
}

private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = Date()
    try body()
    return Date().timeIntervalSince(start)
}

/// The most memory that the process has had, in MB.
func peakResidentMegabytes() -> Int {
    var usage = rusage()
    #if canImport(Glibc)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
    getrusage(RUSAGE_SELF, &usage)
    #endif
    #if canImport(Darwin)
    return usage.ru_maxrss / 1_048_576  // In bytes there, in kB elsewhere.
    #else
    return usage.ru_maxrss / 1024
    #endif
}
