import Foundation
import HoneSchedule
import Testing

@Suite struct CycleTests {
    @Test func theTriangleIsSmithsFormula() {
        let schedule = Schedule.cyclical(base: 0.001, peak: 0.006, up: .steps(7))
        for step in 0..<60 {
            // Smith 2015, section 3.1.
            let cycle = floor(1 + Double(step) / 14)
            let x = abs(Double(step) / 7 - 2 * cycle + 1)
            let expected = 0.001 + 0.005 * max(0, 1 - x)
            #expect(abs(schedule.value(at: step, of: 60) - expected) < 1e-15)
        }
    }

    @Test func windowsDifferInBetweenAndMeetAtTheEndsAndThePeak() {
        func cycle(_ window: Schedule.Window) -> [Double] {
            Schedule.cyclical(base: 0, peak: 1, up: .steps(4), window: window).samples(total: 9)
        }
        #expect(cycle(.triangular) == [0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25, 0])
        #expect(cycle(.welch) == [0, 0.4375, 0.75, 0.9375, 1, 0.9375, 0.75, 0.4375, 0])
        let hann = cycle(.hann)
        #expect([hann[0], hann[2], hann[4], hann[6], hann[8]] == [0, 0.5, 1, 0.5, 0])
        #expect(abs(hann[1] - (1 - 0.5.squareRoot()) / 2) < 1e-15)
    }

    @Test func theTwoMeaningsOfAnExponentialRangeDiffer() {
        let amplitude = Schedule.cyclical(
            base: 1, peak: 3, up: .steps(2), envelope: .exponentialAmplitude(gamma: 0.5))
        #expect(amplitude.samples(total: 5) == [1, 1.5, 1.5, 1.125, 1])
        let bounds = Schedule.cyclical(base: 1, peak: 3, up: .steps(2), envelope: .exponentialBounds(gamma: 0.5))
        #expect(bounds.samples(total: 5) == [1, 1, 0.75, 0.25, 0.0625])
    }

    @Test func eachCycleShrinksByItsFactor() {
        let schedule = Schedule.cyclical(base: 0, peak: 1, up: .steps(1), envelope: .perCycle(factor: 0.25))
        #expect(schedule.samples(total: 6) == [0, 1, 0, 0.25, 0, 0.0625])
    }

    @Test func aCustomEnvelopeGetsTheCycleAndTheStep() {
        let schedule = Schedule.cyclical(
            base: 0, peak: 1, up: .steps(2), envelope: .custom("one over") { cycle, steps in 1 / (cycle + steps) })
        #expect(schedule.value(at: 2, of: 20) == 0.5)
        #expect(schedule.value(at: 6, of: 20) == 1.0 / 7)
    }

    @Test func momentumMirrorsTheRate() {
        let rate = Schedule.cyclical(base: 0, peak: 1, up: .steps(3), down: .steps(5), window: .welch)
        let momentum = Schedule.cyclicalMomentum(high: 0.95, low: 0.85, up: .steps(3), down: .steps(5), window: .welch)
        for step in 0..<30 {
            let expected = 0.95 - 0.1 * rate.value(at: step, of: 30)
            #expect(abs(momentum.value(at: step, of: 30) - expected) < 1e-15)
        }
    }

    @Test func halfCyclesOfDifferentUnits() {
        let schedule = Schedule.cyclical(base: 0, peak: 1, up: .epochs(0.5), down: .samples(160))
        let timeline = Timeline(totalSteps: 40, stepsPerEpoch: 10, samplesPerStep: 16)
        #expect(schedule.value(at: 5, in: timeline) == 1)
        #expect(schedule.value(at: 10, in: timeline) == 0.5)
        #expect(schedule.value(at: 15, in: timeline) == 0)
        #expect(schedule.value(at: 20, in: timeline) == 1)
    }

    @Test func anEmptyHalfMakesASawtooth() {
        let rising = Schedule.cyclical(base: 0, peak: 1, up: .steps(4), down: .steps(0))
        #expect(rising.samples(total: 9) == [0, 0.25, 0.5, 0.75, 0, 0.25, 0.5, 0.75, 0])
        let falling = Schedule.cyclical(base: 0, peak: 1, up: .steps(0), down: .steps(4))
        #expect(falling.samples(total: 9) == [1, 0.75, 0.5, 0.25, 1, 0.75, 0.5, 0.25, 1])
    }
}
