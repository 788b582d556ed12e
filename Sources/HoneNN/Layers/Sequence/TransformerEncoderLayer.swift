import HoneTensor

/// The nonlinearity between a transformer layer's two dense layers.
public enum TransformerActivation: Sendable, Hashable, Codable {
    /// What is negative becomes 0.
    case relu
    /// The exact Gaussian error linear unit.
    case gelu
}

/// A layer of a transformer's encoder (Vaswani et al. 2017, section 3.1): self attention, then two dense layers, each
/// with a residual connection and a layer normalisation.
///
/// - Shape: `[batch, time, features]`, which stays; `[time, batch, features]` with `batchFirst: false`
///
/// Names and initial values are PyTorch's.
public final class TransformerEncoderLayer: Module {
    let attention: MultiheadAttention
    let feedForward: TransformerFeedForward
    let norm1, norm2: LayerNorm
    let dropout1, dropout2: Dropout
    private let normFirst: Bool

    /// Makes the layer.
    ///
    /// - Parameters:
    ///   - features: the width of what goes through, a multiple of `heads`.
    ///   - feedForward: the width between the two dense layers.
    ///   - dropout: the share that is dropped in training: of the attention's weights, after the attention, between and
    ///     after the dense layers.
    ///   - normFirst: whether each part is normalised before it, rather than after the residual connection.
    ///   - batchFirst: whether the batch comes before time; true by default, unlike PyTorch and recurrent layers.
    public init(
        _ features: Int, heads: Int, feedForward: Int = 2048, dropout: Float = 0.1,
        activation: TransformerActivation = .relu, epsilon: Float = 1e-5, normFirst: Bool = false, bias: Bool = true,
        batchFirst: Bool = true
    ) {
        attention = MultiheadAttention(features, heads: heads, dropout: dropout, bias: bias, batchFirst: batchFirst)
        self.feedForward = TransformerFeedForward(features, feedForward, dropout, activation, bias: bias)
        norm1 = LayerNorm(features, epsilon: epsilon, bias: bias)
        norm2 = LayerNorm(features, epsilon: epsilon, bias: bias)
        dropout1 = Dropout(dropout)
        dropout2 = Dropout(dropout)
        self.normFirst = normFirst
    }

    /// The layer without masks.
    public func forward(_ x: Tensor) -> Tensor { forward(x, mask: nil) }

    /// The layer with masks, as ``MultiheadAttention`` has them.
    public func callAsFunction(
        _ x: Tensor, mask: Tensor?, keyPadding: Tensor? = nil, isCausal: Bool = false
    ) -> Tensor {
        traced([x], outputs: { [$0] }) { forward(x, mask: mask, keyPadding: keyPadding, isCausal: isCausal) }
    }

    func forward(_ x: Tensor, mask: Tensor?, keyPadding: Tensor? = nil, isCausal: Bool = false) -> Tensor {
        if normFirst {
            let y = x + dropout1(attention(norm1(x), mask: mask, keyPadding: keyPadding, isCausal: isCausal))
            return y + dropout2(feedForward(norm2(y)))
        }
        let y = norm1(x + dropout1(attention(x, mask: mask, keyPadding: keyPadding, isCausal: isCausal)))
        return norm2(y + dropout2(feedForward(y)))
    }

    /// Names the parts as PyTorch does.
    public func visitChildren(_ visitor: inout ModuleVisitor) {
        visitor.visit("self_attn", attention)
        feedForward.visitChildren(&visitor)
        visitor.visit("norm1", norm1)
        visitor.visit("norm2", norm2)
        visitor.visit("dropout1", dropout1)
        visitor.visit("dropout2", dropout2)
    }
}

/// The two dense layers of a transformer's layer: `[..., features]`, which stays.
final class TransformerFeedForward: Module {
    private let linear1, linear2: Linear
    private let dropout: Dropout
    private let activation: TransformerActivation

    init(_ features: Int, _ width: Int, _ dropout: Float, _ activation: TransformerActivation, bias: Bool) {
        linear1 = Linear(features, width, bias: bias)
        linear2 = Linear(width, features, bias: bias)
        self.dropout = Dropout(dropout)
        self.activation = activation
    }

    func forward(_ x: Tensor) -> Tensor {
        switch activation {
        case .relu: return linear2(dropout(linear1.callWithReLU(x)))
        case .gelu: return linear2(dropout(linear1(x).gelu()))
        }
    }

    /// The parts go by these names in the layer that holds this one.
    func visitChildren(_ visitor: inout ModuleVisitor) {
        visitor.visit("linear1", linear1)
        visitor.visit("dropout", dropout)
        visitor.visit("linear2", linear2)
    }
}
