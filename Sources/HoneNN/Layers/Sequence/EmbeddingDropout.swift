import HoneTensor

/// In training, drops whole words: all places of one have the same fate (Gal and Ghahramani 2016; fastai's
/// EmbeddingDropout).
///
/// - Shape: indices `[...]` -> `[..., features]`, as the embedding
public final class EmbeddingDropout: TrainingModeDependent {
    /// What gives each index its row.
    public let embedding: any Module

    /// The number of words.
    public let words: Int

    /// The share of words that is dropped, 0...1.
    public let probability: Float

    /// Whether words are dropped.
    public var isTraining = true

    /// Makes the layer around an embedding of `words` words; a probability outside 0...1 is an error of its first use.
    public init(_ embedding: any Module, words: Int, _ probability: Float) {
        (self.embedding, self.words, self.probability) = (embedding, words, probability)
    }

    /// `EmbeddingDropout 0.1`
    public var label: String { "EmbeddingDropout \(probability)" }

    /// To drop the row of a word is to drop what the embedding gives for it.
    public func forward(_ indices: Tensor) -> Tensor {
        let rows = embedding(indices)
        if rows.isInert { return rows }
        guard probability >= 0, probability <= 1 else {
            return failed(label, "probability is \(probability), expected 0...1")
        }
        guard isTraining, probability > 0 else { return rows }
        return rows * Tensor.ones([words, 1]).dropout(probability).rows(indices)
    }

    /// The embedding alone.
    public func visitChildren(_ visitor: inout ModuleVisitor) { visitor.visit("emb", embedding) }
}
