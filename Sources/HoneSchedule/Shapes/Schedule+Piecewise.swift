extension Schedule {
    /// Straight lines between given points; the first value before them, the last one after them.
    ///
    /// - Parameter points: at least one pair of a distance from the start and a value, in rising order. Two points at
    ///   the same place make a jump, whose second value holds there.
    public static func piecewiseLinear(_ points: [(Interval, Double)]) -> Schedule {
        Schedule(.piecewiseLinear(PiecewiseLinear(points: points.map(PiecewiseLinear.Point.init))))
    }

    /// A cosine wave that goes on for as long as it is asked: to + (from − to)·½(1 + cos(2π·cycles·t/per)).
    ///
    /// With half a cycle per run it is ``cosine(from:to:)``. With a shorter `per` it rises again, as torch's
    /// `CosineAnnealingLR` does past `T_max`, and Hugging Face's cosine past its number of steps.
    ///
    /// - Parameters:
    ///   - from: the value of the first update.
    ///   - to: the value after half a cycle.
    ///   - cycles: whole waves (down and up again) in `per`; 0 or more.
    ///   - per: the length that holds them, above 0.
    public static func cosineWave(
        from: Double, to: Double = 0, cycles: Double, per: Interval = .fraction(1)
    ) -> Schedule {
        Schedule(.cosineWave(CosineWave(from: from, to: to, cycles: cycles, per: per)))
    }
}

/// Straight lines between points.
struct PiecewiseLinear: ScheduleShape {
    struct Point: Codable, Equatable, Sendable {
        var at: Interval
        var value: Double
    }

    var points: [Point]

    func value(at moment: Moment) -> Double {
        var before: (position: Double, value: Double)?
        for point in points {
            let position = moment.length(of: point.at)
            if position.isNaN { return .nan }
            if !moment.hasReached(position) {
                guard let before else { return point.value }
                let share = (moment.position - before.position) / (position - before.position)
                return Schedule.Curve.linear.value(from: before.value, to: point.value, at: share)
            }
            before = (position, point.value)
        }
        return before?.value ?? .nan
    }

    var expression: String {
        let list = points.map { "(\($0.at), \(literal($0.value)))" }.joined(separator: ", ")
        return ".piecewiseLinear([\(list)])"
    }

    var bounds: ClosedRange<Double>? {
        guard let first = points.first else { return nil }
        return points.reduce(range(first.value, first.value)) { union($0, range($1.value, $1.value)) }
    }

    var intervals: [(name: String, interval: Interval)] { points.map { ("piecewiseLinear(_:)", $0.at) } }

    func check() throws {
        if points.isEmpty {
            throw ScheduleError.invalid(parameter: "piecewiseLinear(_:)", expected: "one or more points", got: "none")
        }
        for point in points {
            try require(point.value.isFinite, "piecewiseLinear(_:)", "finite in every value", point.value)
        }
        for (point, next) in zip(points, points.dropFirst()) where next.at.isShorter(than: point.at) == true {
            throw ScheduleError.invalid(
                parameter: "piecewiseLinear(_:)", expected: "points in rising order",
                got: "\(next.at) after \(point.at)")
        }
    }
}

/// A cosine wave of a given period.
struct CosineWave: ScheduleShape {
    var from: Double
    var to: Double
    var cycles: Double
    var per: Interval

    func value(at moment: Moment) -> Double {
        let period = moment.length(of: per)
        let turns = period == 0 ? cycles : cycles * moment.position / period
        return within(from, to, to + (from - to) * 0.5 * (1 + cosOfTurns(turns)))
    }

    var expression: String {
        ".cosineWave(from: \(literal(from)), to: \(literal(to)), cycles: \(literal(cycles)), per: \(per))"
    }

    var bounds: ClosedRange<Double>? { range(from, to) }

    var intervals: [(name: String, interval: Interval)] { [("cosineWave(per:)", per)] }

    func check() throws {
        try require(from.isFinite, "cosineWave(from:)", "a finite number", from)
        try require(to.isFinite, "cosineWave(to:)", "a finite number", to)
        try require(cycles.isFinite && cycles >= 0, "cosineWave(cycles:)", "a finite number of 0 or more", cycles)
        try per.checkAboveZero("cosineWave(per:)")
    }
}
