import HoneTensor

/// The first half of an axis times the sigmoid of its second, the gated linear unit (Dauphin et al. 2017).
///
/// - Shape: `[..., 2 n, ...] -> [..., n, ...]`
public final class GLU: Module {
    private let axis: Int

    /// Makes the layer; a negative axis counts from the end.
    public init(axis: Int = -1) { self.axis = axis }

    /// `GLU over -1`
    public var label: String { "GLU over \(axis)" }

    /// `[..., 2 n, ...] -> [..., n, ...]`
    public func forward(_ x: Tensor) -> Tensor { x.glu(axis: axis) }
}
