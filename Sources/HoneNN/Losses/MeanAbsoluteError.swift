import HoneTensor

/// The mean of the absolute differences.
///
/// - Shape: prediction and target of one shape
public struct MeanAbsoluteError: ElementwiseLoss, Equatable, Sendable {
    /// Makes the loss.
    public init() {}

    /// |prediction − target| of each element.
    public func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements {
        pairs(prediction, target) { prediction.absoluteError(target) }
    }
}
