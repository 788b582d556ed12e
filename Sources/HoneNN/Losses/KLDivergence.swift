import HoneTensor

/// The divergence of Kullback and Leibler (1951) from a predicted distribution to the target's: Σ t (log t − log p).
///
/// - Shape: prediction (logarithms of probabilities) and target (probabilities, or their logarithms) of one shape
public struct KLDivergence: ElementwiseLoss, Equatable, Sendable {
    /// What a mean divides by.
    public enum Mean: String, Hashable, Sendable, Codable {
        /// The number of elements: PyTorch's `mean`.
        case elements
        /// The length of the first axis: PyTorch's `batchmean`, the divergence as it is defined.
        case batch
    }

    /// Whether targets are logarithms of probabilities.
    public let logTarget: Bool

    /// What the mean divides by.
    public let mean: Mean

    /// Makes the loss; PyTorch's defaults.
    public init(logTarget: Bool = false, mean: Mean = .elements) {
        self.logTarget = logTarget
        self.mean = mean
    }

    /// t (log t − prediction) of each element; 0 log 0 is 0.
    public func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements {
        var elements = pairs(prediction, target) {
            if logTarget { return target.exp() * (target - prediction) }
            // t log t by way of 1, where it is 0 too.
            let positive = Tensor.where(target .== 0, Tensor(1), target)
            return positive * positive.log() - target * prediction
        }
        if mean == .batch, elements.count > 0, prediction.rank > 0 { elements.count = Double(prediction.shape[0]) }
        return elements
    }
}
