import HoneTensor

/// min(max(x + 3, 0), 6) / 6, element by element.
public final class Hardsigmoid: Module {
    /// Makes the layer.
    public init() {}

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.hardsigmoid() }
}
