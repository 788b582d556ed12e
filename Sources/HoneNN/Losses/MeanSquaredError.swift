import HoneTensor

/// The mean of the squared differences.
///
/// - Shape: prediction and target of one shape
public struct MeanSquaredError: Loss, Equatable, Sendable {
    /// Makes the loss.
    public init() {}

    /// The sum over elements of (prediction − target)².
    public func evaluate(_ prediction: Tensor, _ target: Tensor) -> LossValue {
        LossValue(sum: prediction.squaredErrorSum(target), count: Double(prediction.count))
    }
}
