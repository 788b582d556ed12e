import HoneTensor

/// Encoder layers one after the other. Their names are PyTorch's: `layers.0.…`, and `norm`.
public final class TransformerEncoder: Module {
    /// The layers in order.
    public let layers: [TransformerEncoderLayer]
    /// What comes after the last layer; as a rule a ``LayerNorm`` where layers normalise first.
    public let norm: (any Module)?

    /// Makes an encoder of `count` layers, each made by `makeLayer`.
    public init(count: Int, norm: (any Module)? = nil, _ makeLayer: () -> TransformerEncoderLayer) {
        layers = (0..<max(0, count)).map { _ in makeLayer() }
        self.norm = norm
    }

    /// All layers without masks.
    public func forward(_ x: Tensor) -> Tensor { forward(x, mask: nil) }

    /// All layers with the same masks, as ``MultiheadAttention`` has them.
    public func callAsFunction(
        _ x: Tensor, mask: Tensor?, keyPadding: Tensor? = nil, isCausal: Bool = false
    ) -> Tensor {
        traced([x], outputs: { [$0] }) { forward(x, mask: mask, keyPadding: keyPadding, isCausal: isCausal) }
    }

    func forward(_ x: Tensor, mask: Tensor?, keyPadding: Tensor? = nil, isCausal: Bool = false) -> Tensor {
        let y = layers.reduce(x) { $1($0, mask: mask, keyPadding: keyPadding, isCausal: isCausal) }
        return norm.map { $0(y) } ?? y
    }
}
