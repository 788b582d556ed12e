/// The share of samples whose label is among the classes of their k largest outputs.
///
/// Of equal outputs the one of the lower class counts as larger, as in ``Accuracy``.
/// - Shape: prediction `[samples, ..., classes]` (float32), target `[samples, ...]` (int32)
public struct TopKAccuracy: Metric {
    /// How many classes are looked at, 1 up to their number.
    public let k: Int
    /// The label of samples that do not count.
    public let ignoreIndex: Int?
    /// Along which axis of the outputs the classes lie: the last, or 1 for `[batch, classes, height, width]`, which is
    /// the default of `CrossEntropy`. Where both are equally long, shapes cannot tell that the wrong one was read.
    public let axis: Int

    /// Makes the metric; a `k` that does not fit is an error of the first batch.
    public init(_ k: Int = 5, ignoreIndex: Int? = nil, axis: Int = -1) {
        self.k = k
        self.ignoreIndex = ignoreIndex
        self.axis = axis
    }

    /// `top_5_accuracy`
    public var name: String { "top_\(k)_accuracy" }

    /// Higher is better.
    public var direction: Direction { .higherIsBetter }

    /// The number of right answers in a batch; a label outside the classes is an error.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> MeanState {
        let rows = try RowsOfOutputs(prediction, target, axis: axis, metric: name)
        guard k >= 1, k <= rows.classes else {
            throw TensorError(operation: name, problem: "k is \(k), expected 1...\(rows.classes)")
        }
        var (right, count) = (0, 0)
        try rows.forEach(ignoring: ignoreIndex) { outputs, label in
            let own = outputs[label]
            var ahead = 0
            for index in outputs.indices where outputs[index] > own || outputs[index] == own && index < label {
                ahead += 1
            }
            // An output that is no number is not among the largest.
            right += ahead < k && !own.isNaN ? 1 : 0
            count += 1
        }
        return MeanState(sum: Double(right), count: Double(count))
    }
}
