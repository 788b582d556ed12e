import HoneTensor

/// The focal loss for class labels: −(1 − p)^γ log p of the label's probability p (Lin et al. 2017, equation 4).
///
/// - Shape: prediction `[batch, classes, ...]` (logits), target `[batch, ...]` (int32)
///
/// What is predicted well already counts little. The mean divides by the number of labels that count, not by weights.
public struct Focal: ElementwiseLoss, Equatable, Sendable {
    /// γ, how strongly good predictions lose weight; at 0 the loss is the cross-entropy.
    public let gamma: Float

    /// A factor for each class, or nil for 1.
    public let weights: [Float]?

    /// The label that counts nothing, or nil.
    public let ignoring: Int?

    /// Along which axis the classes lie.
    public let axis: Int

    /// Makes the loss; a negative γ is an error of the first use.
    public init(gamma: Float = 2, weights: [Float]? = nil, ignoring: Int? = -100, axis: Int = 1) {
        self.gamma = gamma
        self.weights = weights
        self.ignoring = ignoring
        self.axis = axis
    }

    /// The loss of each element, in the shape of the labels.
    public func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements {
        guard gamma >= 0 else { return LossElements(failed(label, "gamma is \(gamma), expected >= 0"), count: 0) }
        do {
            let targets = try ClassTargets(
                label, prediction, target, axis: axis, weights: weights, ignoring: ignoring)
            let logarithms = targets.picked(from: targets.scores.logSoftmax())
            var values = -logarithms * (-logarithms.expm1()).focused(gamma)
            if weights != nil { values = values * Tensor(targets.rowWeights) }
            let counted = targets.labels.integers.filter { Int($0) != ignoring }.count
            return LossElements(values.reshaped(targets.shape), count: Double(counted))
        } catch {
            return LossElements(error.tensor, count: 0)
        }
    }
}

extension Tensor {
    /// A probability of being wrong raised to γ. The power of 0 has an infinite slope for γ < 1, and so begins above it.
    func focused(_ gamma: Float) -> Tensor { gamma == 1 ? self : clamped(1e-12).power(gamma) }
}
