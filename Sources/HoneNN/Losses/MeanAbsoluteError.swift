import HoneTensor

/// The mean of the absolute differences.
///
/// - Shape: prediction and target of one shape
public struct MeanAbsoluteError: Loss, Equatable, Sendable {
    /// Makes the loss.
    public init() {}

    /// The sum over elements of |prediction − target|.
    public func evaluate(_ prediction: Tensor, _ target: Tensor) -> LossValue {
        guard prediction.shape == target.shape || prediction.isInert || target.isInert else {
            let sum = failed("MeanAbsoluteError", "target is \(target.shape), expected \(prediction.shape)")
            return LossValue(sum: sum, count: 0)
        }
        return LossValue(sum: (prediction - target).abs().sum(), count: Double(prediction.count))
    }
}
