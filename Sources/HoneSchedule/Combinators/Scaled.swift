extension Schedule {
    /// Every value multiplied by a number.
    ///
    /// - Parameter factor: any finite number.
    public func scaled(by factor: Double) -> Schedule { Schedule(.scaled(Scaled(schedule: self, factor: factor))) }

    /// Every value moved into a range.
    ///
    /// - Parameters:
    ///   - min: the least value, finite; nil for none.
    ///   - max: the greatest value, finite and not below `min`; nil for none.
    public func clamped(min: Double? = nil, max: Double? = nil) -> Schedule {
        Schedule(.clamped(Clamped(schedule: self, min: min, max: max)))
    }

    /// The product of two schedules over the same run, value by value. (torch `ChainedScheduler`; Composer multiplies
    /// all its schedulers.)
    ///
    /// - Parameter other: the second factor.
    public func times(_ other: Schedule) -> Schedule { Schedule(.product(Product(first: self, second: other))) }

    /// The product of two schedules over the same run, value by value; prints as ``times(_:)``.
    public static func * (left: Schedule, right: Schedule) -> Schedule { left.times(right) }
}

/// A schedule times a number.
struct Scaled: ScheduleShape {
    var schedule: Schedule
    var factor: Double

    func value(at moment: Moment) -> Double { schedule.node.value(at: moment) * factor }

    var expression: String { "\(schedule.node.shape.expression).scaled(by: \(literal(factor)))" }

    var bounds: ClosedRange<Double>? {
        schedule.bounds.flatMap { range($0.lowerBound * factor, $0.upperBound * factor) }
    }

    var parts: [Schedule] { [schedule] }

    func check() throws { try require(factor.isFinite, "scaled(by:)", "a finite number", factor) }
}

/// A schedule kept within a range.
struct Clamped: ScheduleShape {
    var schedule: Schedule
    var min: Double?
    var max: Double?

    func value(at moment: Moment) -> Double {
        let value = schedule.node.value(at: moment)
        if let min, value < min { return min }
        if let max, value > max { return max }
        return value
    }

    var expression: String {
        let limits = [min.map { "min: \(literal($0))" }, max.map { "max: \(literal($0))" }].compactMap { $0 }
        return "\(schedule.node.shape.expression).clamped(\(limits.joined(separator: ", ")))"
    }

    var bounds: ClosedRange<Double>? {
        let inner = schedule.bounds
        guard let low = min ?? inner?.lowerBound, let high = max ?? inner?.upperBound else { return nil }
        guard let inner else { return range(low, high) }
        return range(within(low, high, inner.lowerBound), within(low, high, inner.upperBound))
    }

    var parts: [Schedule] { [schedule] }

    func check() throws {
        if let min { try require(min.isFinite, "clamped(min:)", "a finite number", min) }
        if let max {
            try require(max.isFinite && max >= min ?? max, "clamped(max:)", "a finite number not below min", max)
        }
    }
}

/// A schedule times a schedule.
struct Product: ScheduleShape {
    var first: Schedule
    var second: Schedule

    func value(at moment: Moment) -> Double { first.node.value(at: moment) * second.node.value(at: moment) }

    var expression: String { "\(first.node.shape.expression).times(\(second.node.shape.expression))" }

    var bounds: ClosedRange<Double>? {
        guard let a = first.bounds, let b = second.bounds else { return nil }
        return union(
            range(a.lowerBound * b.lowerBound, a.lowerBound * b.upperBound),
            range(a.upperBound * b.lowerBound, a.upperBound * b.upperBound))
    }

    var parts: [Schedule] { [first, second] }

    func check() throws {}
}
