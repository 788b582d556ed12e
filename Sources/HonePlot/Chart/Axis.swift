/// How an axis spaces its numbers.
public enum AxisScale: Sendable, Equatable {
    /// Equal distances are equal differences.
    case linear
    /// Equal distances are equal ratios; zero and negative numbers have no place and are left out.
    case log
}

/// One of the two axes of a chart: its label, its scale and the numbers it covers.
public struct Axis: Sendable, Equatable {
    /// What the axis measures, with the unit if there is one; empty for none.
    public var label: String
    /// How the numbers are spaced.
    public var scale: AxisScale
    /// Where the axis begins; chosen to the data when `nil`.
    public var lower: Double?
    /// Where the axis ends; chosen to the data when `nil`.
    public var upper: Double?
    /// Names for the places 0, 1, 2 …, written instead of numbers; empty for none.
    public var categories: [String]
    /// Whether the axis runs from right to left, or from top to bottom.
    public var isReversed: Bool

    /// Creates an axis that covers the data, or has one or both of its ends fixed.
    ///
    /// - Parameters:
    ///   - label: what the axis measures.
    ///   - scale: linear, or logarithmic to base 10.
    ///   - lower: where the axis begins; the data decide when it is `nil`.
    ///   - upper: where the axis ends; the data decide when it is `nil`.
    public init(
        _ label: String = "", scale: AxisScale = .linear, from lower: Double? = nil, to upper: Double? = nil
    ) {
        self.label = label
        self.scale = scale
        self.lower = lower
        self.upper = upper
        self.categories = []
        self.isReversed = false
    }

    /// Creates an axis that covers a range, or the data when it is `nil`.
    public init(_ label: String = "", scale: AxisScale = .linear, range: ClosedRange<Double>?) {
        self.init(label, scale: scale, from: range?.lowerBound, to: range?.upperBound)
    }

    /// Creates an axis with a name at each of the places 0, 1, 2 …, as bar charts and confusion matrices need it.
    ///
    /// - Parameters:
    ///   - label: what the names are.
    ///   - categories: the names, from the first place on.
    ///   - reversed: whether a vertical axis has its first name at the top.
    public init(_ label: String = "", categories: [String], reversed: Bool = false) {
        self.init(label)
        self.categories = categories
        self.isReversed = reversed
    }
}
