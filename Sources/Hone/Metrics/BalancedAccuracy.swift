/// The mean recall over the classes that occur among the labels.
///
/// - Shape: prediction `[samples, ..., classes]` (float32, the largest answers) or `[samples, ...]` (int32), target
///   `[samples, ...]` (int32)
public struct BalancedAccuracy: Metric {
    /// The number of classes, when it is stated.
    public let classes: Int?
    /// The label of samples that do not count.
    public let ignoreIndex: Int?
    /// Along which axis of the outputs the classes lie: the last, or 1 for `[batch, classes, height, width]`, which is
    /// the default of `CrossEntropy`. Where both are equally long, shapes cannot tell that the wrong one was read.
    public let axis: Int

    /// Makes the metric.
    public init(classes: Int? = nil, ignoreIndex: Int? = nil, axis: Int = -1) {
        self.classes = classes
        self.ignoreIndex = ignoreIndex
        self.axis = axis
    }

    /// `balanced_accuracy`
    public var name: String { "balanced_accuracy" }

    /// Higher is better.
    public var direction: Direction { .higherIsBetter }

    /// The counts of a batch; a label outside the classes is an error.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> AgreementState {
        let predictions = try ClassPredictions(
            prediction, target, classes: classes, ignoreIndex: ignoreIndex, axis: axis, metric: name)
        return AgreementState(tally: ClassTally(predictions), kind: .balanced)
    }
}
