import Foundation
import HoneSchedule
import Testing

@Suite struct CombinatorTests {
    let rise = Schedule.linear(from: 0, to: 1)
    let fall = Schedule.cosine(from: 1, to: 0)

    @Test(arguments: [1, 2, 3, 4, 5, 7, 10, 30, 99, 100, 150])
    func thenIsContinuousWhereTheEndsMeet(_ total: Int) {
        for boundary in [0.1, 0.25, 1.0 / 3, 0.7] {
            #expect(rise.then(fall, at: boundary).jumps(total: total).isEmpty)
        }
        #expect(fall.warmup(over: .fraction(0.3)).jumps(total: total).isEmpty)
        #expect(fall.warmup(over: .fraction(0.3), from: 0.1, mode: .multiply).jumps(total: total).isEmpty)
        #expect(Schedule.oneCycle(max: 1).jumps(total: total).isEmpty)
    }

    @Test func eachPieceOfAChainRunsItsWholeCourse() {
        let schedule = rise.then(.linear(from: 10, to: 20), at: .steps(4))
        #expect(schedule.samples(total: 9) == [0, 0.25, 0.5, 0.75, 10, 12, 14, 16, 18])
        #expect(schedule.value(at: 9, of: 9) == 20)
    }

    @Test func boundariesOfAChainAreMeasuredOnTheWhole() {
        let schedule = rise.then(.constant(5), at: 0.25).then(fall, at: 0.75)
        #expect(schedule.value(at: 1, of: 8) == 0.5)
        #expect(schedule.value(at: 2, of: 8) == 5)
        #expect(schedule.value(at: 5, of: 8) == 5)
        #expect(schedule.value(at: 6, of: 8) == 1)
    }

    @Test func aBoundaryInsideAnotherScheduleIsMeasuredOnItsPiece() {
        let schedule = Schedule.constant(1).then(.constant(2).then(.constant(3), at: 0.5), at: 0.5)
        #expect(schedule.samples(total: 8) == [1, 1, 1, 1, 2, 2, 3, 3])
    }

    @Test func aLaterThenGoesBeforeAnEarlierOne() {
        let schedule = Schedule.constant(1).then(.constant(2), at: .steps(4)).then(rise, at: .steps(2))
        #expect(schedule.samples(total: 6) == [1, 1, 0, 0.25, 0.5, 0.75])
    }

    @Test func thenLastCountsFromTheEnd() {
        let schedule = Schedule.constant(1).then(.linear(from: 1, to: 0), last: .steps(4))
        #expect(schedule.samples(total: 8) == [1, 1, 1, 1, 1, 0.75, 0.5, 0.25])
        #expect(schedule.samples(total: 2) == [1, 0.5])
    }

    @Test func overEndsEarlyAndHoldsOrIsCutByTheRun() {
        #expect(rise.over(.steps(4)).samples(total: 6) == [0, 0.25, 0.5, 0.75, 1, 1])
        #expect(rise.over(.steps(4)).samples(total: 3) == [0, 0.25, 0.5])
        let halving = Schedule.stepDecay(from: 1, gamma: 0.5, every: .steps(1))
        #expect(halving.over(.steps(2)).samples(total: 5) == [1, 0.5, 0.25, 0.25, 0.25])
    }

    @Test func theThreeModesOfAWarmup() {
        let body = Schedule.linear(from: 8, to: 0)
        func values(_ mode: Schedule.WarmupMode) -> [Double] {
            body.warmup(over: .steps(4), from: 0.5, mode: mode).samples(total: 8)
        }
        #expect(values(.prefix) == [4, 5, 6, 7, 8, 6, 4, 2])
        #expect(values(.overlay) == [4, 5, 6, 7, 4, 3, 2, 1])
        #expect(values(.multiply) == [4, 4.375, 4.5, 4.375, 4, 3, 2, 1])
    }

