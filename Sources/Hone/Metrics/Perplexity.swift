import Foundation

/// e to the mean cross-entropy over all tokens.
///
/// It is of the mean over everything that was measured, not a mean of batches' perplexities.
/// - Shape: prediction `[..., classes]` (logits), target `[...]` (int32)
public struct Perplexity: Metric {
    /// The label of tokens that do not count; PyTorch's -100 by default.
    public let ignoreIndex: Int?
    /// Along which axis of the outputs the classes lie: the last, or 1 for `[batch, classes, height, width]`, which is
    /// the default of `CrossEntropy`. Where both are equally long, shapes cannot tell that the wrong one was read.
    public let axis: Int

    /// Makes the metric.
    public init(ignoreIndex: Int? = -100, axis: Int = -1) {
        self.ignoreIndex = ignoreIndex
        self.axis = axis
    }

    /// A sum and a count, whose value is e to the mean.
    public struct State: MetricState, Equatable {
        /// The cross-entropy.
        public let crossEntropy: MeanState

        /// Both together.
        public static func + (a: State, b: State) -> State { State(crossEntropy: a.crossEntropy + b.crossEntropy) }

        /// e to the mean; NaN of nothing.
        public var value: Double { exp(crossEntropy.value) }
    }

    /// `perplexity`
    public var name: String { "perplexity" }

    /// Lower is better.
    public var direction: Direction { .lowerIsBetter }

    /// The cross-entropy of a batch; a label outside the classes is an error.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> State {
        let rows = try RowsOfOutputs(prediction, target, axis: axis, metric: name)
        var (sum, count) = (0.0, 0.0)
        try rows.forEach(ignoring: ignoreIndex) { outputs, label in
            let largest = outputs.max() ?? 0
            var total = 0.0
            for output in outputs { total += Double(exp(output - largest)) }
            sum += log(total) + Double(largest) - Double(outputs[label])
            count += 1
        }
        return State(crossEntropy: MeanState(sum: sum, count: count))
    }
}
