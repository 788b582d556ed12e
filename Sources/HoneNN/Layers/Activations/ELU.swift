import HoneTensor

/// x where it is positive, `alpha` (e^x − 1) elsewhere (Clevert, Unterthiner and Hochreiter 2016).
public final class ELU: Module {
    private let alpha: Float

    /// Makes the layer; `alpha` is what the output falls to, negated.
    public init(alpha: Float = 1) { self.alpha = alpha }

    /// `ELU 1.0`
    public var label: String { "ELU \(alpha)" }

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.elu(alpha: alpha) }
}
