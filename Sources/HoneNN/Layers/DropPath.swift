import HoneTensor

/// In training, zeroes whole samples with a probability and scales the others up: stochastic depth (Huang et al. 2016).
///
/// It stands at the end of a residual branch, which a sample then skips.
public final class DropPath: TrainingModeDependent {
    /// The share of samples that is dropped, 0...1; a schedule may move it.
    public var probability: Float

    /// Whether samples are dropped.
    public var isTraining = true

    /// Makes the layer; a probability outside 0...1 is an error of its first use.
    public init(_ probability: Float = 0) { self.probability = probability }

    /// `DropPath 0.1`
    public var label: String { "DropPath \(probability)" }

    /// `[batch, ...]`, which stays.
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        guard probability >= 0, probability <= 1 else {
            return failed(label, "probability is \(probability), expected 0...1")
        }
        guard x.rank >= 1 else { return failed(label, "input is a scalar, expected [batch, ...]") }
        return isTraining ? x.dropout(probability, leading: 1) : x
    }
}
