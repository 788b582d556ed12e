// %% [markdown]
// # Schedules
//
// Every schedule on one page: how the learning rate moves over a run, and how the batch size moves where a schedule is
// followed by the batch instead. A schedule is a value, so nothing is trained here: what is drawn is what training would
// use. Under each picture stands the expression that makes it.

// %%
import Foundation
import Hone

let options = ScriptOptions.parse(
    "03-schedules", about: "Draws every schedule, and the batch-size twins of those that decay.",
    own: [.integer("steps", 600, "optimizer steps in the run that is drawn", atLeast: 1)])
let steps = options.isQuick && !options.given.contains("steps") ? 120 : options.integer("steps")

// %% [markdown]
// The run has twelve epochs. What a schedule measures in epochs, in steps or in shares of the run is worked out by the
// timeline; the final value is approached by the last step and holds after it.

// %%
let epochs = 12
let timeline = Timeline(totalSteps: steps, stepsPerEpoch: Double(steps) / Double(epochs))

// %% [markdown]
// ## Decays
//
// The rate only falls. Look at where the time goes: a step decay stays high for long and then drops, the exponential
// leaves the high rates at once, the cosine keeps to both ends, and inverse time never quite arrives.

// %%
let decays: [Schedule] = [
    .constant(0.1),
    .linear(from: 0.1, to: 0),
    .polynomial(from: 0.1, power: 2),
    .exponential(from: 0.1, to: 0.001),
    .cosine(from: 0.1, to: 0.01),
    .stepDecay(from: 0.1, gamma: 0.5, every: .epochs(3)),
    .multiStep(from: 0.1, gamma: 0.1, milestones: [.fraction(0.5), .fraction(0.75)]),
    .exponentialDecay(from: 0.1, gamma: 0.7, every: .epochs(1)),
    .naturalDecay(from: 0.1, rate: 0.4, every: .epochs(1)),
    .inverseTime(from: 0.1, rate: 0.5, every: .epochs(1)),
    .inverseSquareRoot(from: 0.1, timescale: .epochs(1)),
    .multiplicative(from: 0.1, by: 0.995),
    .piecewiseLinear([(.steps(0), 0), (.epochs(3), 0.1), (.epochs(9), 0.02), (.epochs(12), 0)]),
    .flatCosine(0.1),
    .warmupStableDecay(0.1, warmup: .epochs(1), decay: .epochs(3), decayCurve: .linear),
    .warmupStableDecay(0.1, warmup: .epochs(1), decay: .epochs(3)),
    .warmupStableDecay(0.1, warmup: .epochs(1), decay: .epochs(3), decayCurve: .squareRoot),
    .custom("sawtooth by hand") { 0.1 * (1 - ($0 * 5).truncatingRemainder(dividingBy: 1)) },
]

// %% [markdown]
// ## Cycles
//
// Smith's cycles swing between two bounds (2015): the window is the shape of one swing, the envelope what becomes of the
// swings. The two exponential envelopes differ in what decays: the paper's text lets each bound decay, the common code
// the distance between them.

// %%
let swing = Interval.epochs(1.5)
let cycles: [Schedule] = [
    .cyclical(base: 0.01, peak: 0.1, up: swing),
    .cyclical(base: 0.01, peak: 0.1, up: swing, window: .welch),
    .cyclical(base: 0.01, peak: 0.1, up: swing, window: .hann),
    .cyclical(base: 0.01, peak: 0.1, up: swing, envelope: .halving),
    .cyclical(base: 0.01, peak: 0.1, up: swing, envelope: .exponentialAmplitude(gamma: pow(0.1, 1 / Double(steps)))),
    .cyclical(base: 0.01, peak: 0.1, up: swing, envelope: .exponentialBounds(gamma: pow(0.1, 1 / Double(steps)))),

    .cyclical(base: 0.01, peak: 0.1, up: swing, envelope: .custom("1 / cycle") { cycle, _ in 1 / (cycle + 1) }),
    .cosineWave(from: 0.1, to: 0.01, cycles: 3, per: .fraction(1)),
    .cosineRestarts(from: 0.1, to: 0.001, first: .epochs(4)),
    .cosineRestarts(from: 0.1, to: 0.001, first: .epochs(1), multiplier: 2, decay: 0.7),
]

// %% [markdown]
// ## One cycle
//
// One large swing over the whole run, and below its start at the end. The momentum does the opposite.

// %%
let rates: [Schedule] = [
    .oneCycle(max: 0.1),
    .torchOneCycle(max: 0.1),
    .torchOneCycle(max: 0.1, anneal: .linear, threePhase: true),
    .smithOneCycle(max: 0.1),
    .superConvergence(),
]
let momenta: [Schedule] = [
    .oneCycleMomentum(),
    .torchOneCycleMomentum(threePhase: true),
    .smithOneCycleMomentum(),
    .cyclicalMomentum(up: swing),
]

// %% [markdown]
// ## Warm-up, and putting schedules together
//
// A warm-up stands in front of anything. As a prefix it moves the schedule to the right; as an overlay it hides the
// schedule's beginning, which goes on underneath.

