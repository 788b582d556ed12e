/// The share of samples whose largest output is that of their label.
///
/// - Shape: prediction `[samples, classes]`, target `[samples]` (int32)
public struct Accuracy: Metric {
    /// Makes the metric.
    public init() {}

    /// `accuracy`
    public var name: String { "accuracy" }

    /// Higher is better.
    public var direction: Direction { .higherIsBetter }

    /// The number of right answers in a batch.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> MeanState {
        let answers = prediction.argmax(axis: -1)
        try throwPendingTensorError()
        guard answers.shape == target.shape, target.elementType == .int32 else {
            throw TensorError(
                operation: name,
                problem: "targets are \(target.elementType) \(target.shape), expected int32 \(answers.shape)")
        }
        let right = zip(answers.integers, target.integers).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
        return MeanState(sum: Double(right), count: Double(target.count))
    }
}
