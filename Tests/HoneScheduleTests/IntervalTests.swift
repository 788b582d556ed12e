import Foundation
import HoneSchedule
import Testing

@Suite struct IntervalTests {
    let timeline = Timeline(epochs: 4, stepsPerEpoch: 25, batchSize: 64)

    @Test func everyUnitButMinutesHasALengthInSteps() {
        #expect(Interval.steps(7).steps(in: timeline) == 7)
        #expect(Interval.epochs(1.5).steps(in: timeline) == 37.5)
        #expect(Interval.samples(640).steps(in: timeline) == 10)
        #expect(Interval.fraction(0.3).steps(in: timeline) == 30)
        #expect(Interval.minutes(10).steps(in: timeline) == nil)
    }

    @Test func minutesHaveALengthWhereTheirStepsAreKnown() throws {
        let timed = Timeline(totalSteps: 1200, stepsPerMinute: 60)
        #expect(Interval.minutes(10).steps(in: timed) == 600 && Interval.minutes(0.01).wholeSteps(in: timed) == 1)
        let schedule = Schedule.cyclical(base: 0, peak: 1, up: .minutes(2)).over(.minutes(8))
        try schedule.validate(in: timed)
        #expect(schedule.value(at: 120, in: timed) == 1 && schedule.value(at: 60, in: timed) == 0.5)
        let error = try #require(throws: ScheduleError.self) { try schedule.validate(in: timeline) }
        #expect("\(error)".contains(".minutes(") && "\(error)".contains("stepsPerMinute"))
        #expect(schedule.value(at: 5, in: timeline).isNaN)
    }

    @Test func anUnknownUnitHasNoLength() {
        #expect(Interval.epochs(1).steps(in: Timeline(totalSteps: 10)) == nil)
        #expect(Interval.samples(1).steps(in: Timeline(totalSteps: 10)) == nil)
        #expect(Interval.epochs(1).wholeSteps(in: Timeline(totalSteps: 10)) == nil)
    }

    @Test func wholeStepsAreRoundedAndNeverVanish() {
        #expect(Interval.epochs(1.5).wholeSteps(in: timeline) == 38)
        #expect(Interval.epochs(0.001).wholeSteps(in: timeline) == 1)
        #expect(Interval.steps(0).wholeSteps(in: timeline) == 0)
        #expect(Interval.epochs(1e300).wholeSteps(in: timeline) == nil)
    }

    @Test(arguments: [
        Interval.steps(500), .epochs(2), .samples(1_000_000), .fraction(0.3), .minutes(10), .epochs(0.1),
    ])
    func comesBackEqualFromJSON(_ interval: Interval) throws {
        #expect(try JSONDecoder().decode(Interval.self, from: JSONEncoder().encode(interval)) == interval)
    }

    @Test func isWrittenAsItsUnitAndPrintedAsSwift() throws {
        #expect(String(decoding: try JSONEncoder().encode(Interval.epochs(2)), as: UTF8.self) == #"{"epochs":2}"#)
        let intervals = [Interval.epochs(2), .steps(5), .fraction(0.3), .samples(9), .minutes(1.5)]
        let texts = [".epochs(2)", ".steps(5)", ".fraction(0.3)", ".samples(9)", ".minutes(1.5)"]
        #expect(intervals.map(\.description) == texts)
    }

    @Test(arguments: ["{}", #"{"weeks":1}"#, #"{"steps":1,"epochs":1}"#, #"{"steps":1.5}"#, "3"])
    func decodingRefusesAnythingElse(_ text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Interval.self, from: Data(text.utf8)) }
    }

    @Test func aRunTooLongForAnIntegerIsCapped() {
        #expect(Timeline(epochs: Int.max, stepsPerEpoch: 2).totalSteps == Int.max)
    }
}
