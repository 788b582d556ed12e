import HoneTensor

/// Group normalisation (Wu and He 2018) over each of some runs of channels.
///
/// - Shape: `[batch, channels, ...]`, which stays
public final class GroupNorm: Module {
    /// The scale, `[channels]`; nil without `affine`.
    public let weight: Parameter?

    /// The shift, `[channels]`; nil without `affine`.
    public let bias: Parameter?

    private let groups: Int
    private let channels: Int
    private let epsilon: Float

    /// Makes the layer; `groups` must divide `channels`, or the first use is an error.
    public init(_ groups: Int, _ channels: Int, epsilon: Float = 1e-5, affine: Bool = true) {
        self.groups = groups
        self.channels = channels
        self.epsilon = epsilon
        weight = affine ? Parameter(Shape([channels]), .ones, role: .norm) : nil
        bias = affine ? Parameter(Shape([channels]), .zeros, role: .norm) : nil
    }

    /// `GroupNorm 8 of 64`
    public var label: String { "GroupNorm \(groups) of \(channels)" }

    /// `[batch, channels, ...]`, which stays.
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        guard x.rank >= 2, x.shape[1] == channels else {
            return failed(label, "input is \(x.shape), expected [batch, \(channels), ...]")
        }
        return x.groupNorm(groups, scale: weight?.tensor, shift: bias?.tensor, epsilon: epsilon)
    }
}
