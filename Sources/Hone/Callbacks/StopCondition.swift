/// A condition over the figures of an epoch: `.above(.metric("accuracy"), 0.99) && .below(.validLoss, 0.1)`.
public indirect enum StopCondition: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The figure is below a number.
    case below(Figure, Double)
    /// The figure is above a number.
    case above(Figure, Double)
    /// At least one of several holds; of none, never.
    case any([StopCondition])
    /// All of several hold; of none, never.
    case all([StopCondition])

    /// A figure as it was measured, or smoothed over the epochs.
    public struct Figure: Hashable, Sendable, Codable, CustomStringConvertible {
        /// What is looked at.
        public let monitor: Monitor
        /// The share of the mean that is kept at each epoch, 0 up to 1; 0 takes the figure as it is.
        public let smoothing: Double

        /// The mean loss over the epoch's training samples.
        public static let trainLoss = Figure(monitor: .trainLoss, smoothing: 0)
        /// The mean loss of the validation.
        public static let validLoss = Figure(monitor: .validLoss, smoothing: 0)
        /// A metric of the validation, by its name.
        public static func metric(_ name: String) -> Figure { Figure(monitor: .metric(name), smoothing: 0) }

        /// The exponentially weighted mean over the epochs, without the bias of its start.
        ///
        /// - Parameter share: what is kept at each epoch, 0 up to 1.
        public func smoothed(_ share: Double) -> Figure { Figure(monitor: monitor, smoothing: share) }

        /// `valid loss`, or `valid loss (smoothed 0.9)`.
        public var description: String { smoothing == 0 ? "\(monitor)" : "\(monitor) (smoothed \(smoothing))" }
    }

    /// Both hold.
    public static func && (a: StopCondition, b: StopCondition) -> StopCondition { .all([a, b]) }

    /// At least one holds.
    public static func || (a: StopCondition, b: StopCondition) -> StopCondition { .any([a, b]) }

    /// In words: `accuracy is above 0.99 and valid loss is below 0.1`.
    public var description: String {
        switch self {
        case .below(let figure, let limit): "\(figure) is below \(limit)"
        case .above(let figure, let limit): "\(figure) is above \(limit)"
        case .any(let parts): parts.map { $0.inBrackets(of: self) }.joined(separator: " or ")
        case .all(let parts): parts.map { $0.inBrackets(of: self) }.joined(separator: " and ")
        }
    }

    private func inBrackets(of whole: StopCondition) -> String {
        switch (self, whole) {
        case (.any(let parts), .all) where parts.count > 1, (.all(let parts), .any) where parts.count > 1:
            "(\(description))"
        default: description
        }
    }

    /// The figures that it looks at.
    var figures: Set<Figure> {
        switch self {
        case .below(let figure, _), .above(let figure, _): [figure]
        case .any(let parts), .all(let parts): parts.reduce(into: []) { $0.formUnion($1.figures) }
        }
    }

    /// Whether it holds; a figure that is not known, or no number, is neither above nor below.
    func holds(_ value: (Figure) -> Double?) -> Bool {
        switch self {
        case .below(let figure, let limit): (value(figure) ?? .nan) < limit
        case .above(let figure, let limit): (value(figure) ?? .nan) > limit
        case .any(let parts): parts.contains { $0.holds(value) }
        case .all(let parts): !parts.isEmpty && parts.allSatisfy { $0.holds(value) }
        }
    }
}
