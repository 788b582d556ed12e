import HoneTensor

/// The hyperbolic tangent, element by element.
public final class Tanh: Module {
    /// Makes the layer.
    public init() {}

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.tanh() }
}
