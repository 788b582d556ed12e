import HoneTensor

/// The binary cross-entropy of σ(logits), element by element, without overflow for any logit.
///
/// - Shape: prediction (logits) and target (0...1) of one shape; weights that can be broadcast to it
///
/// The mean divides by the number of elements, whatever their weights, as in PyTorch.
public struct BinaryCrossEntropyWithLogits: ElementwiseLoss, Sendable {
    /// A factor for each element, or nil for 1.
    public let weights: Tensor?

    /// A factor for targets of 1, such as one a class, or nil for 1.
    public let positiveWeights: Tensor?

    /// Makes the loss; weights that do not fit are an error of the first use.
    ///
    /// - Parameters:
    ///   - weights: a factor for each element.
    ///   - positiveWeights: a factor for the part of targets of 1; one above 1 finds more of what is rare.
    public init(weights: Tensor? = nil, positiveWeights: Tensor? = nil) {
        self.weights = weights
        self.positiveWeights = positiveWeights
    }

    /// −p y log σ(x) − (1 − y) log(1 − σ(x)), times the weight, of each element.
    public func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements {
        pairs(prediction, target) {
            for (name, factor) in [("weights", weights), ("positive weights", positiveWeights)] {
                if let refused = refusal(of: factor, name, for: prediction) { return refused }
            }
            var values: Tensor
            if let positiveWeights {
                // (1 − y) x + (1 + (p − 1) y) log(1 + e^−x)
                let factor = 1 + (positiveWeights - 1) * target
                values = (1 - target) * prediction + factor * (-prediction).softplus()
            } else {
                values = prediction.binaryCrossEntropyWithLogits(target)
            }
            if let weights { values = values * weights }
            return values
        }
    }
}

extension ElementwiseLoss {
    /// The inert tensor of a factor that cannot be broadcast to the prediction; nil when it can, or is not there.
    func refusal(of factor: Tensor?, _ name: String, for prediction: Tensor) -> Tensor? {
        guard let factor else { return nil }
        if factor.isInert { return factor }
        let lengths = prediction.shape.array.suffix(factor.rank)
        let fits = factor.rank <= prediction.rank && zip(factor.shape.array, lengths).allSatisfy { $0 == 1 || $0 == $1 }
        if factor.elementType == .float32, fits { return nil }
        return failed(
            label,
            "\(name) are \(factor.elementType) \(factor.shape), expected float32 that can be broadcast to "
                + "predictions \(prediction.shape)")
    }
}
