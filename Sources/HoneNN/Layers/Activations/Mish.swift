import HoneTensor

/// x tanh(log(1 + e^x)) (Misra 2019).
public final class Mish: Module {
    /// Makes the layer.
    public init() {}

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.mish() }
}
