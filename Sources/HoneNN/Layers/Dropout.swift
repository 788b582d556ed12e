import HoneTensor

/// In training, zeroes each element with a probability and scales the others up (Srivastava et al. 2014).
///
/// Masks are drawn from the learner's seed, the epoch and the batch, so the same run drops the same elements.
public final class Dropout: TrainingModeDependent {
    /// The share of elements that is dropped, 0...1.
    public let probability: Float

    /// Whether elements are dropped.
    public var isTraining = true

    /// Makes the layer; a probability outside 0...1 is an error of its first use.
    public init(_ probability: Float = 0.5) { self.probability = probability }

    /// `Dropout 0.5`
    public var label: String { "Dropout \(probability)" }

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor {
        guard probability >= 0, probability <= 1 else {
            return failed(label, "probability is \(probability), expected 0...1")
        }
        return isTraining ? x.dropout(probability) : x
    }
}
