import HoneTensor

/// RMS normalisation over the last axes (Zhang and Sennrich 2019).
///
/// - Shape: `[..., normalised shape]`, which stays
public final class RMSNorm: Module {
    /// The scale, of the normalised shape; nil without `affine`.
    public let weight: Parameter?

    private let shape: Shape
    private let epsilon: Float

    /// Makes the layer for the lengths of the last axes; the default epsilon is PyTorch's, the machine's.
    public init(_ shape: Shape, epsilon: Float = .ulpOfOne, affine: Bool = true) {
        self.shape = shape
        self.epsilon = epsilon
        weight = affine ? Parameter(shape, .ones, role: .norm) : nil
    }

    /// `RMSNorm [128]`
    public var label: String { "RMSNorm \(shape)" }

    /// Any shape that ends with the normalised one.
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        guard x.shape.array.suffix(shape.rank) == shape.array[...] else {
            return failed(label, "input is \(x.shape), expected one that ends with \(shape)")
        }
        return x.rmsNorm(axes: shape.rank, scale: weight?.tensor, epsilon: epsilon)
    }
}
