/// Which way a measurement gets better.
public enum Direction: String, Sendable, Codable {
    /// Accuracy.
    case higherIsBetter
    /// Error.
    case lowerIsBetter

    /// Whether a value is better than another; NaN is never better, and anything is better than NaN.
    public func isBetter(_ value: Double, than other: Double) -> Bool {
        if value.isNaN { return false }
        if other.isNaN { return true }
        return self == .higherIsBetter ? value > other : value < other
    }
}

/// What a metric has found so far: parts over disjoint samples add up, and the value is read once, at the end.
public protocol MetricState: Sendable {
    /// What was found over two disjoint sets of samples together.
    static func + (a: Self, b: Self) -> Self

    /// The measurement; NaN of nothing.
    var value: Double { get }
}

/// Something that is measured in validations.
public protocol Metric: Sendable {
    /// What is kept.
    associatedtype State: MetricState

    /// The name in tables and records.
    var name: String { get }

    /// Which way it gets better.
    var direction: Direction { get }

    /// What is found in one batch.
    func measure(_ prediction: Tensor, _ target: Tensor) throws -> State
}

/// A sum and a count, whose value is the mean.
public struct MeanState: MetricState, Equatable {
    /// The sum.
    public var sum: Double
    /// The number of elements in it.
    public var count: Double

    /// Makes a part of a mean.
    public init(sum: Double, count: Double) {
        self.sum = sum
        self.count = count
    }

    /// The mean over both.
    public static func + (a: MeanState, b: MeanState) -> MeanState {
        MeanState(sum: a.sum + b.sum, count: a.count + b.count)
    }

    /// sum / count.
    public var value: Double { count == 0 ? .nan : sum / count }
}
