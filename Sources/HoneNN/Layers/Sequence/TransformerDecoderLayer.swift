import HoneTensor

/// A layer of a transformer's decoder (Vaswani et al. 2017, section 3.1): self attention, attention to the encoder's
/// output, then two dense layers, each with a residual connection and a layer normalisation.
///
/// - Shape: target `[batch, time, features]`, memory `[batch, keys, features]` -> `[batch, time, features]`; time first
///   with `batchFirst: false`
///
/// Names and initial values are PyTorch's.
public final class TransformerDecoderLayer: MultiInputModule {
    let attention, crossAttention: MultiheadAttention
    let feedForward: TransformerFeedForward
    let norm1, norm2, norm3: LayerNorm
    let dropout1, dropout2, dropout3: Dropout
    private let normFirst: Bool

    /// Makes the layer.
    ///
    /// All as for ``TransformerEncoderLayer``.
    /// - Parameters:
    ///   - batchFirst: whether the batch comes before time; true by default, unlike PyTorch and recurrent layers.
    public init(
        _ features: Int, heads: Int, feedForward: Int = 2048, dropout: Float = 0.1,
        activation: TransformerActivation = .relu, epsilon: Float = 1e-5, normFirst: Bool = false, bias: Bool = true,
        batchFirst: Bool = true
    ) {
        attention = MultiheadAttention(features, heads: heads, dropout: dropout, bias: bias, batchFirst: batchFirst)
        crossAttention = MultiheadAttention(
            features, heads: heads, dropout: dropout, bias: bias, batchFirst: batchFirst)
        self.feedForward = TransformerFeedForward(features, feedForward, dropout, activation, bias: bias)
        norm1 = LayerNorm(features, epsilon: epsilon, bias: bias)
        norm2 = LayerNorm(features, epsilon: epsilon, bias: bias)
        norm3 = LayerNorm(features, epsilon: epsilon, bias: bias)
        dropout1 = Dropout(dropout)
        dropout2 = Dropout(dropout)
        dropout3 = Dropout(dropout)
        self.normFirst = normFirst
    }

    /// The layer's output for target and memory, without masks.
    public func forward(_ inputs: [Tensor]) -> [Tensor] {
        guard inputs.count == 2 else { return [failed(label, "\(inputs.count) inputs, expected target and memory")] }
        return [forward(inputs[0], memory: inputs[1], masks: TransformerMasks())]
    }

    /// The layer's output for a target and the encoder's output.
    public func callAsFunction(
        _ target: Tensor, memory: Tensor, masks: TransformerMasks = TransformerMasks()
    ) -> Tensor {
        traced([target, memory], outputs: { [$0] }) { forward(target, memory: memory, masks: masks) }
    }

    func forward(_ target: Tensor, memory: Tensor, masks: TransformerMasks) -> Tensor {
        func own(_ x: Tensor) -> Tensor {
            dropout1(attention(x, mask: masks.target, keyPadding: masks.targetPadding, isCausal: masks.isCausal))
        }
        func cross(_ x: Tensor) -> Tensor {
            dropout2(
                crossAttention(
                    query: x, key: memory, value: memory, mask: masks.memory, keyPadding: masks.memoryPadding))
        }
        if normFirst {
            let x = target + own(norm1(target))
            let y = x + cross(norm2(x))
            return y + dropout3(feedForward(norm3(y)))
        }
        let x = norm1(target + own(target))
        let y = norm2(x + cross(x))
        return norm3(y + dropout3(feedForward(y)))
    }

    /// Names the parts as PyTorch does.
    public func visitChildren(_ visitor: inout ModuleVisitor) {
        visitor.visit("self_attn", attention)
        visitor.visit("multihead_attn", crossAttention)
        feedForward.visitChildren(&visitor)
        for (name, norm) in zip(["norm1", "norm2", "norm3"], [norm1, norm2, norm3]) { visitor.visit(name, norm) }
        let dropouts = [dropout1, dropout2, dropout3]
        for (name, dropout) in zip(["dropout1", "dropout2", "dropout3"], dropouts) { visitor.visit(name, dropout) }
    }
}

/// The masks of a decoder, each as ``MultiheadAttention`` has them.
public struct TransformerMasks {
    /// Which target a target sees, `[time, time]`.
    public var target: Tensor?
    /// Which of the memory a target sees, `[time, keys]`.
    public var memory: Tensor?
    /// Targets that are padding, `[batch, time]`.
    public var targetPadding: Tensor?
    /// What of the memory is padding, `[batch, keys]`.
    public var memoryPadding: Tensor?
    /// Whether a target sees itself and those before it alone.
    public var isCausal: Bool

    /// Makes a set of masks; none by default.
    public init(
        target: Tensor? = nil, memory: Tensor? = nil, targetPadding: Tensor? = nil, memoryPadding: Tensor? = nil,
        isCausal: Bool = false
    ) {
        (self.target, self.memory) = (target, memory)
        (self.targetPadding, self.memoryPadding, self.isCausal) = (targetPadding, memoryPadding, isCausal)
    }
}
