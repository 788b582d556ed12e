import HoneSchedule
import Testing

/// A schedule and the expression that it must print as.
struct Sample: Sendable, CustomTestStringConvertible {
    let schedule: Schedule
    let expression: String

    init(_ schedule: Schedule, _ expression: String) {
        self.schedule = schedule
        self.expression = expression
    }

    var testDescription: String { expression }
}

/// Every case of `Schedule` but closures, with the text of the very expression that makes it.
let gallery: [Sample] = [
    Sample(Schedule.constant(0.001), "Schedule.constant(0.001)"),
    Sample(Schedule.linear(from: 0.1, to: 0.01), "Schedule.linear(from: 0.1, to: 0.01)"),
    Sample(Schedule.cosine(from: 0.1, to: 0), "Schedule.cosine(from: 0.1, to: 0)"),
    Sample(Schedule.exponential(from: 0.1, to: 1e-05), "Schedule.exponential(from: 0.1, to: 1e-05)"),
    Sample(
        Schedule.polynomial(from: 1, to: 0.01, power: 2),
        "Schedule.polynomial(from: 1, to: 0.01, power: 2)"),
    Sample(Schedule.power(from: 1, to: 0, exponent: 0.5), "Schedule.power(from: 1, to: 0, exponent: 0.5)"),
    Sample(
        Schedule.ramp(from: 0, to: 1, curve: .squareRootMirrored),
        "Schedule.ramp(from: 0, to: 1, curve: .squareRootMirrored)"),
    Sample(
        Schedule.ramp(from: 1, to: 0, curve: .squareRoot),
        "Schedule.ramp(from: 1, to: 0, curve: .squareRoot)"),
    Sample(
        Schedule.ramp(from: 0.1, to: 1, curve: .constant),
        "Schedule.ramp(from: 0.1, to: 1, curve: .constant)"),
    Sample(
        Schedule.stepDecay(from: 0.1, gamma: 0.5, every: .steps(5)),
        "Schedule.stepDecay(from: 0.1, gamma: 0.5, every: .steps(5))"),
    Sample(
        Schedule.stepDecay(from: 0.1, gamma: 0.5, every: .epochs(1.5)),
        "Schedule.stepDecay(from: 0.1, gamma: 0.5, every: .epochs(1.5))"),
    Sample(
        Schedule.multiStep(
            from: 1, gamma: 0.1,
            milestones: [
                .steps(30), .fraction(0.5), .steps(30),
                .samples(1600),
            ]),
        """
        Schedule.multiStep(from: 1, gamma: 0.1, milestones: [.steps(30), .fraction(0.5), .steps(30), \
        .samples(1600)])
        """),
    Sample(
        Schedule.exponentialDecay(from: 1, gamma: 0.95, every: .steps(1)),
        "Schedule.exponentialDecay(from: 1, gamma: 0.95, every: .steps(1))"),
    Sample(
        Schedule.exponentialDecay(from: 1, gamma: 0.1, every: .fraction(1)),
        "Schedule.exponentialDecay(from: 1, gamma: 0.1, every: .fraction(1))"),
    Sample(
        Schedule.naturalDecay(from: 1, rate: 0.05, every: .steps(1)),
        "Schedule.naturalDecay(from: 1, rate: 0.05, every: .steps(1))"),
    Sample(
        Schedule.inverseTime(from: 1, rate: 0.5, every: .epochs(1)),
        "Schedule.inverseTime(from: 1, rate: 0.5, every: .epochs(1))"),
    Sample(
        Schedule.inverseTime(from: 1, rate: 0.5, every: .epochs(1), staircase: true),
        "Schedule.inverseTime(from: 1, rate: 0.5, every: .epochs(1), staircase: true)"),
    Sample(
        Schedule.inverseSquareRoot(from: 0.001, timescale: .steps(40)),
        "Schedule.inverseSquareRoot(from: 0.001, timescale: .steps(40))"),
    Sample(
        Schedule.piecewiseLinear([(.steps(0), 0), (.fraction(0.25), 1), (.fraction(1), 0.5)]),
        "Schedule.piecewiseLinear([(.steps(0), 0), (.fraction(0.25), 1), (.fraction(1), 0.5)])"),
    Sample(
        Schedule.cosineWave(from: 1, to: 0.1, cycles: 1.5, per: .fraction(1)),
        "Schedule.cosineWave(from: 1, to: 0.1, cycles: 1.5, per: .fraction(1))"),
    Sample(
        Schedule.cosineWave(from: 1, to: 0.1, cycles: 0.5, per: .steps(20)),
        "Schedule.cosineWave(from: 1, to: 0.1, cycles: 0.5, per: .steps(20))"),
    Sample(
        Schedule.cyclical(base: 0.001, peak: 0.006, up: .epochs(2), down: .epochs(2)),
        "Schedule.cyclical(base: 0.001, peak: 0.006, up: .epochs(2), down: .epochs(2))"),
    Sample(
        Schedule.cyclical(
            base: 0.001, peak: 0.006, up: .steps(6), down: .steps(3), window: .welch,
            envelope: .halving),
        """
        Schedule.cyclical(base: 0.001, peak: 0.006, up: .steps(6), down: .steps(3), window: .welch, \
        envelope: .halving)
        """),
    Sample(
        Schedule.cyclical(
            base: 0.001, peak: 0.006, up: .steps(6), down: .steps(0), window: .hann,
            envelope: .perCycle(factor: 0.8)),
        """
        Schedule.cyclical(base: 0.001, peak: 0.006, up: .steps(6), down: .steps(0), window: .hann, \
        envelope: .perCycle(factor: 0.8))
        """),
    Sample(
        Schedule.cyclical(base: 0.001, peak: 0.006, up: .steps(0), down: .steps(6)),
        "Schedule.cyclical(base: 0.001, peak: 0.006, up: .steps(0), down: .steps(6))"),
    Sample(
        Schedule.cyclical(
            base: 0.1, peak: 1, up: .steps(4), down: .steps(4),
            envelope: .exponentialAmplitude(gamma: 0.9)),
        """
        Schedule.cyclical(base: 0.1, peak: 1, up: .steps(4), down: .steps(4), \
        envelope: .exponentialAmplitude(gamma: 0.9))
        """),
    Sample(
        Schedule.cyclical(
            base: 0.1, peak: 1, up: .fraction(0.1), down: .fraction(0.15),
            envelope: .exponentialBounds(gamma: 0.9)),
        """
        Schedule.cyclical(base: 0.1, peak: 1, up: .fraction(0.1), down: .fraction(0.15), \
        envelope: .exponentialBounds(gamma: 0.9))
        """),
    Sample(
        Schedule.cyclical(base: 0.95, peak: 0.85, up: .steps(5), down: .steps(5), window: .hann),
        "Schedule.cyclical(base: 0.95, peak: 0.85, up: .steps(5), down: .steps(5), window: .hann)"),
    Sample(
        Schedule.oneCycle(max: 0.003, div: 25, divFinal: 100000, pctStart: 0.25),
        "Schedule.oneCycle(max: 0.003, div: 25, divFinal: 100000, pctStart: 0.25)"),
    Sample(
        Schedule.oneCycle(max: 1, div: 0.5, divFinal: 2, pctStart: 0),
        "Schedule.oneCycle(max: 1, div: 0.5, divFinal: 2, pctStart: 0)"),
    Sample(
        Schedule.oneCycleMomentum(0.95, 0.85, 0.9, pctStart: 1),
        "Schedule.oneCycleMomentum(0.95, 0.85, 0.9, pctStart: 1)"),
    Sample(
        Schedule.torchOneCycle(
            max: 1, pctStart: 0.3, anneal: .cosine, divFactor: 25,
            finalDivFactor: 10000, threePhase: false),
        """
        Schedule.torchOneCycle(max: 1, pctStart: 0.3, anneal: .cosine, divFactor: 25, \
        finalDivFactor: 10000, threePhase: false)
        """),
    Sample(
        Schedule.torchOneCycle(
            max: 1, pctStart: 0.4, anneal: .linear, divFactor: 10, finalDivFactor: 100,
            threePhase: true),
        """
        Schedule.torchOneCycle(max: 1, pctStart: 0.4, anneal: .linear, divFactor: 10, finalDivFactor: 100, \
        threePhase: true)
        """),
    Sample(
        Schedule.torchOneCycleMomentum(
            high: 0.95, low: 0.85, pctStart: 0.3, anneal: .linear,
            threePhase: true),
        """
        Schedule.torchOneCycleMomentum(high: 0.95, low: 0.85, pctStart: 0.3, anneal: .linear, \
        threePhase: true)
        """),
    Sample(
        Schedule.linear(from: 0, to: 1).then(.cosine(from: 1, to: 0), at: .fraction(0.25)),
        "Schedule.linear(from: 0, to: 1).then(.cosine(from: 1, to: 0), at: .fraction(0.25))"),
    Sample(
        Schedule.linear(from: 0, to: 1).then(.constant(1), at: .steps(3)).then(
            .cosine(from: 1, to: 0),
            last: .fraction(0.1)),
        """
        Schedule.linear(from: 0, to: 1).then(.constant(1), at: .steps(3)).then(.cosine(from: 1, to: 0), \
        last: .fraction(0.1))
        """),
    Sample(
        Schedule.constant(1).then(
            .linear(from: 1, to: 0.5).then(.constant(0.1), at: .fraction(0.5)),
            at: .epochs(1)),
        """
        Schedule.constant(1).then(.linear(from: 1, to: 0.5).then(.constant(0.1), at: .fraction(0.5)), \
        at: .epochs(1))
        """),
    Sample(
        Schedule.cosine(from: 0.1, to: 0).over(.epochs(3)),
        "Schedule.cosine(from: 0.1, to: 0).over(.epochs(3))"),
    Sample(
        Schedule.cosine(from: 0.1, to: 0.01).warmup(over: .steps(5), from: 0),
        "Schedule.cosine(from: 0.1, to: 0.01).warmup(over: .steps(5), from: 0)"),
    Sample(
        Schedule.cosine(from: 0.1, to: 0.01).warmup(
            over: .fraction(0.1), from: 0.1, curve: .exponential,
            mode: .overlay),
        """
        Schedule.cosine(from: 0.1, to: 0.01).warmup(over: .fraction(0.1), from: 0.1, curve: .exponential, \
        mode: .overlay)
        """),
    Sample(
        Schedule.stepDecay(from: 0.1, gamma: 0.1, every: .epochs(3)).warmup(
            over: .epochs(1), from: 0.25,
            curve: .cosine, mode: .multiply),
        """
        Schedule.stepDecay(from: 0.1, gamma: 0.1, every: .epochs(3)).warmup(over: .epochs(1), from: 0.25, \
        curve: .cosine, mode: .multiply)
        """),
    Sample(
        Schedule.constant(0.1).warmup(over: .steps(500), from: 0.25, curve: .constant),
        "Schedule.constant(0.1).warmup(over: .steps(500), from: 0.25, curve: .constant)"),
    Sample(
        Schedule.cosine(from: 1, to: 0.1).repeated(times: 3),
        "Schedule.cosine(from: 1, to: 0.1).repeated(times: 3)"),
    Sample(
        Schedule.linear(from: 1, to: 0.1).repeated(every: .steps(7)),
        "Schedule.linear(from: 1, to: 0.1).repeated(every: .steps(7))"),
    Sample(
        Schedule.cosine(from: 1, to: 0.1).restarts(first: .epochs(1), multiplier: 2),
        "Schedule.cosine(from: 1, to: 0.1).restarts(first: .epochs(1), multiplier: 2)"),
    Sample(
        Schedule.cosine(from: 1, to: 0.1).restarts(
            first: .steps(10), multiplier: 1.5, decay: 0.5,
            floor: 0.1),
        """
        Schedule.cosine(from: 1, to: 0.1).restarts(first: .steps(10), multiplier: 1.5, decay: 0.5, \
        floor: 0.1)
        """),
    Sample(
        Schedule.cosine(from: 1, to: 0).restarts(cycles: 3, multiplier: 2),
        "Schedule.cosine(from: 1, to: 0).restarts(cycles: 3, multiplier: 2)"),
    Sample(
        Schedule.cosine(from: 1, to: 0).restarts(cycles: 4, multiplier: 0.5, decay: 0.7, floor: 0),
        "Schedule.cosine(from: 1, to: 0).restarts(cycles: 4, multiplier: 0.5, decay: 0.7, floor: 0)"),
    Sample(
        Schedule.cosine(from: 1, to: 0).scaled(by: -0.5),
        "Schedule.cosine(from: 1, to: 0).scaled(by: -0.5)"),
    Sample(
        Schedule.cosine(from: 1, to: 0).clamped(min: 0.2, max: 0.8),
        "Schedule.cosine(from: 1, to: 0).clamped(min: 0.2, max: 0.8)"),
    Sample(
        Schedule.cosine(from: 1, to: 0).clamped(min: 0.2),
        "Schedule.cosine(from: 1, to: 0).clamped(min: 0.2)"),
    Sample(
        Schedule.cosine(from: 1, to: 0).times(.exponentialDecay(from: 1, gamma: 0.99, every: .steps(1))),
        "Schedule.cosine(from: 1, to: 0).times(.exponentialDecay(from: 1, gamma: 0.99, every: .steps(1)))"),
    Sample(
        Schedule.cosine(from: 0.1, to: 0.001).asBatchSize(
            base: 128, dataset: 50000, max: 5120,
            rate: 0.1
        ).batchSizes,
        """
        Schedule.cosine(from: 0.1, to: 0.001).asBatchSize(base: 128, dataset: 50000, max: 5120, \
        rate: 0.1).batchSizes
        """),
    Sample(
        Schedule.cosine(from: 0.1, to: 0.001).asBatchSize(
            base: 128, dataset: 50000, max: 5120,
            rate: 0.1
        ).rates,
        """
        Schedule.cosine(from: 0.1, to: 0.001).asBatchSize(base: 128, dataset: 50000, max: 5120, \
        rate: 0.1).rates
        """),
    Sample(
        Schedule.stepDecay(
            from: 128, gamma: 2,
            every: .epochs(5)
        ).clamped(max: 1000).asLearningRate(rate: 0.1, base: 128, dataset: 50000),
        """
        Schedule.stepDecay(from: 128, gamma: 2, \
        every: .epochs(5)).clamped(max: 1000).asLearningRate(rate: 0.1, base: 128, dataset: 50000)
        """),
]

