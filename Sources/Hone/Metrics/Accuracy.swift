/// The share of samples whose largest output is that of their label.
///
/// - Shape: prediction `[samples, ..., classes]`, target `[samples, ...]` (int32)
public struct Accuracy: Metric {
    /// The label of samples that do not count.
    public let ignoreIndex: Int?

    /// Makes the metric.
    public init(ignoreIndex: Int? = nil) { self.ignoreIndex = ignoreIndex }

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
        let ignored = ignoreIndex.flatMap(Int32.init(exactly:))
        var (right, count) = (0, 0)
        for (answer, label) in zip(answers.integers, target.integers) where label != ignored {
            right += answer == label ? 1 : 0
            count += 1
        }
        return MeanState(sum: Double(right), count: Double(count))
    }
}
