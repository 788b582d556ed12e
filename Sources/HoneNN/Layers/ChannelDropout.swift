import HoneTensor

/// In training, zeroes whole channels of each sample with a probability and scales the others up (Tompson et al. 2015).
///
/// Neighbours within a channel carry the same information, so that dropping single elements would not make a difference.
open class ChannelDropout: TrainingModeDependent {
    /// The share of channels that is dropped, 0...1.
    public let probability: Float

    /// Whether channels are dropped.
    public var isTraining = true

    /// Makes the layer; a probability outside 0...1 is an error of its first use.
    public init(_ probability: Float = 0.5) { self.probability = probability }

    /// The name with the probability.
    open var label: String { "\(type(of: self)) \(probability)" }

    /// The rank of the input.
    open var rank: Int { 3 }

    /// `[batch, channels, ...]`, which stays.
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        guard probability >= 0, probability <= 1 else {
            return failed(label, "probability is \(probability), expected 0...1")
        }
        guard x.rank == rank else {
            let lengths = rank == 3 ? "length" : "height, width"
            return failed(label, "input is \(x.shape), expected [batch, channels, \(lengths)]")
        }
        return isTraining ? x.dropout(probability, leading: 2) : x
    }
}

/// Dropout of whole channels of `[batch, channels, length]`.
public final class Dropout1d: ChannelDropout {}

/// Dropout of whole channels of `[batch, channels, height, width]`.
public final class Dropout2d: ChannelDropout {
    /// Four axes.
    public override var rank: Int { 4 }
}
