import HoneTensor

/// The mean of the squared differences.
///
/// - Shape: prediction and target of one shape
public struct MeanSquaredError: ElementwiseLoss, Equatable, Sendable {
    /// Makes the loss.
    public init() {}

    /// The sum over elements of (prediction − target)².
    public func evaluate(_ prediction: Tensor, _ target: Tensor) -> LossValue {
        let whole = pairs(prediction, target) { prediction.squaredErrorSum(target) }
        return LossValue(sum: whole.values, count: whole.count)
    }

    /// (prediction − target)² of each element.
    public func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements {
        pairs(prediction, target) { (prediction - target).square() }
    }
}
