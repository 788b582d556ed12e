/// The share of samples whose largest output is that of their label.
///
/// - Shape: prediction `[samples, ..., classes]`, target `[samples, ...]` (int32)
public struct Accuracy: Metric {
    /// The label of samples that do not count.
    public let ignoreIndex: Int?
    /// Along which axis of the outputs the classes lie: the last, or 1 for `[batch, classes, height, width]`, which is
    /// the default of `CrossEntropy`. Where both are equally long, shapes cannot tell that the wrong one was read.
    public let axis: Int

    /// Makes the metric.
    public init(ignoreIndex: Int? = nil, axis: Int = -1) {
        self.ignoreIndex = ignoreIndex
        self.axis = axis
    }

    /// `accuracy`
    public var name: String { "accuracy" }

    /// Higher is better.
    public var direction: Direction { .higherIsBetter }

    /// The number of right answers in a batch.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> MeanState {
        let index = try RowsOfOutputs.index(ofClasses: axis, prediction, target, metric: name)
        let answers = prediction.argmax(axis: index)
        try throwPendingTensorError()
        let ignored = ignoreIndex.flatMap(Int32.init(exactly:))
        var (right, count) = (0, 0)
        for (answer, label) in zip(answers.integers, target.integers) where label != ignored {
            right += answer == label ? 1 : 0
            count += 1
        }
        return MeanState(sum: Double(right), count: Double(count))
    }
}
