import HoneTensor

/// The focal loss for yes or no, of logits (Lin et al. 2017, equation 5): binary cross-entropy · (1 − p)^γ, with p the
/// probability given to the right answer.
///
/// - Shape: prediction (logits) and target (0...1) of one shape
///
/// Defaults are torchvision's. The mean divides by the number of elements.
public struct BinaryFocal: ElementwiseLoss, Equatable, Sendable {
    /// γ, how strongly good predictions lose weight; at 0 the loss is the binary cross-entropy.
    public let gamma: Float

    /// The weight of targets of 1, against 1 − alpha for those of 0; nil for no such weights.
    public let alpha: Float?

    /// Makes the loss; a negative γ is an error of the first use.
    public init(gamma: Float = 2, alpha: Float? = 0.25) {
        self.gamma = gamma
        self.alpha = alpha
    }

    /// The loss of each element.
    public func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements {
        guard gamma >= 0 else { return LossElements(failed(label, "gamma is \(gamma), expected >= 0"), count: 0) }
        return pairs(prediction, target) {
            // The probability of being wrong; 1 − σ(x) is σ(−x), which keeps its digits.
            let wrong = target * (-prediction).sigmoid() + (1 - target) * prediction.sigmoid()
            let values = prediction.binaryCrossEntropyWithLogits(target) * wrong.focused(gamma)
            guard let alpha else { return values }
            return values * (target * (2 * alpha - 1) + (1 - alpha))
        }
    }
}
