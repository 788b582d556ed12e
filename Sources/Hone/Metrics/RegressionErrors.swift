// Metrics of the differences between predictions and targets, which are of one shape. Two losses are metrics as well; as
// such their sums are kept in double precision.

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

/// The sum of a function of the differences, and the number of elements.
func meanOverDifferences(
    _ prediction: Tensor, _ target: Tensor, metric: String, _ function: (Double) -> Double
) throws -> MeanState {
    let (values, truths) = try comparable(prediction, target, metric: metric)
    let sum = zip(values, truths).reduce(0.0) { $0 + function(Double($1.0) - Double($1.1)) }
    return MeanState(sum: sum, count: Double(values.count))
}
