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
            images(
                "d", 64, 32, Adam(), 1e-3, [1, 28, 28], smallCNN, 784 * 9 * 16 + 196 * 144 * 32 + 1568 * 128 + 1280,
                784 * 144),
            images("e9", 128, 4, SGD(momentum: 0.9), 0.05, [3, 32, 32], resNet9, resNet9MultiplyAdds, 27 * 64 * 1024),
            images(
                "e18", 128, 4, SGD(momentum: 0.9), 0.05, [3, 32, 32],
                { ResNet.resNet18(classes: 10, stem: .small) }, resNet18MultiplyAdds, 27 * 64 * 1024),
            table, text,
        ]
    }

    /// Ten columns of a hundred categories and ten continuous ones.
    private static var table: TrainCase {
        TrainCase(
            name: "f", batchSize: 512, batches: 16, rate: 1e-3, rule: Adam(), loss: MeanSquaredError(),
            makeModel: {
                TabularModel(
                    cardinalities: Array(repeating: 100, count: 10), continuous: 10, outputs: 1, layers: [200, 100])
            },
            makeBatch: { key in
                let categories = key.derived("categories").uniform(5120, high: 100).map { Int32($0) }
                let continuous = Tensor.normal([512, 10], key: key.derived("continuous"))
                let target = Tensor.normal([512, 1], key: key.derived("target"))
                return ([Tensor(categories, shape: [512, 10]), continuous], target)
            }, multiplyAdds: 220 * 200 + 200 * 100 + 100, firstMultiplyAdds: 0)
    }

    /// A text of 65 words, 128 at a time, each of which is to tell the next.
    private static var text: TrainCase {
        let (time, width, blocks, words) = (128, 128, 4, 65)
        return TrainCase(
            name: "g", batchSize: 16, batches: 8, rate: 3e-4, rule: AdamW(weightDecay: 0.01),
            loss: CrossEntropy(axis: -1),
            makeModel: { GPT(words: words, length: time, features: width, heads: 4, layers: blocks) },
            makeBatch: { key in
                let text = key.uniform(16 * (time + 1), high: Float(words)).map { Int32($0) }
                let whole = Tensor(text, shape: [16, time + 1])
                return ([whole[.all, 0..<time]], whole[.all, 1..<(time + 1)])
            },
            multiplyAdds: time * (blocks * 12 * width * width + words * width) + blocks * 2 * time * time * width,
            firstMultiplyAdds: 0)
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

    private static func images(
        _ name: String, _ batchSize: Int, _ batches: Int, _ rule: any UpdateRule, _ rate: Double, _ shape: [Int],
        _ makeModel: @escaping () -> any Module, _ multiplyAdds: Int, _ first: Int
    ) -> TrainCase {
        TrainCase(
            name: name, batchSize: batchSize, batches: batches, rate: rate, rule: rule, loss: CrossEntropy(),
            makeModel: makeModel,
            makeBatch: { key in
                let labels = key.derived("labels").uniform(batchSize, high: 10).map { Int32($0) }
                return ([.normal(Shape([batchSize] + shape), key: key)], Tensor(labels))
            }, multiplyAdds: multiplyAdds, firstMultiplyAdds: first)
    }

    private static func smallCNN() -> any Module {
        Sequential(
            Conv2d(1, 16, kernel: 3, padding: 1), ReLU(), MaxPool2d(2), Conv2d(16, 32, kernel: 3, padding: 1), ReLU(),
            MaxPool2d(2), Flatten(), Linear(1568, 128), ReLU(), Linear(128, 10))
    }

    private static func resNet9() -> any Module {
        func block(_ inputs: Int, _ outputs: Int, pools: Bool = false) -> [any Module] {
            [Conv2d(inputs, outputs, kernel: 3, padding: 1, bias: false), BatchNorm2d(outputs), ReLU()]
                + (pools ? [MaxPool2d(2)] : [])
        }
        let layers: [any Module] =
            block(3, 64) + block(64, 128, pools: true) + [Shortcut(Sequential(block(128, 128) + block(128, 128)))]
            + block(128, 256, pools: true) + block(256, 256, pools: true)
            + [Shortcut(Sequential(block(256, 256) + block(256, 256))), MaxPool2d(4), Flatten(), Linear(256, 10)]
        return Sequential(layers)
    }

    private static let resNet9MultiplyAdds: Int = {
        let early = 3 * 64 * 1024 + 64 * 128 * 1024 + 2 * 128 * 128 * 256
        return 9 * (early + 128 * 256 * 256 + 256 * 256 * 64 + 2 * 256 * 256 * 16) + 2560
    }()

    private static let resNet18MultiplyAdds: Int = {
        var sum = 27 * 64 * 1024 + 4 * 9 * 64 * 64 * 1024 + 5120
        for (inputs, outputs, pixels) in [(64, 128, 256), (128, 256, 64), (256, 512, 16)] {
            sum += pixels * (9 * inputs * outputs + 3 * 9 * outputs * outputs + inputs * outputs)
        }
        return sum
    }()

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

/// x + body(x).
private final class Shortcut: Module {
    let body: Sequential
    init(_ body: Sequential) { self.body = body }
    func forward(_ x: Tensor) -> Tensor { x + body(x) }
}

/// Batches that were made once and are handed out in turn.
private struct CycledBatches: Dataset {
    let made: [Batch]
    let batchSize: Int
    let steps: Int

    var count: Int { steps * batchSize }

    func batch(_ indices: [Int]) throws -> Batch { made[indices[0] / batchSize % made.count] }
}

extension TrainCase {
    /// The case of a name.
    static func named(_ name: String) throws -> TrainCase {
        guard let found = all.first(where: { $0.name == name }) else {
            let names = all.map(\.name).joined(separator: ", ")
            throw BenchOptions.Mistake(description: "unknown case '\(name)', expected one of \(names)")
        }
        return found
    }

    /// A learner without callbacks whose epoch has so many steps.
    func makeLearner(steps: Int) throws -> Learner {
        let made = (0..<min(steps, batches)).map { index -> Batch in
            let (inputs, target) = makeBatch(RandomKey(seed: 0).derived("batch", index))
            return Batch(inputs: inputs, targets: [target], indices: Array(0..<batchSize))
        }
        let dataset = CycledBatches(made: made, batchSize: batchSize, steps: steps)
        let empty = CycledBatches(made: made, batchSize: batchSize, steps: 0)
        let loaders = try DataLoaders(
            train: DataLoader(dataset, batchSize: batchSize), valid: DataLoader(empty, batchSize: 1))
        let learner = Learner(loaders, model: makeModel(), loss: loss, optimizer: rule)
        learner.callbacks.forEach { learner.remove($0) }
        return learner
    }
}

/// A training step through `Learner.fit` without callbacks, for each case.
func benchTrain(_ options: BenchOptions) throws {
    for name in options.cases.isEmpty ? TrainCase.all.map(\.name) : options.cases {
        let training = try TrainCase.named(name)
        if options.isFirstStep {
            let learner = try training.makeLearner(steps: 1)
            try learner.fit(1, lr: training.rate)
            print("READY {\"loss\": \(learner.epochLoss)}")
        } else {
            try run(training, options)
        }
    }
}

private func run(_ training: TrainCase, _ options: BenchOptions) throws {
    let steps = max(1, Int(0.4 / (try trialStep(training))))
    let learner = try training.makeLearner(steps: steps)
    try learner.fit(1, lr: training.rate)
    let perStep = try (0..<options.repetitions).map { _ in
        try seconds { try learner.fit(1, lr: training.rate) } / Double(steps)
    }
    var measured = Measurement(
        bench: "train", name: training.name, metric: "steps_per_s", unit: "steps/s", values: perStep.map { 1 / $0 })
    let median = 1 / measured.median
    measured.extra = [
        ("samples_per_s", String(format: "%.1f", Double(training.batchSize) / median)),
        ("us_per_step", String(format: "%.2f", median * 1e6)),
        ("gflops", String(format: "%.2f", training.gigaflops / median)), ("peak_rss_mb", "\(peakResidentMegabytes())"),
        ("loss", String(format: "%.4f", learner.batchLoss)),
    ]
    measured.emit(options)
}

/// Seconds that a step takes, roughly, of a learner that is gone afterwards with its memory.
private func trialStep(_ training: TrainCase) throws -> Double {
    let steps = training.gigaflops > 10 ? 1 : 20
    let probe = try training.makeLearner(steps: steps)
    try probe.fit(1, lr: training.rate)
    return try seconds { try probe.fit(1, lr: training.rate) } / Double(steps)
}

/// The time that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
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
