/// Metrics of the differences between predictions and targets, which are of one shape.
///
/// The losses ``MeanSquaredError`` and ``MeanAbsoluteError`` are metrics as well: sums are kept in double precision.
extension MeanSquaredError: Metric {
    /// `mse`
    public var name: String { "mse" }

    /// Lower is better.
    public var direction: Direction { .lowerIsBetter }

    /// The sum of squared differences, and the number of elements.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> MeanState {
        try meanOverDifferences(prediction, target, metric: name) { $0 * $0 }
    }
}

extension MeanAbsoluteError: Metric {
    /// `mae`
    public var name: String { "mae" }

    /// Lower is better.
    public var direction: Direction { .lowerIsBetter }

    /// The sum of absolute differences, and the number of elements.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> MeanState {
        try meanOverDifferences(prediction, target, metric: name) { abs($0) }
    }
}

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

/// Both tensors' elements as floats, once shapes have been checked.
func comparable(_ prediction: Tensor, _ target: Tensor, metric: String) throws -> ([Float], [Float]) {
    try throwPendingTensorError()
    guard prediction.shape == target.shape, prediction.elementType == .float32 else {
        throw TensorError(
            operation: metric,
            problem: "predictions are \(prediction.elementType) \(prediction.shape) and targets \(target.elementType) "
                + "\(target.shape), expected float32 predictions and targets of one shape")
    }
    return (prediction.scalars, target.scalars)
}

private func meanOverDifferences(
    _ prediction: Tensor, _ target: Tensor, metric: String, _ function: (Double) -> Double
) throws -> MeanState {
    let (values, truths) = try comparable(prediction, target, metric: metric)
    let sum = zip(values, truths).reduce(0.0) { $0 + function(Double($1.0) - Double($1.1)) }
    return MeanState(sum: sum, count: Double(values.count))
}
