import HoneTensor

/// Half the squared difference within `delta`, and beyond it `delta` times what grows no faster than the difference
/// (Huber 1964): outliers pull less.
///
/// - Shape: prediction and target of one shape
public struct Huber: ElementwiseLoss, Equatable, Sendable {
    /// Where the parabola becomes a line, > 0.
    public let delta: Float

    /// Makes the loss; a `delta` that is not positive is an error of the first use.
    public init(delta: Float = 1) { self.delta = delta }

    /// The loss of each element.
    public func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements {
        pairs(prediction, target) {
            delta > 0
                ? prediction.huberError(target, delta: delta) : failed(label, "delta is \(delta), expected > 0")
        }
    }
}
