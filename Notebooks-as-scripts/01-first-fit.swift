// %% [markdown]
// # First fit
//
// Hone's main job from end to end: load data, find a learning rate, train with the one-cycle policy, and look at what
// happened. Run it with `swift run -c release first-fit`.

// %%
import Foundation
import Hone

let options = ScriptOptions.parse(
    "first-fit", about: "Finds a learning rate and trains a small network on 1,797 real handwritten digits.",
    own: [.integer("epochs", 20, "passes over the training set", atLeast: 1)])

// %% [markdown]
// ## Data
//
// The digits come with the package: 8×8 pixels, ten classes. A fifth is held out for validation; the split has a seed of
// its own, so that every run is judged by the same images.

// %%
let digits = try Digits.load()
let data = try DataLoaders(digits.split(valid: 0.2, seed: 42), batchSize: 32)

// %% [markdown]
// ## Model and learner
//
// A learner owns data, model, loss and optimizer. All randomness (first values, the order of samples, dropout) is a
// function of its seed.

// %%
let model = Sequential(Linear(64, 256), ReLU(), Dropout(0.2), Linear(256, 128), ReLU(), Linear(128, 10))
let learner = Learner(
    data, model: model, loss: CrossEntropy(), optimizer: Adam(), metrics: [Accuracy()], seed: options.seed)

// %% [markdown]
// ## Finding the learning rate
//
// A range test trains for a moment at rising rates and writes down the loss. Nothing remains of it: parameters,
// optimizer and random numbers are as they were.

// %%
let sweep = try learner.lrFind()
print(sweep.plot().terminal(width: 80, height: 16))
try sweep.plot().write(to: "\(options.out)/lr-find.svg")
let rate = try sweep.suggestion(.valley)
print("\nsuggested rate: \(String(format: "%.2e", rate))\n")

// %% [markdown]
// ## A callback of one's own
//
// Callbacks derive from `LearnerCallback` and override the moments they care for. This one remembers the best epoch.

// %%
final class BestEpoch: LearnerCallback {
    @RunState var accuracy = 0.0
    @RunState var epoch = 0
    override var phase: Phase { .decide }
    override func afterEpoch(_ learner: Learner) throws {
        guard let measured = learner.epochValidation?["accuracy"], measured > accuracy else { return }
        (accuracy, epoch) = (measured, learner.progress.epoch)
    }
}

// %% [markdown]
// ## Training
//
// One cycle: the rate rises for a quarter of the steps and then falls, while the momentum does the opposite.

// %%
let best = BestEpoch()
let epochs = options.isQuick && !options.given.contains("epochs") ? 2 : options.integer("epochs")
let start = Date()
try learner.withCallbacks(best) {
    try learner.fitOneCycle(epochs, lrMax: rate)
}
let seconds = Date().timeIntervalSince(start)
print("\nbest epoch: \(best.epoch), accuracy \(String(format: "%.4f", best.accuracy))")

// %% [markdown]
// ## What happened
//
// The losses, and the schedule that the optimizer followed.

// %%
try learner.recorder.plotLoss().write(to: "\(options.out)/loss.svg")
try learner.recorder.plotSchedule().write(to: "\(options.out)/schedule.svg")
let accuracy = try learner.validate()["accuracy"] ?? .nan
print("pictures: \(options.out)/lr-find.svg, loss.svg, schedule.svg\n")
print(
    "first-fit: accuracy=\(String(format: "%.4f", accuracy)) seconds=\(String(format: "%.1f", seconds))",
    "weights=\(model.stateDictionary.sha256)")
