import HoneTensor

/// Layer normalisation over the last axes (Ba, Kiros and Hinton 2016).
///
/// - Shape: `[..., normalised shape]`, which stays
public final class LayerNorm: Module {
    /// The scale, of the normalised shape; nil without `affine`.
    public let weight: Parameter?

    /// The shift, of the normalised shape; nil without `affine`, or without `bias`.
    public let bias: Parameter?

    private let shape: Shape
    private let epsilon: Float

    /// Makes the layer for the lengths of the last axes.
    public init(_ shape: Shape, epsilon: Float = 1e-5, affine: Bool = true, bias: Bool = true) {
        self.shape = shape
        self.epsilon = epsilon
        weight = affine ? Parameter(shape, .ones, role: .norm) : nil
        self.bias = affine && bias ? Parameter(shape, .zeros, role: .norm) : nil
    }

    /// Makes the layer for the length of the last axis.
    public convenience init(_ length: Int, epsilon: Float = 1e-5, affine: Bool = true, bias: Bool = true) {
        self.init(Shape([length]), epsilon: epsilon, affine: affine, bias: bias)
    }

    /// `LayerNorm [128]`
    public var label: String { "LayerNorm \(shape)" }

    /// Any shape that ends with the normalised one.
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        guard x.shape.array.suffix(shape.rank) == shape.array[...] else {
            return failed(label, "input is \(x.shape), expected one that ends with \(shape)")
        }
        return x.layerNorm(axes: shape.rank, scale: weight?.tensor, shift: bias?.tensor, epsilon: epsilon)
    }
}
