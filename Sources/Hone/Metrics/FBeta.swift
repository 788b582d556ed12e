/// The harmonic mean of precision and recall, with recall β times as important (van Rijsbergen 1979).
///
/// Scores and averages are scikit-learn's with `zero_division=0`, as in ``F1``.
/// - Shape: prediction `[samples, ..., classes]` (float32, the largest answers) or `[samples, ...]` (int32), target
///   `[samples, ...]` (int32)
public struct FBeta: Metric, ClassScore {
    /// How many times as important recall is, 0 or more.
    public let beta: Double
    /// How the scores of classes become one.
    public let average: ClassAverage
    /// The number of classes, when it is stated.
    public let classes: Int?
    /// The label of samples that do not count.
    public let ignoreIndex: Int?
    /// Along which axis of the outputs the classes lie: the last, or 1 for `[batch, classes, height, width]`, which is
    /// the default of `CrossEntropy`. Where both are equally long, shapes cannot tell that the wrong one was read.
    public let axis: Int

    /// Makes the metric; a β below 0 is an error of the first batch.
    public init(
        _ beta: Double, average: ClassAverage = .macro, classes: Int? = nil, ignoreIndex: Int? = nil, axis: Int = -1
    ) {
        self.beta = beta
        self.average = average
        self.classes = classes
        self.ignoreIndex = ignoreIndex
        self.axis = axis
    }

    /// `fbeta_2`
    public var name: String { "fbeta_\(Int(exactly: beta).map(String.init) ?? "\(beta)")" }

    /// Higher is better.
    public var direction: Direction { .higherIsBetter }

    var weightOfRecall: Double { beta }

    /// The counts of a batch; a label outside the classes is an error.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> ClassScoreState {
        guard beta >= 0 else { throw LearnerError.argument("beta", value: "\(beta)", expected: "0 or more") }
        return try score(prediction, target)
    }
}
