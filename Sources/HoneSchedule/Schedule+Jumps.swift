extension Schedule {
    /// A place where a schedule changes from one value to another at once.
    public struct Jump: Codable, Equatable, Sendable {
        /// The first update that uses the new value.
        public let step: Int
        /// The value just before.
        public let from: Double
        /// The value from there on.
        public let to: Double
    }

    /// The jumps of the schedule in a run: what a drawing shows as vertical lines.
    ///
    /// Where two neighbouring updates differ, the interval between them is halved until either the difference has
    /// vanished (a slope, however steep) or the place is known (a jump). So it sees closures as well as cases; of
    /// several jumps between two updates it reports one.
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
        let least = tolerance * (high - low)
        return zip(values.indices, zip(values, values.dropFirst())).compactMap { step, pair in
            abs(pair.1 - pair.0) > least ? jump(after: step, in: timeline, least: least) : nil
        }
    }

    /// The jump between an update and the next, if there is one.
    private func jump(after step: Int, in timeline: Timeline, least: Double) -> Jump? {
        func value(_ position: Double) -> Double { node.value(at: Moment(timeline: timeline, position: position)) }
        var low = Double(step)
        var high = low + 1
        var (from, to) = (value(low), value(high))
        while abs(to - from) > least {
            let middle = low + (high - low) / 2
            guard middle > low, middle < high else { return Jump(step: step + 1, from: from, to: to) }
            let between = value(middle)
            if abs(between - from) > abs(to - between) {
                (high, to) = (middle, between)
            } else {
                (low, from) = (middle, between)
            }
        }
        return nil
    }
}
