// %% [markdown]
// # Batch size and noise
//
// A gradient of a batch is the true gradient and noise, and the noise goes with g = ε(N/B − 1): rate ε and batch size B are
// two handles on one thing. This notebook turns both: accumulation, which makes a large batch of small ones; B_simple, the
// batch size at which noise and gradient are alike; and a batch that grows where the rate would have to fall.

// %%
import Foundation
import Hone

let options = ScriptOptions.parse(
    "07-batch-size-and-noise",
    about: "Accumulation, the gradient noise scale, and growing the batch instead of decaying the rate.",
    own: [.integer("epochs", 24, "passes over the training set", atLeast: 3)])
let epochs = options.isQuick && !options.given.contains("epochs") ? 6 : options.integer("epochs")

func makeLearner(batchSize: Int, optimizer: any UpdateRule = SGD(momentum: 0.9)) throws -> Learner {
    let data = try DataLoaders(Digits.load().split(valid: 0.2, seed: 42), batchSize: batchSize)
    let model = Sequential(Linear(64, 128), ReLU(), Linear(128, 10))
    return Learner(
        data, model: model, loss: CrossEntropy(), optimizer: optimizer, metrics: [Accuracy()], seed: options.seed)
}

func text(_ value: Double, _ format: String = "%.4f") -> String { String(format: format, value) }

// %% [markdown]
// ## Accumulation
//
// Four batches of 16, accumulated, are one batch of 64: the loop adds up sums and counts and divides once, so also the last
// window of an epoch, which is shorter, weighs what it should. The losses of the two runs differ by rounding alone.

// %%
let whole = try makeLearner(batchSize: 64)
try whole.quietly { try whole.fit(3, lr: 0.05) }
let pieces = try makeLearner(batchSize: 16)
try pieces.quietly { try pieces.fit(3, lr: 0.05, callbacks: [GradAccumulation(batches: 4)]) }
let (a, b) = (try whole.quietly { try whole.validate() }, try pieces.quietly { try pieces.validate() })
print("one batch of 64:       loss \(text(a.loss, "%.6f")), \(whole.progress.step) steps")
print("four batches of 16:    loss \(text(b.loss, "%.6f")), \(pieces.progress.step) steps")

// %% [markdown]
// ## The noise scale
//
// The micro-batches of a window tell the noise from the gradient: they agree on the one and not on the other. B_simple =
// tr Σ / |G|² is the batch size at which both are alike (McCandlish et al. 2018). Well below it, twice the batch saves half
// the steps; well above, it saves nothing. It grows as training goes on: near a minimum the gradient vanishes and the noise
// does not.
//
// Smith and Le's g = ε(N/B − 1), with momentum εN/(B(1 − m)), needs no gradients: it is known at every step, and here
// follows the cycle of rate and momentum. The window at each epoch's end has fewer samples: there g has its peaks.

// %%
let monitored = try makeLearner(batchSize: 16)
let monitor = NoiseScaleMonitor()
try monitored.quietly {
    try monitored.fitOneCycle(epochs, lrMax: 0.1, callbacks: [GradAccumulation(batches: 4), monitor])
}
print("\nB_simple after \(epochs) epochs: \(monitor.reading)")
let noises = monitor.noiseRows.map(\.noise)
print("g: at most \(text(noises.max() ?? .nan, "%.3g")), \(text(noises.last ?? .nan, "%.3g")) at the last step")
try ChartGrid(columns: 2, charts: [monitor.plot(), monitor.plotNoise()]).write(to: "\(options.out)/noise-scale.svg")

// %% [markdown]
// ## How many steps, how many samples
//
// The same goal with batches from 8 to 256, each at the rate that the square-root rule gives it: up to about B_simple the
// steps fall as the batch grows, at much the same number of samples; beyond, the samples rise.

// %%
final class Goal: LearnerCallback {
    let loss: Double
    @RunState var step: Int?
    @RunState var samples: Int?

    init(loss: Double) { self.loss = loss }

    override var phase: Phase { .decide }

