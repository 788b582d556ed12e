extension Schedule {
    /// A place where a schedule changes from one value to another at once.
    public struct Jump: Codable, Equatable, Sendable {
        /// The first update that uses the new value.
        public let step: Int
        /// The value just before.
        public let from: Double
        /// The value from there on.
        public let to: Double

        /// A jump.
        ///
        /// - Parameters:
        ///   - step: the first update that uses the new value.
        ///   - from: the value just before.
        ///   - to: the value from there on.
        public init(step: Int, from: Double, to: Double) {
            self.step = step
            self.from = from
            self.to = to
        }
    }

    /// The jumps of the schedule in a run: what a drawing shows as vertical lines.
    ///
    /// Each interval between two updates is halved until a difference has vanished (a slope, however steep) or its
    /// place is known (a jump). So it sees closures as well as cases; two jumps that undo each other between two
    /// updates may stay hidden.
    ///
    /// - Parameters:
    ///   - total: the number of updates in the run.
    ///   - tolerance: the least jump reported, as a share of the range of the values; above 0.
    /// - Returns: the jumps in order; none where the value is NaN.
    public func jumps(total: Int, tolerance: Double = 1e-3) -> [Jump] {
        jumps(in: Timeline(totalSteps: total), tolerance: tolerance)
    }

    /// The jumps of the schedule in a run: see ``jumps(total:tolerance:)``.
    ///
    /// - Parameters:
    ///   - timeline: the run.
    ///   - tolerance: the least jump reported, as a share of the range of the values; above 0.
    public func jumps(in timeline: Timeline, tolerance: Double = 1e-3) -> [Jump] {
        let values = samples(in: timeline) + [value(at: timeline.totalSteps, in: timeline)]
        let numbers = values.filter { !$0.isNaN }
        guard let low = numbers.min(), let high = numbers.max(), high > low else { return [] }
        let search = JumpSearch(schedule: self, timeline: timeline, least: tolerance * (high - low))
        return values.indices.dropLast().flatMap(search.jumps(after:))
    }
}

/// The search for jumps between an update and the next.
private struct JumpSearch {
    let schedule: Schedule
    let timeline: Timeline
    let least: Double

    /// How many values may be asked for between two updates: a closure may jump everywhere.
    private static let budget = 1 << 16

    func jumps(after step: Int) -> [Schedule.Jump] {
        let (start, end) = (Double(step), Double(step + 1))
        // Most jumps lie at a whole step, where the values on both sides can hide them: look there first.
        let before = end - 1e-8 - 64 * end.ulp
        let middle = start + (before - start) / 2
        let (first, centre, last, next) = (value(start), value(middle), value(before), value(end))
        var found: [Schedule.Jump] = []
        var budget = Self.budget
        search(start, first, middle, centre, step + 1, &budget, &found)
        search(middle, centre, before, last, step + 1, &budget, &found)
        if abs(next - last) > least { found.append(Schedule.Jump(step: step + 1, from: last, to: next)) }
        return found
    }

    private func value(_ position: Double) -> Double {
        schedule.node.value(at: Moment(timeline: timeline, position: position))
    }

    /// Halves an interval while its ends differ.
    private func search(
        _ low: Double, _ from: Double, _ high: Double, _ to: Double, _ step: Int, _ budget: inout Int,
        _ found: inout [Schedule.Jump]
    ) {
        guard abs(to - from) > least, budget > 0 else { return }
        budget -= 1
        let middle = low + (high - low) / 2
        if middle <= low || middle >= high {
            found.append(Schedule.Jump(step: step, from: from, to: to))
            return
        }
        let between = value(middle)
        search(low, from, middle, between, step, &budget, &found)
        search(middle, between, high, to, step, &budget, &found)
    }
}
