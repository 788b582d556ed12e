import HoneTensor

/// The absolute difference, less `beta` / 2, with a parabola instead of its kink within `beta` (Girshick 2015,
/// equation 3): ``Huber`` by beta.
///
/// - Shape: prediction and target of one shape
public struct SmoothL1: ElementwiseLoss, Equatable, Sendable {
    /// Where the parabola becomes a line; at 0 there is none, and the loss is ``MeanAbsoluteError``.
    public let beta: Float

    /// Makes the loss; a negative `beta` is an error of the first use.
    public init(beta: Float = 1) { self.beta = beta }

    /// The loss of each element.
    public func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements {
        pairs(prediction, target) {
            if beta == 0 { return prediction.absoluteError(target) }
            guard beta > 0 else { return failed(label, "beta is \(beta), expected >= 0") }
            let values = prediction.huberError(target, delta: beta)
            return beta == 1 ? values : values / beta
        }
    }
}
