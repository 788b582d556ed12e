import Foundation
import HoneSchedule
import Testing

@Suite struct DecayTests {
    @Test func stepDecayDropsAfterEveryInterval() {
        let schedule = Schedule.stepDecay(from: 1, gamma: 0.5, every: .steps(3))
        #expect(schedule.samples(total: 8) == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25])
    }

    @Test func stepDecayInEpochsFollowsTheirLength() {
        let schedule = Schedule.stepDecay(from: 1, gamma: 0.5, every: .epochs(2))
        let timeline = Timeline(epochs: 6, stepsPerEpoch: 10, batchSize: 32)
        #expect(schedule.value(at: 19, in: timeline) == 1)
        #expect(schedule.value(at: 20, in: timeline) == 0.5)
        #expect(schedule.value(at: 40, in: timeline) == 0.25)
    }

    @Test func aFractionOfTheRunIsNotMissedByRounding() {
        // 0.07 · 100 and 0.55 · 100 come out a rounding above 7 and 55.
        #expect(Schedule.constant(1).then(.constant(0), at: 0.07).value(at: 7, of: 100) == 0)
        #expect(Schedule.constant(1).then(.constant(0), at: 0.55).value(at: 55, of: 100) == 0)
        #expect(Schedule.stepDecay(from: 1, gamma: 0.5, every: .fraction(0.07)).value(at: 7, of: 100) == 0.5)
        #expect(Schedule.stepDecay(from: 1, gamma: 0.5, every: .fraction(0.1)).value(at: 3, of: 10) == 0.125)
        for total in 1...300 {
            let halves = Schedule.stepDecay(from: 1, gamma: 0.5, every: .fraction(1 / Double(total)))
            #expect((0...total).allSatisfy { halves.value(at: $0, of: total) == pow(0.5, Double($0)) })
        }
    }

    @Test func multiStepCountsMilestonesInAnyOrderAndTwiceIfGivenTwice() {
        let schedule = Schedule.multiStep(from: 1, gamma: 0.5, milestones: [.steps(4), .steps(2), .steps(4)])
        #expect(schedule.samples(total: 6) == [1, 1, 0.5, 0.5, 0.125, 0.125])
    }

    @Test func exponentialNaturalAndMultiplicativeAgreeWhereTheyMust() {
        let exponential = Schedule.exponentialDecay(from: 2, gamma: exp(-0.1))
        let natural = Schedule.naturalDecay(from: 2, rate: 0.1)
        for step in 0..<50 {
            let expected = 2 * exp(-0.1 * Double(step))
            #expect(abs(exponential.value(at: step, of: 50) - expected) < 1e-14)
            #expect(abs(natural.value(at: step, of: 50) - expected) < 1e-14)
        }
        #expect(Schedule.multiplicative(from: 2, by: 0.5) == .exponentialDecay(from: 2, gamma: 0.5))
    }

    @Test func exponentialDecayCanBeGivenPerEpoch() {
        let schedule = Schedule.exponentialDecay(from: 1, gamma: 0.25, every: .epochs(1))
        #expect(schedule.value(at: 5, in: Timeline(totalSteps: 100, stepsPerEpoch: 10)) == 0.5)
    }

    @Test func inverseTimeAndItsStaircase() {
        let smooth = Schedule.inverseTime(from: 1, rate: 1, every: .steps(2))
        let hyperbola: [Double] = [1, 1 / 1.5, 1 / 2, 1 / 2.5, 1 / 3]
        #expect(smooth.samples(total: 5) == hyperbola)
        let stairs = Schedule.inverseTime(from: 1, rate: 1, every: .steps(2), staircase: true)
        #expect(stairs.samples(total: 5) == [1, 1, 0.5, 0.5, 1.0 / 3])
    }

    @Test func polynomialOfPowerOneIsLinear() {
        let (line, polynomial) = (Schedule.linear(from: 1, to: 0.2), Schedule.polynomial(from: 1, to: 0.2, power: 1))
        for step in 0...17 {
            #expect(abs(line.value(at: step, of: 17) - polynomial.value(at: step, of: 17)) < 1e-15)
        }
        #expect(Schedule.polynomial(from: 1, power: 2).samples(total: 4) == [1, 0.5625, 0.25, 0.0625])
        #expect(Schedule.power(from: 1, to: 0, exponent: 2).samples(total: 4) == [1, 0.9375, 0.75, 0.4375])
    }

    @Test func inverseSquareRootIsTheTransformersLawBehindItsWarmup() {
        // Vaswani et al. 2017, eq. 3 without its d_model: min(t^-½, t·w^-3/2), scaled to 1 at t = w.
        let schedule = Schedule.inverseSquareRootWithWarmup(1, warmup: .steps(40))
        for step in 0..<200 {
            let t = Double(step)
            let law = step == 0 ? 0 : min(1 / t.squareRoot(), t * pow(40, -1.5))
            let expected = 40.0.squareRoot() * law
            #expect(abs(schedule.value(at: step, of: 200) - expected) < 1e-14)
        }
    }

    @Test func theSquareRootCurvesAreMirrorImages() {
        let fall = Schedule.ramp(from: 1, to: 0, curve: .squareRoot)
        let rise = Schedule.ramp(from: 0, to: 1, curve: .squareRootMirrored)
        for step in 0...10 {
            #expect(abs(fall.value(at: step, of: 10) - (1 - (Double(step) / 10).squareRoot())) < 1e-15)
            #expect(abs(rise.value(at: 10 - step, of: 10) - fall.value(at: step, of: 10)) < 1e-15)
        }
    }

    @Test func warmupStableDecayKeepsItsThreeLengths() {
        let schedule = Schedule.warmupStableDecay(
            1, warmup: .steps(4), decay: .steps(5), floor: 0.5, decayCurve: .linear)
        #expect(
            schedule.samples(total: 12) == [0.5, 0.625, 0.75, 0.875, 1, 1, 1, 1, 0.9, 0.8, 0.7, 0.6])
        #expect(schedule.value(at: 12, of: 12) == 0.5)
        #expect(schedule.jumps(total: 12).isEmpty)
    }

    @Test func piecewiseLinearJoinsItsPointsAndHoldsItsEnds() {
        let schedule = Schedule.piecewiseLinear([(.steps(2), 1), (.steps(4), 3), (.steps(4), 0), (.steps(6), 2)])
        #expect(schedule.samples(total: 9) == [1, 1, 1, 2, 0, 1, 2, 2, 2])
    }
}
