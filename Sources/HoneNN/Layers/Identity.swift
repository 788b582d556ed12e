import HoneTensor

/// Gives back its input; it stands where a layer was taken away.
public final class Identity: Module {
    /// Makes the layer.
    public init() {}

    /// Any tensor, which stays.
    public func forward(_ x: Tensor) -> Tensor { x }
}
