/// The values that a hyper-parameter may have; NaN and infinity are in none of them.
public enum HyperparameterRange: Sendable, Equatable, CustomStringConvertible {
    /// Any number.
    case finite
    /// 0 or more.
    case notNegative
    /// Above 0.
    case positive
    /// 1 or more.
    case oneOrMore
    /// 0 up to 1, without 1: what is kept of an average.
    case decay
    /// 0...1.
    case share
    /// Above 0 up to 1.
    case positiveShare

    /// Whether a value is within the range.
    public func contains(_ value: Double) -> Bool {
        guard value.isFinite else { return false }
        return switch self {
        case .finite: true
        case .notNegative: value >= 0
        case .positive: value > 0
        case .oneOrMore: value >= 1
        case .decay: value >= 0 && value < 1
        case .share: value >= 0 && value <= 1
        case .positiveShare: value > 0 && value <= 1
        }
    }

    /// The range in words, for errors.
    public var description: String {
        switch self {
        case .finite: "a finite number"
        case .notNegative: "a finite number, 0 or more"
        case .positive: "a finite number above 0"
        case .oneOrMore: "a finite number, 1 or more"
        case .decay: "0 or more and below 1"
        case .share: "0...1"
        case .positiveShare: "above 0 and at most 1"
        }
    }
}