    @Test func theCurvesOfAWarmup() {
        func values(_ curve: Schedule.Curve) -> [Double] {
            Schedule.constant(16).warmup(over: .steps(4), from: 1.0 / 16, curve: curve).samples(total: 5)
        }
        #expect(values(.constant) == [1, 1, 1, 1, 16])
        #expect(values(.linear) == [1, 4.75, 8.5, 12.25, 16])
        #expect(values(.exponential) == [1, 2, 4, 8, 16])
        #expect(values(.cosine)[2] == 8.5)
    }

    @Test func aWarmupLongerThanTheRunIsCutByIt() {
        let schedule = fall.warmup(over: .steps(10))
        #expect(schedule.samples(total: 4) == [0, 0.1, 0.2, 0.3])
    }

    @Test func aWarmupRisesToTheValueThatFollowsIt() {
        // Of the 4 steps after the warm-up the last 5 are at 3: so are all.
        let body = Schedule.constant(1).then(.constant(3), last: .steps(5))
        #expect(body.warmup(over: .steps(6)).samples(total: 10) == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3, 3, 3])
    }

    @Test func scaledClampedAndProductActOnValues() {
        let line = Schedule.linear(from: 0, to: 4)
        #expect(line.scaled(by: 3).samples(total: 4) == [0, 3, 6, 9])
        #expect(line.clamped(min: 1, max: 2).samples(total: 4) == [1, 1, 2, 2])
        #expect((line * line).samples(total: 4) == [0, 1, 4, 9])
        #expect(line * line == line.times(line))
    }

    @Test func repeatedDividesTheRunOrFillsIt() {
        #expect(rise.repeated(times: 2).samples(total: 8) == [0, 0.25, 0.5, 0.75, 0, 0.25, 0.5, 0.75])
        #expect(rise.repeated(every: .steps(2)).samples(total: 5) == [0, 0.5, 0, 0.5, 0])
        #expect(rise.repeated(times: 2).value(at: 8, of: 8) == 1)
        #expect(abs(rise.repeated(times: 3).value(at: 1 - 1e-12) - 1) < 1e-9)
        #expect(rise.repeated(every: .steps(2)).value(at: 5, of: 5) == 0.5)
    }

    @Test func restartsGrowAndShrink() {
        let schedule = Schedule.linear(from: 1, to: 0).restarts(first: .steps(1), multiplier: 2, decay: 0.5)
        #expect(schedule.samples(total: 8) == [1, 0.5, 0.25, 0.25, 0.1875, 0.125, 0.0625, 0.125])
    }

    @Test func decayingPeaksKeepTheirFloor() {
        let schedule = Schedule.cosineRestarts(from: 1, to: 0.2, first: .steps(4), decay: 0.5)
        #expect(abs(schedule.value(at: 4, of: 20) - 0.6) < 1e-15)
        #expect(abs(schedule.value(at: 8, of: 20) - 0.4) < 1e-15)
        #expect(schedule.value(at: 20, of: 20) == 0.2)
    }

    @Test func fastaisSharesWorkWithAMultiplierOfOne() {
        let schedule = fall.restarts(cycles: 4, multiplier: 1)
        #expect(schedule == fall.repeated(times: 4))
        for step in 0..<40 {
            let expected = 0.5 * (1 + cos(.pi * Double(step % 10) / 10))
            #expect(abs(schedule.value(at: step, of: 40) - expected) < 1e-15)
        }
    }

    @Test func fastaisSharesOfThreeCyclesAreOneTwoAndFourSevenths() {
        let schedule = fall.restarts(cycles: 3, multiplier: 2)
        for (start, length) in [(0, 10), (10, 20), (30, 40)] {
            for step in 0..<length {
                let expected = 0.5 * (1 + cos(.pi * Double(step) / Double(length)))
                #expect(abs(schedule.value(at: start + step, of: 70) - expected) < 1e-15)
            }
        }
    }

    @Test func flatCosineIsFlatThenFalls() {
        let schedule = Schedule.flatCosine(0.1)
        #expect(schedule.value(at: 74, of: 100) == 0.1)
        #expect(abs(schedule.value(at: 100, of: 100) - 1e-6) < 1e-20)
        #expect(schedule.jumps(total: 100).isEmpty)
    }
}
