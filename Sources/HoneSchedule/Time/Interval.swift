/// A length of training in the unit in which it was meant: steps, epochs, samples, a share of the run, or minutes.
///
/// Schedules, warm-ups, patience and cadence are all written in it: `.steps(500)`, `.epochs(2)`,
/// `.samples(1_000_000)`, `.fraction(0.3)`, `.minutes(10)`. Where a schedule stands inside another (a piece of
/// `then`, the body after a warm-up) a fraction is a share of that piece; the other units are absolute.
public enum Interval: Equatable, Hashable, Sendable {
    /// A number of optimizer steps, 0 or more.
    case steps(Int)
    /// A number of passes over the training set, 0 or more; parts of an epoch are fine.
    case epochs(Double)
    /// A number of training samples, 0 or more.
    case samples(Int)
    /// A share of the whole, 0...1.
    case fraction(Double)
    /// Wall-clock minutes, 0 or more. It has no length in steps before it has passed, unless the timeline says how many
    /// steps a minute has (``Timeline/stepsPerMinute``).
    case minutes(Double)

    /// The length in optimizer steps on a timeline, not rounded.
    ///
    /// - Parameter timeline: the run that gives epochs, samples, fractions and minutes their size.
    /// - Returns: the number of steps; nil for a unit that the timeline does not know, as most know no minutes.
    public func steps(in timeline: Timeline) -> Double? {
        let steps = Moment(timeline: timeline, step: 0).length(of: self)
        return steps.isFinite ? steps : nil
    }

    /// The length in whole optimizer steps: rounded to the nearest, and at least 1 unless the interval is empty.
    ///
    /// For cadences and patience ("every tenth of an epoch"), which act between steps.
    ///
    /// - Parameter timeline: the run that gives epochs, samples, fractions and minutes their size.
    /// - Returns: the number of steps; nil for a unit that the timeline does not know, and for a number beyond `Int`.
    public func wholeSteps(in timeline: Timeline) -> Int? {
        guard let steps = steps(in: timeline), let rounded = Int(exactly: steps.rounded()) else { return nil }
        return steps > 0 ? max(1, rounded) : rounded
    }
}

extension Interval: CustomStringConvertible {
    /// The Swift expression, such as `.epochs(2)`.
    public var description: String {
        switch self {
        case .steps(let count): ".steps(\(count))"
        case .epochs(let count): ".epochs(\(literal(count)))"
        case .samples(let count): ".samples(\(count))"
        case .fraction(let share): ".fraction(\(literal(share)))"
        case .minutes(let count): ".minutes(\(literal(count)))"
        }
    }
}

extension Interval: Codable {
    private enum CodingKeys: String, CodingKey { case steps, epochs, samples, fraction, minutes }

    /// Writes one key, the unit: `{"epochs": 2}`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .steps(let count): try container.encode(count, forKey: .steps)
        case .epochs(let count): try container.encode(count, forKey: .epochs)
        case .samples(let count): try container.encode(count, forKey: .samples)
        case .fraction(let share): try container.encode(share, forKey: .fraction)
        case .minutes(let count): try container.encode(count, forKey: .minutes)
        }
    }

    /// Reads what `encode(to:)` writes; throws a `DecodingError` unless there is exactly one known unit.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard let unit = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "an interval has one of the keys steps, epochs, samples, fraction, minutes"))
        }
        self =
            switch unit {
            case .steps: .steps(try container.decode(Int.self, forKey: unit))
            case .epochs: .epochs(try container.decode(Double.self, forKey: unit))
            case .samples: .samples(try container.decode(Int.self, forKey: unit))
            case .fraction: .fraction(try container.decode(Double.self, forKey: unit))
            case .minutes: .minutes(try container.decode(Double.self, forKey: unit))
            }
    }
}
