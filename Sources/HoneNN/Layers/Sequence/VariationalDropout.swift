import HoneTensor

/// In training, drops the same features at all steps of a sequence and scales the others up (Gal and Ghahramani 2016;
/// fastai's RNNDropout).
///
/// - Shape: `[batch, time, features]`, which stays; `[time, batch, features]` with `batchFirst: false`
public final class VariationalDropout: TrainingModeDependent {
    /// The share of features that is dropped, 0...1.
    public let probability: Float

    /// Whether features are dropped.
    public var isTraining = true

    private let batchFirst: Bool

    /// Makes the layer; a probability outside 0...1 is an error of its first use.
    ///
    /// - Parameters:
    ///   - batchFirst: whether the batch comes before time; true by default, unlike PyTorch and recurrent layers.
    public init(_ probability: Float = 0.5, batchFirst: Bool = true) {
        self.probability = probability
        self.batchFirst = batchFirst
    }

    /// `VariationalDropout 0.5`
    public var label: String { "VariationalDropout \(probability)" }

    /// One mask for each entry of the batch.
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        guard probability >= 0, probability <= 1, x.rank == 3 else {
            return failed(
                label,
                "probability \(probability) of an input \(x.shape), expected 0...1 and "
                    + (batchFirst ? "[batch, time, features]" : "[time, batch, features]"))
        }
        guard isTraining, probability > 0 else { return x }
        var mask = x.shape
        mask[batchFirst ? 1 : 0] = 1
        return x * Tensor.ones(mask).dropout(probability)
    }
}
