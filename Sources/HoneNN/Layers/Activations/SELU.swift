import HoneTensor

/// The self-normalising ELU (Klambauer et al. 2017).
public final class SELU: Module {
    /// Makes the layer.
    public init() {}

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.selu() }
}
