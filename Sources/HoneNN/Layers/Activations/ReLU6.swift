import HoneTensor

/// min(max(x, 0), 6), element by element.
public final class ReLU6: Module {
    /// Makes the layer.
    public init() {}

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.relu6() }
}
