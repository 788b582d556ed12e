import HoneTensor

/// max(0, x), element by element.
public final class ReLU: Module {
    /// Makes the layer.
    public init() {}

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.relu() }
}
