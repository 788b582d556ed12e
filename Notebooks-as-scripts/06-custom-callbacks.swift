// %% [markdown]
// # Callbacks of one's own
//
// A callback is a class with a method for each moment of training that it cares for. This notebook writes a few, lets them
// act on one run, and draws the loss with the moments at which they did.

// %%
import Foundation
import Hone
import HoneAveraging

let options = ScriptOptions.parse(
    "06-custom-callbacks", about: "Writes callbacks, and draws the loss with the moments they acted on.",
    own: [.integer("epochs", 12, "passes over the training set", atLeast: 1)])
let epochs = options.isQuick && !options.given.contains("epochs") ? 6 : options.integer("epochs")

func makeLearner() throws -> Learner {
    let data = try DataLoaders(Digits.load().split(valid: 0.2, seed: 42), batchSize: 64)
    let model = Sequential(Linear(64, 128), ReLU(), Linear(128, 10))
    return Learner(
        data, model: model, loss: CrossEntropy(), optimizer: Adam(), metrics: [Accuracy()], seed: options.seed)
}

// %% [markdown]
// ## Subclassing
//
// The usual way is to derive from `LearnerCallback`, which declares every hook: a misspelt one does not compile. What
// changes during a run is marked `@RunState`; it starts anew with every fit, is part of every checkpoint, and comes back
// when a run is resumed.
//
// This one halves the rate when the validation loss has not fallen by a tenth, on top of whatever schedule there is: a factor on a
// hyper-parameter is a modifier, and modifiers get along with each other and with one schedule. Modifiers are no part of a
// callback's state, so it sets its own before each batch from what is: then a state that came back has its effect as well.

// %%
final class HalveWhenStuck: LearnerCallback {
    @RunState var best = Double.infinity
    @RunState var factor = 1.0
    @RunState var moments: [Int] = []

    override var phase: Phase { .decide }

    override func afterEpoch(_ learner: Learner) throws {
        guard let loss = learner.epochValidation?.loss else { return }
        guard loss > 0.9 * best else {
            best = loss
            return
        }
        factor /= 2
        moments.append(learner.run.step)
    }

    override func beforeBatch(_ learner: Learner) throws {
        guard learner.isTraining else { return }
        try learner.optimizer.modify(.learningRate, by: factor, owner: identifier)
    }
}

// %% [markdown]
// ## Requests
//
// A callback never takes the loop by the hand. It asks (skip this batch, skip this step, end this phase, stop), every
// other callback still sees the event, and then the strongest request is done. This one leaves out batches whose loss is
// far above what is usual by now, as a mislabelled sample would make it; to have something to find, another one spoils a
// batch now and then.

// %%
final class SpoilBatches: LearnerCallback {
    override var phase: Phase { .prepare }

    override func beforeBatch(_ learner: Learner) throws {
        guard learner.isTraining, learner.progress.microBatch % 40 == 39 else { return }
        learner.batch.inputs = learner.batch.inputs.map { 1 - $0 }
    }
}

final class SkipOutliers: LearnerCallback {
    let ratio: Double
    @RunState var moments: [Int] = []

    init(ratio: Double = 2) { self.ratio = ratio }

    override func afterLoss(_ learner: Learner) throws {
        guard learner.isTraining, learner.run.step > 20, learner.loss.mean > ratio * learner.smoothedLoss else {
            return
        }
        moments.append(learner.run.step)
        learner.request(.skipBatch)
    }
}

// %% [markdown]
// ## Building on what is there
//
// Built-in callbacks are open. A subclass in another module overrides what it wants and calls `super` for the rest.

// %%
final class LoudEarlyStopping: EarlyStopping {
    override func afterEpoch(_ learner: Learner) throws {
        try super.afterEpoch(learner)
        if wait > 0 {
            print("no better for \(wait) epochs (best so far: \(best.map { String(format: "%.4f", $0) } ?? "-"))")
        }
    }
}

