import HoneTensor

/// x where it is positive, a learned slope · x elsewhere (He et al. 2015): one slope for all, or one a channel.
///
/// - Shape: `[batch, channels, ...]`, which stays; with one slope, any shape
public final class PReLU: Module {
    /// The slopes of the negative side, `[channels]`.
    public let weight: Parameter

    /// Makes the layer with slopes for 1 or `channels` channels, the length of the second axis.
    public init(_ channels: Int = 1, initial: Float = 0.25) {
        weight = Parameter([channels], .constant(initial))
    }

    /// `PReLU 64`
    public var label: String { "PReLU \(weight.shape[0])" }

    /// Any shape that has the channels, which stays.
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        let channels = weight.shape[0]
        if channels == 1 { return .where(x .> 0, x, x * weight.tensor) }
        guard x.rank >= 2, x.shape[1] == channels else {
            return failed(label, "input is \(x.shape), expected [batch, \(channels), ...]")
        }
        let lengths = [channels] + [Int](repeating: 1, count: x.rank - 2)
        return .where(x .> 0, x, x * weight.tensor.reshaped(Shape(lengths)))
    }
}
