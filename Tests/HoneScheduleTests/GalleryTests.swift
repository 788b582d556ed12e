import Foundation
import HoneSchedule
import Testing

/// What holds for every schedule.
@Suite struct GalleryTests {
    static func timeline(_ total: Int) -> Timeline {
        Timeline(totalSteps: total, stepsPerEpoch: 7, samplesPerStep: 32)
    }

    /// Every factory of schedules is walked, but the two that take a closure.
    @Test func everyFactoryIsInTheGallery() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/HoneSchedule")
        var factories: Set<String> = []
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /public static (?:func|var) (\w+)[^{]*?(?:->|:) Schedule \{/) {
                factories.insert(String(match.1))
            }
        }
        #expect(factories.count > 30)
        let shown = gallery.map { String($0.expression.dropFirst("Schedule.".count).prefix { $0.isLetter }) }
        #expect(Set(shown + compositions.map(\.factory)) == factories.subtracting(["custom"]))
    }

    @Test(arguments: everySchedule)
    func isValid(_ sample: Sample) throws {
        try sample.schedule.validate(in: Self.timeline(100))
    }

    @Test(arguments: everySchedule)
    func staysFiniteAndWithinItsBoundsForRunsOfOneToTwoHundredSteps(_ sample: Sample) throws {
        let bounds = try #require(sample.schedule.bounds)
        let room = 1e-12 * max(abs(bounds.lowerBound), abs(bounds.upperBound))
        for total in 0...200 {
            let timeline = Self.timeline(total)
            for step in 0...total {
                let value = sample.schedule.value(at: step, in: timeline)
                guard value >= bounds.lowerBound - room, value <= bounds.upperBound + room else {
                    Issue.record("\(value) at \(step) of \(total) is not in \(bounds)")
                    return
                }
            }
        }
    }

    @Test(arguments: everySchedule)
    func holdsItsFinalValueAfterTheEndAndItsFirstBeforeTheStart(_ sample: Sample) {
        for total in [0, 1, 2, 3, 20, 61] {
            let timeline = Self.timeline(total)
            let last = sample.schedule.value(at: total, in: timeline)
            #expect(sample.schedule.value(at: total + 1, in: timeline) == last)
            #expect(sample.schedule.value(at: Int.max, in: timeline) == last)
            #expect(
                sample.schedule.value(at: -3, in: timeline) == sample.schedule.value(at: 0, in: timeline))
        }
    }

    @Test(arguments: everySchedule)
    func comesBackEqualFromJSON(_ sample: Sample) throws {
        let data = try JSONEncoder().encode(sample.schedule)
        #expect(try JSONDecoder().decode(Schedule.self, from: data) == sample.schedule)
    }

    @Test(arguments: gallery)
    func printsAsTheExpressionThatMadeIt(_ sample: Sample) {
        #expect("\(sample.schedule)" == sample.expression)
    }

    @Test(arguments: everySchedule)
    func hasAValueAtEveryProgressExactlyWhenItFollowsProgressAlone(_ sample: Sample) {
        let schedule = sample.schedule
        let values = stride(from: 0.0, through: 1, by: 0.125).map { schedule.value(at: $0) }
        #expect(values.contains(where: \.isNaN) != schedule.followsProgressAlone)
        if schedule.followsProgressAlone {
            let steps = (0...8).map { schedule.value(at: $0 * 10, of: 80) }
            for (value, step) in zip(values, steps) { #expect(abs(value - step) <= 1e-12 * abs(step)) }
        }
    }

    @Test func schedulesDifferFromEachOther() {
        for (i, a) in gallery.enumerated() {
            for b in gallery[(i + 1)...] where a.schedule == b.schedule {
                Issue.record("\(a.expression) equals \(b.expression)")
            }
        }
    }

    @Test func encodesAsOneKeyACaseWithNamedParameters() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let schedule = Schedule.linear(from: 0, to: 1).over(.epochs(2))
        let text = String(decoding: try encoder.encode(schedule), as: UTF8.self)
        #expect(
            text == #"{"over":{"length":{"epochs":2},"schedule":{"ramp":{"curve":{"linear":{}},"from":0,"to":1}}}}"#)
    }

    @Test func decodingRefusesAnUnknownCase() {
        let data = Data(#"{"spiral":{}}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Schedule.self, from: data) }
    }
}
