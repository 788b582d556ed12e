import HoneSchedule
import Testing

@Suite struct LearningRatesTests {
    func rates(_ groups: Int, lrMax: some LearningRates) throws -> [Double] { try lrMax.rates(groups: groups) }

    @Test func aNumberGoesToEveryGroup() throws {
        #expect(try rates(3, lrMax: 3e-3) == [3e-3, 3e-3, 3e-3])
        #expect(try rates(1, lrMax: 1) == [1])
    }

    @Test func aListIsTakenAsItIs() throws {
        #expect(try rates(2, lrMax: [1e-4, 1e-3]) == [1e-4, 1e-3])
    }

    @Test func aSpreadIsGeometricWithExactEnds() throws {
        let spread = try rates(3, lrMax: .spread(1e-5, 1e-3))
        #expect(spread[0] == 1e-5 && spread[2] == 1e-3)
        #expect(abs(spread[1] - 1e-4) < 1e-18)
        #expect(try rates(1, lrMax: .spread(1e-5, 1e-3)) == [1e-3])
    }

    @Test func aStopGivesATenthToAllButTheLastGroup() throws {
        #expect(try rates(3, lrMax: .stop(1e-2)) == [1e-3, 1e-3, 1e-2])
        #expect(try rates(1, lrMax: .stop(1e-2)) == [1e-2])
    }

    @Test func aCountThatDoesNotFitIsAnError() {
        let error = ScheduleError.invalid(
            parameter: "learning rates", expected: "one for each of the 3 parameter groups", got: "2")
        #expect(throws: error) { try rates(3, lrMax: [1e-4, 1e-3]) }
        #expect(throws: ScheduleError.self) { try rates(0, lrMax: 1e-3) }
        #expect(throws: ScheduleError.self) { try rates(-1, lrMax: .stop(1e-3)) }
    }

    @Test(arguments: [0, -1e-3, .nan, .infinity])
    func aRateThatIsNotFiniteAndPositiveIsAnError(_ rate: Double) {
        #expect(throws: ScheduleError.self) { try rates(2, lrMax: rate) }
        #expect(throws: ScheduleError.self) { try rates(2, lrMax: [1e-3, rate]) }
        #expect(throws: ScheduleError.self) { try rates(3, lrMax: .spread(rate, 1e-3)) }
        #expect(throws: ScheduleError.self) { try rates(1, lrMax: .spread(rate, 1e-3)) }
        #expect(throws: ScheduleError.self) { try rates(2, lrMax: .stop(rate)) }
    }

    @Test func scalingRulesFollowTheBatch() {
        #expect(ScalingRule.linear.factor(from: 256, to: 1024) == 4)
        #expect(ScalingRule.squareRoot.factor(from: 256, to: 1024) == 2)
        #expect(ScalingRule.none.factor(from: 256, to: 1024) == 1)
        #expect(ScalingRule.linear.factor(from: 0, to: 1024).isNaN)
    }

    @Test func goyalsWarmupRisesFromTheOldRateToTheNew() {
        // Batch 256 → 8192, 0.1 → 3.2 over 5 epochs, then drops where they were.
        let base = Schedule.stepDecay(from: 0.1, gamma: 0.1, every: .epochs(30))
        let schedule = ScalingRule.linear.schedule(base, from: 256, to: 8192)
        let timeline = Timeline(epochs: 90, stepsPerEpoch: 10)
        #expect(abs(schedule.value(at: 0, in: timeline) - 0.1) < 1e-15)
        #expect(abs(schedule.value(at: 25, in: timeline) - 1.65) < 1e-12)
        #expect(abs(schedule.value(at: 50, in: timeline) - 3.2) < 1e-12)
        #expect(abs(schedule.value(at: 300, in: timeline) - 0.32) < 1e-12)
        #expect(ScalingRule.linear.schedule(base, from: 256, to: 128) == base.scaled(by: 0.5))
    }
}
