import Foundation

/// Where a schedule first comes to its highest value, kept for the run that was asked about last: to find it the whole run
/// is gone through.
final class PeakCache: @unchecked Sendable {
    /// A place in a run.
    struct Peak {
        let position: Double
        let value: Double
    }

    /// How many of the first steps are looked at one by one, and how many places after them.
    private static let places = 1 << 15

    private let lock = NSLock()
    private var latest: (run: [UInt64], peak: Peak)?

    /// The first place with the highest value, or the first with a value that is enough. Runs of more than 2¹⁵ steps are
    /// looked at in as many places after those.
    func peak(of schedule: Schedule, in moment: Moment, enough: Double) -> Peak {
        let run = [moment.length, moment.step, moment.epoch, moment.sample, moment.minute].map(\.bitPattern)
        lock.lock()
        defer { lock.unlock() }
        if let latest, latest.run == run { return latest.peak }
        let peak = PeakCache.find(schedule, moment, enough)
        latest = (run, peak)
        return peak
    }

    private static func find(_ schedule: Schedule, _ moment: Moment, _ enough: Double) -> Peak {
        var (best, moment) = (Peak(position: 0, value: -.infinity), moment)
        func take(_ position: Double) -> Bool {
            moment.position = position
            let value = schedule.node.value(at: moment)
            if value > best.value { best = Peak(position: position, value: value) }
            return value >= enough
        }
        // Where steps are not known, the run is cut into as many.
        let step = moment.step.isFinite && moment.step > 0 ? moment.step : moment.length / Double(places)
        guard step > 0 else { return best }
        let first = Int(min(Double(places), moment.length / step))
        for index in 0...first where take(Double(index) * step) { return best }
        let start = Double(first) * step
        let stride = (moment.length - start) / Double(places)
        if stride > 0 {
            for index in 1...places where take(min(start + Double(index) * max(stride, step), moment.length)) {
                return best
            }
        }
        return best
    }
}

extension PeakCache: Equatable {
    /// What is kept for later is no part of a value.
    static func == (a: PeakCache, b: PeakCache) -> Bool { true }
}
