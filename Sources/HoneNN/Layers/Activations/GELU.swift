import HoneTensor

/// x Φ(x), with the normal distribution's Φ (Hendrycks and Gimpel 2016); by tanh when `approximate`.
public final class GELU: Module {
    private let approximate: Bool

    /// Makes the layer; `approximate` takes the formula by tanh, which is faster and off by up to 5e-4.
    public init(approximate: Bool = false) { self.approximate = approximate }

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.gelu(approximate: approximate) }
}
