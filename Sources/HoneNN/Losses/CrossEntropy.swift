import HoneTensor

/// The cross-entropy of softmax(logits) for class labels.
///
/// - Shape: prediction `[batch, classes]` (logits), target `[batch]` (int32)
public struct CrossEntropy: Loss, Equatable, Sendable {
    /// Makes the loss.
    public init() {}

    /// The sum over samples of −log softmax(prediction)[target]; a label outside the classes is an error that names it.
    public func evaluate(_ prediction: Tensor, _ target: Tensor) -> LossValue {
        LossValue(sum: prediction.crossEntropySum(target), count: Double(target.count))
    }
}
