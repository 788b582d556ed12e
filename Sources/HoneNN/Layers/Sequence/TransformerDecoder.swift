import HoneTensor

/// Decoder layers one after the other. Their names are PyTorch's: `layers.0.…`, and `norm`.
public final class TransformerDecoder: MultiInputModule {
    /// The layers in order.
    public let layers: [TransformerDecoderLayer]
    /// What comes after the last layer; as a rule a ``LayerNorm`` where layers normalise first.
    public let norm: (any Module)?

    /// Makes a decoder of `count` layers, each made by `makeLayer`.
    public init(count: Int, norm: (any Module)? = nil, _ makeLayer: () -> TransformerDecoderLayer) {
        layers = (0..<max(0, count)).map { _ in makeLayer() }
        self.norm = norm
    }

    /// The output for target and memory, without masks.
    public func forward(_ inputs: [Tensor]) -> [Tensor] {
        guard inputs.count == 2 else { return [failed(label, "\(inputs.count) inputs, expected target and memory")] }
        return [forward(inputs[0], memory: inputs[1], masks: TransformerMasks())]
    }

    /// The output for a target and the encoder's output; all layers have the same masks.
    public func callAsFunction(
        _ target: Tensor, memory: Tensor, masks: TransformerMasks = TransformerMasks()
    ) -> Tensor {
        traced([target, memory], outputs: { [$0] }) { forward(target, memory: memory, masks: masks) }
    }

    func forward(_ target: Tensor, memory: Tensor, masks: TransformerMasks) -> Tensor {
        let y = layers.reduce(target) { $1($0, memory: memory, masks: masks) }
        return norm.map { $0(y) } ?? y
    }
}