/// What the factories make that are compositions of others: each prints as that composition. By the factory's name.
let compositions: [(factory: String, schedule: Schedule)] = [
    ("multiplicative", .multiplicative(from: 0.1, by: 0.9)),
    ("cosineRestarts", .cosineRestarts(from: 0.1, to: 0.001, first: .steps(6), multiplier: 2, decay: 0.7)),
    ("cyclicalMomentum", .cyclicalMomentum(up: .steps(5), down: .steps(2))),
    ("smithOneCycle", .smithOneCycle(max: 0.1, annealing: 0.2)),
    ("smithOneCycleMomentum", .smithOneCycleMomentum()),
    ("superConvergence", .superConvergence()),
    ("warmupStableDecay", .warmupStableDecay(0.1, warmup: .fraction(0.1), decay: .steps(3), floor: 0.01)),
    ("flatCosine", .flatCosine(0.1)),
    ("constantWithWarmup", .constantWithWarmup(0.1, warmup: .steps(4))),
    ("linearWithWarmup", .linearWithWarmup(0.1, warmup: .fraction(0.2))),
    ("cosineWithWarmup", .cosineWithWarmup(0.1, warmup: .epochs(1), cycles: 1.25, floor: 0.01)),
    ("cosineWithHardRestarts", .cosineWithHardRestarts(0.1, warmup: .steps(4), cycles: 3)),
    ("polynomialWithWarmup", .polynomialWithWarmup(0.1, warmup: .steps(4), power: 2)),
    ("inverseSquareRootWithWarmup", .inverseSquareRootWithWarmup(0.1, warmup: .steps(4), timescale: .steps(9))),
]

/// All schedules that the properties of every one are tried on.
let everySchedule = gallery + compositions.map { Sample($0.schedule, "\($0.factory): \($0.schedule)") }
