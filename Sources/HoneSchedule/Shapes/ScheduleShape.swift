/// One case of a schedule: its parameters, its formula, its checks and its Swift expression, side by side.
protocol ScheduleShape: Codable, Equatable, Sendable {
    /// The value at a place in the piece of the run that this shape covers.
    func value(at moment: Moment) -> Double

    /// The Swift expression that makes it, from the dot on: `.cosine(from: 0.1, to: 0)`.
    var expression: String { get }

    /// The least and the greatest value it can take; nil when that is not known.
    var bounds: ClosedRange<Double>? { get }

    /// The schedules inside it.
    var parts: [Schedule] { get }

    /// The intervals among its own parameters, by parameter name.
    var intervals: [(name: String, interval: Interval)] { get }

    /// Whether its formula counts steps, apart from its intervals.
    var countsSteps: Bool { get }

    /// Throws a ``ScheduleError`` for its own parameters, apart from its parts and intervals.
    func check() throws
}

extension ScheduleShape {
    var parts: [Schedule] { [] }
    var intervals: [(name: String, interval: Interval)] { [] }
    var countsSteps: Bool { false }
}

/// Throws unless a parameter satisfies its condition.
func require(_ condition: Bool, _ parameter: String, _ expected: String, _ got: Double) throws {
    if !condition { throw ScheduleError.invalid(parameter: parameter, expected: expected, got: literal(got)) }
}
