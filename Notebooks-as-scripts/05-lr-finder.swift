// %% [markdown]
// # Finding the learning rate
//
// A range test trains for a moment at rising rates and writes the loss down. What rate to choose is read off the curve, and
// there are several ways to read it. This notebook draws them all on three models, shows how far a reading may be trusted,
// and does Smith's original test, by the validation set.

// %%
import Foundation
import Hone

let options = ScriptOptions.parse(
    "05-lr-finder", about: "Range tests on three models, by group, by loss and by accuracy, and what they suggest.",
    own: [
        .integer("steps", 100, "optimizer steps in a sweep", atLeast: 6),
        .integer("repeats", 9, "sweeps from which median and spread are worked out", atLeast: 1),
    ])
let steps = options.isQuick && !options.given.contains("steps") ? 40 : options.integer("steps")
let repeats = options.isQuick && !options.given.contains("repeats") ? 3 : options.integer("repeats")

func makeLearner(_ model: any Module, images: Bool = false, groups: ParameterGrouping = .whole) throws -> Learner {
    let split = try Digits.load(asImages: images).split(valid: 0.2, seed: 42)
    return Learner(
        try DataLoaders(split, batchSize: 64), model: model, loss: CrossEntropy(), optimizer: Adam(),
        metrics: [Accuracy()], groups: groups, seed: options.seed)
}

// %% [markdown]
// ## Three models, all suggestions
//
// - *valley*: the middle of the longest fall. The one to begin with.
// - *steep*: where the loss falls fastest for its rate; often a little bold.
// - *minimum*: a tenth of the rate with the lowest loss: the old rule of thumb.
// - *slide*: the last rate before the slope settles, coming down from high rates.
// - *base* and *max*: where the loss begins to fall and to rise: the two ends for a cyclic rate.
//
// A linear model has a long and gentle valley. A deep one without normalisation has a narrow one, with a cliff behind it.
// Batch normalisation moves the cliff to the right: that is much of what it is for.

// %%
func deep(normalised: Bool) -> Sequential {
    var layers: [any Module] = []
    var inputs = 64
    for _ in 0..<5 {
        layers.append(Linear(inputs, 96))
        if normalised { layers.append(BatchNorm1d(96)) }
        layers.append(ReLU())
        inputs = 96
    }
    return Sequential(layers + [Linear(inputs, 10)])
}

let models: [(name: String, model: Sequential)] = [
    ("a linear model", Sequential(Linear(64, 10))),
    ("six layers", deep(normalised: false)),
    ("six layers with batch normalisation", deep(normalised: true)),
]
var charts: [Chart] = []
for (name, model) in models {
    let sweep = try makeLearner(model).lrFind(steps: steps)
    var chart = sweep.plot()
    chart.title = name
    charts.append(chart)
    let found = LearningRateSweep.Suggestion.allCases.map { kind in
        "\(kind.rawValue) \((try? sweep.suggestion(kind)).map { String(format: "%.1e", $0) } ?? "none")"
    }
    print("\(name): \(found.joined(separator: ", "))")
}
try ChartGrid(title: "All suggestions on three models", columns: 1, charts: charts).write(
    to: "\(options.out)/models.svg", width: 900, height: 1200)

// %% [markdown]
// ## How far to trust it
//
// A sweep sees a hundred batches once. Repeated with other batches, the curve has a band, and a suggestion a spread; two
// rates within the spread are the same to the test. Whatever is read off, a factor of two either way is no mistake.

// %%
let sweeps = try makeLearner(deep(normalised: true)).lrFind(repeats: repeats, LearningRateSweep(steps: steps))
try sweeps.plot().write(to: "\(options.out)/repeated.svg", width: 900)
for kind in LearningRateSweep.Suggestion.allCases {
    guard let median = try? sweeps.suggestion(kind), let spread = sweeps.spread(kind) else { continue }
    print(
        "\(kind.rawValue): \(String(format: "%.1e", median)), from \(String(format: "%.1e", spread.lowerBound)) to",
        String(format: "%.1e", spread.upperBound))
}

// %% [markdown]
// ## A group at a time
//
// Parts of a model bear different rates. Here the body was trained before and the head is new: swept alone, with the other
// part held at its rate, the body wants a lower one. That is what discriminative rates are set by.