// %%
let combined: [Schedule] = [
    .cosine(from: 0.1, to: 0).warmup(over: .epochs(3), from: 0),
    .cosine(from: 0.1, to: 0).warmup(over: .epochs(3), from: 0, mode: .overlay),
    .constant(0.1).warmup(over: .epochs(3), from: 0.25, curve: .constant),
    .constant(0.1).warmup(over: .epochs(3), from: 0.01, curve: .exponential),
    .constant(0.1).warmup(over: .epochs(3), from: 0, curve: .cosine),
    .linearWithWarmup(0.1, warmup: .fraction(0.1)),
    .linear(from: 0, to: 0.1).then(.cosine(from: 0.1, to: 0), at: .fraction(0.25)),
    .cosine(from: 0.1, to: 0.02).scaled(by: 0.5),
    .cosine(from: 0.1, to: 0).clamped(min: 0.02, max: 0.08),
    .linear(from: 0.1, to: 0.01).repeated(times: 4),
    .exponential(from: 0.1, to: 0.01).restarts(first: .epochs(2), multiplier: 2, decay: 0.8),
    .cosine(from: 0.1, to: 0) * .stepDecay(from: 1, gamma: 0.7, every: .epochs(2)),
]

// %% [markdown]
// ## When the loss says so
//
// A plateau rule is no schedule: it waits for a loss that no longer falls, and then multiplies what a schedule gives.
// Here it halves a cosine, three checks after each best loss of a run that was made up.

// %%
var rule = PlateauRule(factor: 0.5, patience: 3)
let losses = (0..<48).map { 0.3 + 1.7 * exp(-Double($0 % 16) / 4 - Double($0 / 16)) }
let factors = losses.map { loss in
    _ = rule.update(loss)
    return rule.multiplier
}
let decay = Schedule.cosine(from: 0.1, to: 0.01)
let plateau = Chart(
    caption: "PlateauRule(factor: 0.5, patience: 3) on Schedule.cosine(from: 0.1, to: 0.01)", x: Axis("check"),
    y: Axis("rate"), legend: .hidden,
    series: [
        .line(
            x: factors.indices.map(Double.init),
            y: factors.enumerated().map { $1 * decay.value(at: $0, of: factors.count) }, color: .blue)
    ])

// %% [markdown]
// ## The batch-size twins
//
// The noise of the gradient goes with g = ε(N/B − 1): to divide the rate or to multiply the batch makes the same of it
// (Smith and Le 2017). A twin holds g to the schedule's by growing the batch, and hands over to the rate where the batch
// has reached its cap. Fewer updates are taken for as many samples. A cyclic rate becomes a cyclic batch.

// %%
let base = 64
let samples = 50_000
let twins: [Schedule] = [
    .stepDecay(from: 0.1, gamma: 0.2, every: .epochs(4)),
    .exponential(from: 0.1, to: 0.001),
    .cosine(from: 0.1, to: 0.001),
    .cyclical(base: 0.01, peak: 0.1, up: .epochs(2), envelope: .halving),
]

// %%
/// A small picture of a schedule over the run, with the expression that makes it below.
func picture(_ schedule: Schedule, _ label: String, _ color: ChartColor) throws -> Chart {
    try schedule.validate()
    let values = schedule.samples(in: timeline)
    return Chart(
        caption: "\(schedule)", x: Axis("step"), y: Axis(label), legend: .hidden,
        series: [.line(x: values.indices.map(Double.init), y: values, color: color)])
}

var charts = try (decays + cycles + rates + combined).map { try picture($0, "rate", .blue) }
charts += try momenta.map { try picture($0, "momentum", .vermillion) }
charts.append(plateau)
for schedule in twins {
    let twin = schedule.asBatchSize(base: base, dataset: samples, max: 16 * base)
    charts.append(try picture(twin.batchSizes, "batch size", .green))
    charts.append(try picture(twin.rates, "rate", .blue))
}
let growing = Schedule.stepDecay(from: Double(base), gamma: 2, every: .epochs(3))
charts.append(try picture(growing, "batch size", .green))
charts.append(try picture(growing.asLearningRate(rate: 0.1, base: base, dataset: samples), "rate", .blue))
let page = ChartGrid(title: "Schedules over a run of \(epochs) epochs", columns: 4, charts: charts)
try page.write(to: "\(options.out)/schedules.svg", width: 1600, height: (charts.count + 3) / 4 * 270)
print(try picture(.oneCycle(max: 0.1), "rate", .blue).terminal(width: 80, height: 16))

// %% [markdown]
// What a picture does not show is whether a schedule jumps where it should not: two pieces put together with different
// values at the seam, say. `jumps` finds that before training does.

// %%
let seam = Schedule.linear(from: 0, to: 0.1).then(.cosine(from: 0.05, to: 0), at: .fraction(0.25))
for jump in seam.jumps(in: timeline) { print("\n\(seam)\n  jumps: \(jump)") }

print("\npictures: \(options.out)/schedules.svg\n")
print("03-schedules: schedules=\(charts.count - 2 * twins.count - 2) twins=\(twins.count + 1) steps=\(steps)")
