extension Schedule {
    /// The whole course of this schedule within a first part of the run; after it, its final value.
    ///
    /// `.cosine(from: 0.1, to: 0).over(.epochs(90))` is torch's `CosineAnnealingLR` with `T_max` 90 epochs. An interval
    /// longer than the run is not finished by it.
    ///
    /// - Parameter length: how long the course takes.
    public func over(_ length: Interval) -> Schedule { Schedule(.over(Over(schedule: self, length: length))) }
}

/// A schedule over a length of its own.
struct Over: ScheduleShape {
    var schedule: Schedule
    var length: Interval

    func value(at moment: Moment) -> Double {
        let length = moment.length(of: length)
        if length.isNaN { return .nan }
        var inner = moment.inside(from: 0, length: length)
        inner.position = min(inner.position, length)
        return schedule.node.value(at: inner)
    }

    var expression: String { "\(schedule.node.shape.expression).over(\(length))" }

    var bounds: ClosedRange<Double>? { schedule.bounds }

    var parts: [Schedule] { [schedule] }

    var intervals: [(name: String, interval: Interval)] { [("over(_:)", length)] }

    func check() throws {}
}
