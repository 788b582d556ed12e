/// Of the samples that belong to a class, the share that was given it.
///
/// Scores and averages are scikit-learn's with `zero_division=0`: a class for which the score would be 0 / 0 has 0. With
/// `classes` stated, the macro average is over all of them; without, over those that were answered or meant.
/// - Shape: prediction `[samples, ..., classes]` (float32, the largest answers) or `[samples, ...]` (int32), target
///   `[samples, ...]` (int32)
public struct Recall: Metric, ClassScore {
    /// How the scores of classes become one.
    public let average: ClassAverage
    /// The number of classes, when it is stated.
    public let classes: Int?
    /// The label of samples that do not count.
    public let ignoreIndex: Int?
    /// Along which axis of the outputs the classes lie: the last, or 1 for `[batch, classes, height, width]`, which is
    /// the default of `CrossEntropy`. Where both are equally long, shapes cannot tell that the wrong one was read.
    public let axis: Int

    /// Makes the metric.
    public init(average: ClassAverage = .macro, classes: Int? = nil, ignoreIndex: Int? = nil, axis: Int = -1) {
        self.average = average
        self.classes = classes
        self.ignoreIndex = ignoreIndex
        self.axis = axis
    }

    /// `recall`
    public var name: String { "recall" }

    /// Higher is better.
    public var direction: Direction { .higherIsBetter }

    var weightOfRecall: Double { .infinity }

    /// The counts of a batch; a label outside the classes is an error.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> ClassScoreState {
        try score(prediction, target)
    }
}
