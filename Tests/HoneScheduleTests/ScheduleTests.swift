import HoneSchedule
import Testing

/// The contract of evaluation.
@Suite struct ScheduleTests {
    @Test func updateKOfNHasTheValueAtProgressKOverN() {
        let line = Schedule.linear(from: 10, to: 20)
        #expect(line.samples(total: 5) == [10, 12, 14, 16, 18])
        #expect(line.value(at: 5, of: 5) == 20)
        #expect(line.value(at: 0.25) == 12.5)
    }

    @Test(arguments: [
        Schedule.linear(from: 0.3, to: 0.1), .cosine(from: 0.3, to: 0.1), .exponential(from: 0.3, to: 0.1),
        .polynomial(from: 0.3, to: 0.1, power: 1.7), .power(from: 0.3, to: 0.1, exponent: 0.3),
        .ramp(from: 0.3, to: 0.1, curve: .squareRoot), .ramp(from: 0.3, to: 0.1, curve: .squareRootMirrored),
        .ramp(from: 0.3, to: 0.1, curve: .constant),
    ])
    func aRampBeginsAndEndsExactlyAtItsEnds(_ ramp: Schedule) {
        for total in [1, 2, 3, 7, 1000] {
            #expect(ramp.value(at: 0, of: total) == 0.3)
            #expect(ramp.value(at: total, of: total) == 0.1)
        }
    }

    @Test func aRunWithoutStepsIsOver() {
        #expect(Schedule.cosine(from: 1, to: 0).value(at: 0, of: 0) == 0)
        #expect(Schedule.cosine(from: 1, to: 0).value(at: 0, of: -4) == 0)
        #expect(Schedule.cosine(from: 1, to: 0).samples(total: -4).isEmpty)
    }

    @Test func nothingRisesAgainPastTheEnd() {
        // torch's CosineAnnealingLR and OneCycleLR both come back up here.
        #expect(Schedule.cosine(from: 1, to: 0).value(at: 15, of: 10) == 0)
        #expect(abs(Schedule.torchOneCycle(max: 1).value(at: 20, of: 20) - 4e-6) < 1e-18)
        #expect(Schedule.cosineRestarts(from: 1, first: .steps(4), multiplier: 2).value(at: 12, of: 12) == 0)
        #expect(Schedule.cosine(from: 1, to: 0).repeated(times: 3).value(at: 12, of: 12) == 0)
        #expect(Schedule.cyclical(base: 0, peak: 1, up: .steps(0), down: .steps(5)).value(at: 10, of: 10) == 0)
    }

    @Test func aStepCountHasNoValueAtABareProgress() {
        #expect(Schedule.stepDecay(from: 1, every: .steps(5)).value(at: 0.5).isNaN)
        #expect(Schedule.torchOneCycle(max: 1).value(at: 0.5).isNaN)
    }

    @Test func anEpochHasNoLengthWithoutATimelineThatKnowsIt() {
        let schedule = Schedule.linear(from: 1, to: 0).over(.epochs(2))
        #expect(schedule.value(at: 10, of: 100).isNaN)
        #expect(schedule.value(at: 10, in: Timeline(totalSteps: 100, stepsPerEpoch: 10)) == 0.5)
        #expect(schedule.value(at: 20, in: Timeline(totalSteps: 100, stepsPerEpoch: 10)) == 0)
    }

    @Test(arguments: [
        Schedule.exponentialDecay(from: 1, gamma: 10), .cosine(from: .infinity, to: 0), .cosine(from: .nan, to: 0),
        .exponential(from: 0, to: 1), .exponential(from: -1, to: 1), .oneCycle(max: 1, div: 0, divFinal: 0),
        .oneCycle(max: 1, pctStart: .nan), .oneCycle(max: 1, pctStart: -3), .stepDecay(from: 1, every: .steps(0)),
        .stepDecay(from: 1, every: .steps(-2)), .cyclical(base: 0, peak: 1, up: .steps(0)),
        .cyclical(base: 0, peak: 1, up: .steps(-3)), .constant(1).repeated(times: 0), .constant(1).repeated(times: -2),
        .cosine(from: 1, to: 0).restarts(first: .steps(0), multiplier: 0),
        .cosine(from: 1, to: 0).restarts(first: .steps(3), multiplier: 0.5),
        .cosine(from: 1, to: 0).restarts(cycles: 5000, multiplier: 3),
        .constant(1).then(.constant(2), at: .steps(-5)), .constant(1).then(.constant(2), at: .fraction(7)),
        .constant(1).then(.constant(2), at: .minutes(1)), .piecewiseLinear([]),
        .piecewiseLinear([(.steps(5), 1), (.steps(2), 0)]), .cosine(from: 1, to: 0).warmup(over: .steps(-1)),
        .cosine(from: 1, to: 0).warmup(over: .steps(3), from: 0, curve: .exponential),
        .constant(1).clamped(min: 2, max: 1), .torchOneCycle(max: 1, pctStart: 9, divFactor: 0),
        .constant(1).over(.fraction(-1)), .constant(1).over(.epochs(.nan)),
        Schedule.constant(1).asBatchSize(base: 0, dataset: 0).batchSizes,
        Schedule.constant(-1).asBatchSize(base: 10, dataset: 100, max: -5, rate: 1).rates,
        Schedule.constant(0).asLearningRate(rate: 1, base: 0, dataset: 0),
    ])
    func invalidParametersGiveFiniteNumbersOrNaNAndNeverTrap(_ schedule: Schedule) {
        for total in [0, 1, 2, 10, 400, Int.max] {
            for step in [Int.min, 0, 1, 2, 9, 10, 399, Int.max] {
                #expect(!schedule.value(at: step, of: total).isInfinite)
            }
        }
        for progress in [-1, 0, 0.3, 1, 2, .infinity, .nan] {
            #expect(!schedule.value(at: progress).isInfinite)
        }
        _ = schedule.jumps(total: 10)
        #expect(!schedule.description.isEmpty)
        _ = schedule.bounds
    }
}
