/// The square root of the mean squared difference over all elements that were measured.
///
/// - Shape: prediction and target of one shape
public struct RootMeanSquaredError: Metric {
    /// Makes the metric.
    public init() {}

    /// A sum of squares and a count, whose value is the root of the mean.
    public struct State: MetricState, Equatable {
        /// The squares.
        public let squares: MeanState

        /// Both together.
        public static func + (a: State, b: State) -> State { State(squares: a.squares + b.squares) }

        /// √(sum / count); NaN of nothing.
        public var value: Double { squares.value.squareRoot() }
    }

    /// `rmse`
    public var name: String { "rmse" }

    /// Lower is better.
    public var direction: Direction { .lowerIsBetter }

    /// The sum of squared differences, and the number of elements.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> State {
        State(squares: try meanOverDifferences(prediction, target, metric: name) { $0 * $0 })
    }
}