// %% [markdown]
// ## Conforming
//
// A class that has another superclass can conform to `Callback` itself. Every hook has a default, so a misspelt one is
// silently never called: prefer to derive where you can.

// %%
class Notebook {
    var lines: [String] = []
    func write(_ line: String) { lines.append(line) }
}

final class Diary: Notebook, Callback {
    // After those that decide; the phases come in the order that `describeLoop()` shows.
    var phase: Phase { .report }

    func afterEpoch(_ learner: Learner) throws {
        write(
            "epoch \(learner.run.epoch): rate \(String(format: "%.2e", learner.optimizer.learningRate)), "
                + "loss \(String(format: "%.4f", learner.epochLoss))")
    }
}

// %% [markdown]
// ## A package of one's own
//
// Callbacks that are worth sharing are a package: a library on Hone's public interface alone, such as `HoneAveraging`
// beside this file. Its average of the weights validates in place of the weights.
//
// ## The run

// %%
let learner = try makeLearner()
let (halving, outliers, diary) = (HalveWhenStuck(), SkipOutliers(), Diary())
learner.add(
    diary, halving, outliers, SpoilBatches(), LoudEarlyStopping(patience: .epochs(5)),
    ExponentialMovingAverage(decay: 0.98), OneCycle(lrMax: 1e-2))
print(learner.describeLoop(), "\n")
let outcome = try learner.fit(epochs)
print("\nthe fit \(outcome)\n")
print(diary.lines.joined(separator: "\n"), "\n")

// %% [markdown]
// ## What acted when
//
// A skipped batch leaves no mark on the losses, smoothed or not: what is skipped is no part of training. Each of the orange
// lines stands where a spoiled batch came by; halving the rate comes late, when the validation loss creeps.

// %%
var chart = learner.recorder.plotLoss()
chart.title = "Loss, and the moments at which callbacks acted"
for step in outliers.moments { chart.add(.verticalLine(x: Double(step), label: "", color: .orange)) }
for step in halving.moments { chart.add(.verticalLine(x: Double(step), label: "rate halved", color: .purple)) }
chart.caption =
    "orange: a batch skipped (\(outliers.moments.count)); purple: the rate halved (\(halving.moments.count))"
try chart.write(to: "\(options.out)/moments.svg")

// %% [markdown]
// ## What is refused
//
// Two callbacks that both set the rate would fight, and the later one would win silently. Here the run does not start:

// %%
func show(_ what: String, _ body: () throws -> Void) {
    do {
        try body()
        print("\(what): no error")
    } catch {
        print("\(what):\n    \(error)\n")
    }
}

show("Two schedules of one rate") {
    try makeLearner().fit(
        1, callbacks: [OneCycle(lrMax: 1e-2), ParameterScheduler([.learningRate: .cosine(from: 1e-2, to: 0)])])
}

// %% [markdown]
// Constraints between types of callbacks go beyond phases; contradictions are named.

// %%
final class First: LearnerCallback {
    override var runsAfter: [any Callback.Type] { [Second.self] }
}
final class Second: LearnerCallback {
    override var runsAfter: [any Callback.Type] { [First.self] }
}

show("A circle") { try makeLearner().fit(1, callbacks: [First(), Second()]) }
show("A constraint on nobody") { try makeLearner().fit(1, callbacks: [First()]) }

// %% [markdown]
// An error in a hook ends the run; it says whose it was, in which hook, and at which step.

// %%
struct OutOfPaper: Error {}

final class Printer: LearnerCallback {
    override func afterStep(_ learner: Learner) throws { if learner.run.step == 3 { throw OutOfPaper() } }
}

show("An error in a hook") {
    let learner = try makeLearner()
    try learner.quietly { try learner.fit(1, callbacks: [Printer()]) }
}

print("pictures: \(options.out)/moments.svg\n")
let accuracy = try learner.validate()["accuracy"] ?? .nan
print(
    "06-custom-callbacks: accuracy=\(String(format: "%.4f", accuracy)) skipped=\(outliers.moments.count)",
    "halved=\(halving.moments.count)")
