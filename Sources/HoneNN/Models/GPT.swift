import HoneTensor

/// A small language model of transformer blocks, built as GPT-2 (Radford et al. 2019): learned positions, normalisation
/// before each part of a block, a GELU between its dense layers, and attention to what came before alone.
///
/// ```swift
/// let model = GPT(words: 65, length: 128, features: 128, heads: 4, layers: 4)
/// ```
/// - Shape: words `[batch, time]` (int32), up to `length` of them, `-> [batch, time, words]` (logits)
///
/// Initial values are GPT-2's: normal with the deviation 0.02, divided by √(2 layers) where a block's part ends, and
/// biases of 0. The names within a block are those of PyTorch's `TransformerEncoderLayer`.
public final class GPT: Module, LayerGrouped {
    private let token: Embedding
    private let position: LearnedEncoding
    private let blocks: [TransformerEncoderLayer]
    private let norm: LayerNorm
    private let head: Linear

    /// Makes the model.
    ///
    /// - Parameters:
    ///   - words: how many there are.
    ///   - length: how many of them it can see at most.
    ///   - features: the width of what goes through, a multiple of `heads`.
    ///   - heads: those of each attention.
    ///   - layers: the number of blocks.
    ///   - feedForward: the width between a block's two dense layers; four times the features when nil.
    ///   - dropout: the share that is dropped in training.
    ///   - tiesHead: whether the head's weight is the embedding's.
    public init(
        words: Int, length: Int, features: Int = 128, heads: Int = 4, layers: Int = 4, feedForward: Int? = nil,
        dropout: Float = 0, tiesHead: Bool = false
    ) {
        let normal = Initialiser.normal(mean: 0, deviation: 0.02)
        token = Embedding(words, features)
        token.weight.initialiser = normal
        position = LearnedEncoding(length, features, deviation: 0.02, dropout: dropout)
        blocks = (0..<max(0, layers)).map { _ in
            TransformerEncoderLayer(
                features, heads: heads, feedForward: feedForward ?? 4 * features, dropout: dropout, activation: .gelu,
                normFirst: true)
        }
        norm = LayerNorm(features)
        head = tiesHead ? Linear(sharing: token.weight, bias: nil) : Linear(features, words, weight: normal, bias: nil)
        let last = Initialiser.normal(mean: 0, deviation: 0.02 / Float(max(1, 2 * layers)).squareRoot())
        for block in blocks {
            for (name, parameter) in block.parameters where !name.hasPrefix("norm") {
                let endsPart = name == "self_attn.out_proj.weight" || name == "linear2.weight"
                parameter.initialiser = name.hasSuffix("bias") ? .zeros : endsPart ? last : normal
            }
        }
    }

    /// `GPT 65 words, 4 blocks`
    public var label: String { "GPT \(token.count) words, \(blocks.count) blocks" }

    /// Embeddings, blocks, and what follows them.
    public var groupStarts: [String] { (blocks.isEmpty ? [] : ["blocks"]) + ["norm"] }

    /// `[batch, time]` (int32) `-> [batch, time, words]`
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        guard x.elementType == .int32, x.rank == 2 else {
            return failed(label, "input is \(x.elementType) \(x.shape), expected int32 [batch, time]")
        }
        var y = position(token(x))
        for block in blocks { y = block(y, mask: nil, isCausal: true) }
        return head(norm(y))
    }
}
