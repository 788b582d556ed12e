import HoneTensor

/// x where it is positive, `alpha` (e^(x / alpha) − 1) elsewhere (Barron 2017).
public final class CELU: Module {
    private let alpha: Float

    /// Makes the layer; an `alpha` of 0 is an error of its first use.
    public init(alpha: Float = 1) { self.alpha = alpha }

    /// `CELU 1.0`
    public var label: String { "CELU \(alpha)" }

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.celu(alpha: alpha) }
}
