import HoneSchedule
import Testing

@Suite struct ValidationTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let schedule: Schedule
        let parameter: String
        let got: String

        init(_ schedule: Schedule, _ parameter: String, _ got: String) {
            self.schedule = schedule
            self.parameter = parameter
            self.got = got
        }

        var testDescription: String { "\(schedule)" }
    }

    static let mistakes = [
        Mistake(.constant(.nan), "constant(_:)", ".nan"),
        Mistake(.linear(from: .infinity, to: 0), "ramp(from:)", ".infinity"),
        Mistake(.cosine(from: 0, to: .nan), "ramp(to:)", ".nan"),
        Mistake(.exponential(from: 0, to: 1), "ramp(from:)", "0"),
        Mistake(.exponential(from: 1, to: -1), "ramp(to:)", "-1"),
        Mistake(.polynomial(from: 1, power: 0), "ramp(power:)", "0"),
        Mistake(.power(from: 1, to: 0, exponent: -1), "ramp(exponent:)", "-1"),
        Mistake(.stepDecay(from: 1, gamma: 0, every: .steps(1)), "stepDecay(gamma:)", "0"),
        Mistake(.stepDecay(from: 1, every: .steps(0)), "stepDecay(every:)", ".steps(0)"),
        Mistake(.stepDecay(from: 1, every: .epochs(-1)), "stepDecay(every:)", ".epochs(-1)"),
        Mistake(.multiStep(from: 1, milestones: []), "multiStep(milestones:)", "none"),
        Mistake(.multiStep(from: 1, milestones: [.steps(-1)]), "multiStep(milestones:)", ".steps(-1)"),
        Mistake(.exponentialDecay(from: 1, gamma: -0.5), "exponentialDecay(gamma:)", "-0.5"),
        Mistake(.naturalDecay(from: 1, rate: -1), "naturalDecay(rate:)", "-1"),
        Mistake(.inverseTime(from: 1, rate: .nan), "inverseTime(rate:)", ".nan"),
        Mistake(.inverseSquareRoot(from: 1, timescale: .steps(0)), "inverseSquareRoot(timescale:)", ".steps(0)"),
        Mistake(.piecewiseLinear([]), "piecewiseLinear(_:)", "none"),
        Mistake(
            .piecewiseLinear([(.steps(5), 1), (.steps(2), 0)]), "piecewiseLinear(_:)", ".steps(2) after .steps(5)"),
        Mistake(.cosineWave(from: 1, cycles: -1), "cosineWave(cycles:)", "-1"),
        Mistake(
            .cyclical(base: 0, peak: 1, up: .steps(0)), "cyclical(up:down:)", "up .steps(0), down .steps(0)"),
        Mistake(
            .cyclical(base: 0, peak: 1, up: .steps(1), envelope: .exponentialBounds(gamma: 0)), "cyclical(envelope:)",
            "0"),
        Mistake(.oneCycle(max: 0), "oneCycle(max:)", "0"),
        Mistake(.oneCycle(max: 1, div: -25), "oneCycle(div:)", "-25"),
        Mistake(.oneCycle(max: 1, pctStart: 1.5), "oneCycle(pctStart:)", "1.5"),
        Mistake(.oneCycle(max: 1, pctStart: .nan), "oneCycle(pctStart:)", ".nan"),
        Mistake(.oneCycleMomentum(1, 0.85, 0.95), "oneCycleMomentum(start)", "1"),
        Mistake(.torchOneCycle(max: 1, divFactor: 0), "torchOneCycle(divFactor:)", "0"),
        Mistake(.torchOneCycleMomentum(low: -0.1), "torchOneCycleMomentum(low:)", "-0.1"),
        Mistake(.constant(1).then(.constant(2), at: 1.5), "then(_:at:)", ".fraction(1.5)"),
        Mistake(.constant(1).then(.constant(2), last: .steps(-1)), "then(_:last:)", ".steps(-1)"),
        Mistake(.constant(1).over(.epochs(.nan)), "over(_:)", ".epochs(.nan)"),
        Mistake(.constant(1).warmup(over: .steps(1), from: -1), "warmup(from:)", "-1"),
        Mistake(.constant(1).warmup(over: .steps(1), curve: .exponential), "warmup(from:)", "0"),
        Mistake(.constant(1).scaled(by: .nan), "scaled(by:)", ".nan"),
        Mistake(.constant(1).clamped(min: 2, max: 1), "clamped(max:)", "1"),
        Mistake(.constant(1).clamped(min: -.infinity), "clamped(min:)", "-.infinity"),
        Mistake(.constant(1).clamped(max: .infinity), "clamped(max:)", ".infinity"),
        Mistake(.constant(1).repeated(times: 0), "restarts(cycles:)", "0"),
        Mistake(.constant(1).restarts(first: .steps(2), multiplier: 0.5), "restarts(multiplier:)", "0.5"),
        Mistake(.constant(1).restarts(cycles: 2, decay: 0), "restarts(decay:)", "0"),
        Mistake(Schedule.constant(1).asBatchSize(base: 0, dataset: 10).rates, "asBatchSize(base:)", "0"),
        Mistake(Schedule.constant(1).asBatchSize(base: 5, dataset: 10, max: 3).rates, "asBatchSize(max:)", "3"),
        Mistake(Schedule.constant(0).asBatchSize(base: 5, dataset: 10).rates, "asBatchSize(rate:)", "0"),
        Mistake(.constant(1).asLearningRate(rate: 1, base: 10, dataset: 10), "asLearningRate(base:)", "10"),
        Mistake((Schedule.constant(1) * .constant(.nan)).scaled(by: 2), "constant(_:)", ".nan"),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsNamedWithWhatWasExpectedAndWhatCame(_ mistake: Mistake) throws {
        let error = try #require(throws: ScheduleError.self) { try mistake.schedule.validate() }
        guard case .invalid(let parameter, let expected, let got) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(parameter == mistake.parameter)
        #expect(got == mistake.got)
        #expect("\(error)" == "\(parameter) must be \(expected), got \(got)")
    }

    @Test func anIntervalWithoutALengthIsNamedWhenTheRunIsKnown() {
        let schedule = Schedule.cosine(from: 1, to: 0).over(.epochs(2)).then(.constant(0), at: .minutes(3))
        #expect(throws: Never.self) { try schedule.validate() }
        #expect(throws: ScheduleError.unresolvable(parameter: "then(_:at:)", interval: .minutes(3))) {
            try schedule.validate(in: Timeline(epochs: 3, stepsPerEpoch: 10))
        }
        #expect(throws: ScheduleError.unresolvable(parameter: "over(_:)", interval: .epochs(2))) {
            try Schedule.constant(1).over(.epochs(2)).scaled(by: 2).validate(in: Timeline(totalSteps: 10))
        }
        let error = ScheduleError.unresolvable(parameter: "over(_:)", interval: .epochs(2))
        #expect(
            "\(error)" == "over(_:) is .epochs(2), which cannot be turned into steps: "
                + "the number of steps in an epoch is not known")
    }
}