// %%
func pretrained() throws -> Learner {
    let model = Sequential(("body", Sequential(Linear(64, 96), ReLU())), ("head", Linear(96, 10)))
    let learner = try makeLearner(model, groups: .startingAt(["head"]))
    try learner.quietly { try learner.fitOneCycle(4, lrMax: 1e-2) }
    (model["head"] as? Linear)?.initialise(seed: options.seed + 1)
    return learner
}

var parts: [Chart] = []
for (group, name) in ["the trained body", "the new head"].enumerated() {
    let learner = try pretrained()
    learner.optimizer.learningRate = 1e-4
    let sweep = try learner.lrFind(LearningRateSweep(steps: steps), group: group)
    var chart = sweep.plot()
    chart.title = "Group \(group): \(name)"
    parts.append(chart)
}
try ChartGrid(title: "A group at a time", columns: 1, charts: parts).write(
    to: "\(options.out)/groups.svg", width: 900, height: 800)

// %% [markdown]
// ## By loss and by accuracy
//
// Smith's range test (2015) looks at the accuracy on held-out samples, with the rate rising in equal steps. It costs a
// validation a step, and pays with a curve that needs no smoothing. *base* is where the accuracy begins to rise, *max* where
// it flattens: a cyclic schedule swings between the two.

// %%
let figures: [LearningRateSweep.Figure] = [.batchLoss, .validLoss, .metric("accuracy")]
var ranges: [Chart] = []
var limits = (base: 1e-3, max: 1e-2)
for figure in figures {
    let sweep = try makeLearner(deep(normalised: true)).lrFind(
        start: 1e-5, end: 0.03, steps: steps, spacing: .linear, by: figure)
    var chart = sweep.plot()
    chart.title = "By \(figure)"
    ranges.append(chart)
    if figure == .metric("accuracy"), let base = try? sweep.suggestion(.base), let max = try? sweep.suggestion(.max),
        base < max
    {
        limits = (base, max)
    }
}
try ChartGrid(title: "Smith's range test", columns: 1, charts: ranges).write(
    to: "\(options.out)/range-test.svg", width: 900, height: 1200)

// %% [markdown]
// ## A curve that says nothing
//
// *valley*, *steep*, *minimum* and *slide* read a shape, and some shape every curve has: of a sweep at rates so small that
// nothing is learned they give a number all the same, by the chance of the batches. *base* needs a curve that falls, and
// *max* one that rises again; where it does not, they are an error with the reason. So is every suggestion of a sweep that
// diverges before there is a curve.

// %%
print("")
for (name, range, kind) in [
    ("at rates that do nothing", 1e-9...1e-8, LearningRateSweep.Suggestion.valley),
    ("that ends too early", 1e-4...3e-3, .max), ("that begins too late", 100...1000, .valley),
] {
    let sweep = try makeLearner(deep(normalised: true)).lrFind(
        start: range.lowerBound, end: range.upperBound, steps: steps)
    do {
        print("a sweep \(name): \(kind.rawValue) \(String(format: "%.1e", try sweep.suggestion(kind)))")
    } catch {
        print("a sweep \(name): \(error)")
    }
}

// %% [markdown]
// ## What to choose
//
// For one cycle, *valley*: the policy goes through lower and higher rates by itself. For a constant rate, a third of it. For
// cycles, *base* and *max*. And run it again when the batch size, the optimizer or the model has changed.

// %%
let learner = try makeLearner(deep(normalised: true))
let rate = try learner.lrFind(steps: steps).suggestion(.valley)
try learner.quietly { try learner.fitOneCycle(options.isQuick ? 2 : 8, lrMax: rate) }
let accuracy = try learner.validate()["accuracy"] ?? .nan
print("\npictures: \(options.out)/models.svg, repeated.svg, groups.svg, range-test.svg\n")
print(
    "05-lr-finder: valley=\(String(format: "%.2e", rate)) accuracy=\(String(format: "%.4f", accuracy))",
    "base=\(String(format: "%.1e", limits.base)) max=\(String(format: "%.1e", limits.max))")
