import HoneSchedule
import Testing

@Suite struct JumpTests {
    @Test func aJumpIsReportedWithItsStepAndValues() {
        let schedule = Schedule.constant(1).then(.constant(3), at: .steps(7))
        #expect(schedule.jumps(total: 10) == [jump(7, 1, 3)])
    }

    @Test func everyDropOfAStepDecayIsFound() {
        let schedule = Schedule.stepDecay(from: 1, gamma: 0.5, every: .steps(3))
        #expect(schedule.jumps(total: 8) == [jump(3, 1, 0.5), jump(6, 0.5, 0.25)])
    }

    @Test func theOverlayWarmupsJumpIsFound() throws {
        let schedule = Schedule.cosine(from: 1, to: 0).warmup(over: .steps(3), from: 0.1, mode: .overlay)
        let jumps = schedule.jumps(total: 10)
        #expect(jumps.map(\.step) == [3])
        let found = try #require(jumps.first)
        #expect(abs(found.from - 1) < 1e-6 && abs(found.to - 0.7938926) < 1e-6)
    }

    @Test func aSlopeIsNoJumpHoweverSteep() {
        for total in [1, 2, 3, 1000] {
            #expect(Schedule.ramp(from: 1, to: 0, curve: .squareRoot).jumps(total: total).isEmpty)
            #expect(Schedule.ramp(from: 0, to: 1, curve: .squareRootMirrored).jumps(total: total).isEmpty)
            #expect(Schedule.exponential(from: 1, to: 1e-12).jumps(total: total).isEmpty)
            #expect(Schedule.torchOneCycle(max: 1, threePhase: true).jumps(total: total).isEmpty)
        }
    }

    @Test func aJumpInsideAClosureIsFound() {
        let schedule = Schedule.custom("stairs") { $0 < 0.5 ? 0 : 1 }
        #expect(schedule.jumps(total: 4) == [jump(2, 0, 1)])
    }

    private func jump(_ step: Int, _ from: Double, _ to: Double) -> Schedule.Jump {
        Schedule.Jump(step: step, from: from, to: to)
    }
}
