import Foundation
import HoneSchedule
import Testing

@Suite struct CustomScheduleTests {
    let bump = Schedule.custom("bump") { 4 * $0 * (1 - $0) }
    let root = Schedule.custom("root", steps: { step, total in (step / total).squareRoot() })

    @Test func aClosureOfTheProgressWorksInSteps() {
        #expect(bump.samples(total: 4) == [0, 0.75, 1, 0.75])
        #expect(bump.value(at: 0.5) == 1)
        #expect(bump.followsProgressAlone)
    }

    @Test func aClosureOfTheStepNeedsSteps() {
        #expect(root.samples(total: 4) == [0, 0.5, 0.5.squareRoot(), 0.75.squareRoot()])
        #expect(root.value(at: 0.5).isNaN)
        #expect(!root.followsProgressAlone)
    }

    @Test func closuresOfOneNameAreEqual() {
        #expect(bump == .custom("bump") { $0 })
        #expect(bump != .custom("bump 2") { $0 })
        #expect(bump != root)
    }

    @Test func encodingAClosureIsRefusedByName() {
        let schedules = [
            bump, root.scaled(by: 2), bump * .constant(1),
            Schedule.cyclical(base: 0, peak: 1, up: .steps(1), envelope: .custom("bump") { $0 + $1 }),
        ]
        for schedule in schedules {
            let name = schedule == root.scaled(by: 2) ? "root" : "bump"
            #expect(throws: ScheduleError.notEncodable(name: name)) { try JSONEncoder().encode(schedule) }
        }
        #expect("\(ScheduleError.notEncodable(name: "bump"))".contains("\"bump\", which cannot be encoded"))
    }

    @Test func aClosurePrintsItsName() {
        #expect("\(bump.scaled(by: 2))" == "Schedule.custom(\"bump\") { … }.scaled(by: 2)")
        #expect("\(root)" == "Schedule.custom(\"root\", steps: { … })")
    }

    @Test func aClosureIsClampedAndCombinedLikeAnyOther() {
        let schedule = bump.over(.steps(4)).then(bump, at: .steps(4))
        #expect(schedule.samples(total: 8) == [0, 0.75, 1, 0.75, 0, 0.75, 1, 0.75])
        #expect(bump.bounds == nil)
    }
}