    override func afterEpoch(_ learner: Learner) throws {
        guard let measured = learner.epochValidation?.loss, measured < loss, step == nil else { return }
        (step, samples) = (learner.run.step, learner.run.samples)
        learner.request(.stop("the goal is reached"))
    }
}

var sizes: [Double] = []
var stepsToGoal: [Double] = []
var samplesToGoal: [Double] = []
print("\nbatch   steps   samples")
for size in [8, 16, 32, 64, 128, 256] {
    let learner = try makeLearner(batchSize: size)
    let goal = Goal(loss: 0.15)
    let rate = 0.02 * (Double(size) / 32).squareRoot()
    try learner.quietly { try learner.fit(4 * epochs, lr: rate, callbacks: [goal]) }
    guard let step = goal.step, let samples = goal.samples else {
        print("\(size)\tnot there after \(4 * epochs) epochs")
        continue
    }
    print("\(size)\t\(step)\t\(samples)")
    sizes.append(Double(size))
    stepsToGoal.append(Double(step))
    samplesToGoal.append(Double(samples))
}
let steps = Chart(
    title: "Steps to a validation loss of 0.15", x: Axis("batch size", scale: .log), y: Axis("steps", scale: .log),
    legend: .hidden, series: [.line(x: sizes, y: stepsToGoal), .points(x: sizes, y: stepsToGoal)])
let samples = Chart(
    title: "Samples", x: Axis("batch size", scale: .log), y: Axis("samples", scale: .log), legend: .hidden,
    series: [.line(x: sizes, y: samplesToGoal), .points(x: sizes, y: samplesToGoal)])
try ChartGrid(columns: 2, charts: [steps, samples]).write(to: "\(options.out)/batch-sizes.svg")

// %% [markdown]
// ## Decaying the rate against growing the batch
//
// A rate that falls to a fifth twice, and its twin: a batch that grows fivefold instead, with the rate left where it is
// (Smith et al. 2017). Both see as many samples, and learn alike by the epoch; the twin takes far fewer steps, and on a
// machine that fills its batches that is time. The twin was worked out from the schedule, so that g is the same throughout.

// %%
let decay = Schedule.stepDecay(from: 0.05, gamma: 0.2, every: .fraction(1.0 / 3))
let decaying = try makeLearner(batchSize: 16)
try decaying.quietly { try decaying.fit(epochs, callbacks: [ParameterScheduler([.learningRate: decay])]) }
let growing = try makeLearner(batchSize: 16)
let twin = decay.asBatchSize(base: 16, dataset: growing.data.train.dataset.count, max: 512)
let scheduler = BatchSizeScheduler(twin)
try growing.quietly { try growing.fit(epochs, callbacks: [scheduler]) }

func losses(_ learner: Learner) -> (x: [Double], y: [Double]) {
    let rows = learner.recorder.epochs
    return (rows.indices.map { Double($0 + 1) }, rows.map { $0.validLoss ?? .nan })
}
let (left, right) = (losses(decaying), losses(growing))
var race = Chart(title: "The same noise by rate or by batch", x: Axis("epoch"), y: Axis("valid loss", scale: .log))
race.add(.line(x: left.x, y: left.y, name: "rate falls, \(decaying.progress.step) steps"))
race.add(.line(x: right.x, y: right.y, name: "batch grows, \(growing.progress.step) steps"))
try race.write(to: "\(options.out)/rate-or-batch.svg")
print("\nrate falls:  loss \(text(left.y.last ?? .nan)) after \(decaying.progress.step) steps")
print(
    "batch grows: loss \(text(right.y.last ?? .nan)) after \(growing.progress.step) steps:",
    scheduler.changes.map(\.batchSize))

print("\npictures: \(options.out)/noise-scale.svg, batch-sizes.svg, rate-or-batch.svg\n")
let accuracy = try growing.quietly { try growing.validate() }["accuracy"] ?? .nan
print(
    "07-batch-size-and-noise: accuracy=\(text(accuracy)) steps=\(decaying.progress.step)/\(growing.progress.step)",
    "noise-scale=\(monitor.reading.value.map { text($0, "%.0f") } ?? "undefined")")
