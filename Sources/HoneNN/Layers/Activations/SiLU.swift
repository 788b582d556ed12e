import HoneTensor

/// x σ(x), also called swish (Hendrycks and Gimpel 2016; Ramachandran, Zoph and Le 2017).
public final class SiLU: Module {
    /// Makes the layer.
    public init() {}

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.silu() }
}
