import HoneTensor

/// 1 / (1 + e^−x), element by element.
public final class Sigmoid: Module {
    /// Makes the layer.
    public init() {}

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.sigmoid() }
}
