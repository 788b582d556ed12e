import HoneTensor

/// x where it is positive, `slope` · x elsewhere (Maas, Hannun and Ng 2013).
public final class LeakyReLU: Module {
    private let slope: Float

    /// Makes the layer; `slope` is that of the negative side.
    public init(_ slope: Float = 0.01) { self.slope = slope }

    /// `LeakyReLU 0.01`
    public var label: String { "LeakyReLU \(slope)" }

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.leakyReLU(slope) }
}
