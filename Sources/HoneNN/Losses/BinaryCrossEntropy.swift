import HoneTensor

/// The binary cross-entropy of probabilities; of logits ``BinaryCrossEntropyWithLogits`` is more exact.
///
/// - Shape: prediction (0...1) and target (0...1) of one shape; weights that can be broadcast to it
///
/// Logarithms are at least −100, as in PyTorch, so that a certain and wrong prediction has a finite loss.
public struct BinaryCrossEntropy: ElementwiseLoss, Sendable {
    /// A factor for each element, or nil for 1.
    public let weights: Tensor?

    /// Makes the loss; weights that do not fit are an error of the first use.
    public init(weights: Tensor? = nil) { self.weights = weights }

    /// −y log x − (1 − y) log(1 − x), times the weight, of each element; a prediction outside 0...1 is an error.
    public func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements {
        pairs(prediction, target) {
            if let refused = refusal(of: weights, "weights", for: prediction) { return refused }
            let bad = prediction.withUnsafeFloats { $0.first { $0 < 0 || $0 > 1 } }
            if let bad {
                return failed(
                    label,
                    "a prediction is \(bad), expected a probability; for logits there is "
                        + "BinaryCrossEntropyWithLogits")
            }
            let values = prediction.binaryCrossEntropy(target)
            return weights.map { values * $0 } ?? values
        }
    }
}
