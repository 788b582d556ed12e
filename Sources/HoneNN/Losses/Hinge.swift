import HoneTensor

/// max(0, margin − target · prediction), the loss of support vector machines (Cortes and Vapnik 1995).
///
/// - Shape: prediction (scores) and target (float32, −1 or 1) of one shape
public struct Hinge: ElementwiseLoss, Equatable, Sendable {
    /// The score from which on the right answer costs nothing.
    public let margin: Float

    /// Whether the loss is squared, which smooths its kink.
    public let isSquared: Bool

    /// Makes the loss.
    public init(margin: Float = 1, isSquared: Bool = false) {
        self.margin = margin
        self.isSquared = isSquared
    }

    /// The loss of each element; a target other than −1 and 1 is an error.
    public func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements {
        pairs(prediction, target) {
            if let bad = target.withUnsafeFloats({ $0.first { $0 != 1 && $0 != -1 } }) {
                return failed(label, "a target is \(bad), expected -1 or 1")
            }
            let missing = (margin - prediction * target).relu()
            return isSquared ? missing.square() : missing
        }
    }
}
