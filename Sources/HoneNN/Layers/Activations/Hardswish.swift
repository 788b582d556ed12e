import HoneTensor

/// x min(max(x + 3, 0), 6) / 6 (Howard et al. 2019).
public final class Hardswish: Module {
    /// Makes the layer.
    public init() {}

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.hardswish() }
}
