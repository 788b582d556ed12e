import HoneTensor

/// A language model of LSTMs, each of whose weights of the state are dropped as a whole sequence goes through (Merity,
/// Keskar and Socher 2017, "Regularizing and Optimizing LSTM Language Models"), with fastai's sizes and dropouts.
///
/// ```swift
/// let model = AWDLSTM(10_000)
/// ```
/// - Shape: words `[batch, time]` (int32) `-> [batch, time, words]` (logits)
///
/// Every batch begins with states of zeros; ``callAsFunction(_:states:)`` takes and gives them, for a text in stretches.
public final class AWDLSTM: Module, LayerGrouped {
    /// The shares that are dropped in training, by fastai's names and defaults.
    public struct Dropouts: Hashable, Sendable, Codable {
        /// Of words, each in all its places (`embed_p`).
        public var words: Float = 0.02
        /// Of the features that enter the first layer (`input_p`).
        public var input: Float = 0.25
        /// Of the weights of the state (`weight_p`).
        public var weights: Float = 0.2
        /// Of the features between layers (`hidden_p`).
        public var hidden: Float = 0.15
        /// Of the features that enter the decoder (`output_p`).
        public var output: Float = 0.1

        /// fastai's shares times a factor (`drop_mult`).
        public init(scale: Float = 1) {
            words *= scale
            input *= scale
            weights *= scale
            hidden *= scale
            output *= scale
        }
    }

    private let encoder: Embedding
    private let encoder_dp: EmbeddingDropout
    private let input_dp: VariationalDropout
    private let rnns: [WeightDrop]
    private let hidden_dp: VariationalDropout
    private let output_dp: VariationalDropout
    private let decoder: Linear

    /// Makes the model.
    ///
    /// - Parameters:
    ///   - words: how many there are.
    ///   - embedding: the width of their vectors, and of the last layer.
    ///   - hidden: the width of the other layers.
    ///   - layers: how many LSTMs stand one above the other; at least 1.
    ///   - paddingIndex: the word that stands for none.
    ///   - dropouts: what is dropped in training.
    ///   - tiesDecoder: whether the decoder's weight is the embedding's (Inan et al. 2017, Press and Wolf 2017).
    ///   - bias: whether the decoder has one.
    public init(
        _ words: Int, embedding: Int = 400, hidden: Int = 1152, layers: Int = 3, paddingIndex: Int? = 1,
        dropouts: Dropouts = Dropouts(), tiesDecoder: Bool = true, bias: Bool = true
    ) {
        encoder = Embedding(words, embedding, paddingIndex: paddingIndex)
        encoder.weight.initialiser = .uniform(low: -0.1, high: 0.1)
        encoder_dp = EmbeddingDropout(encoder, words: words, dropouts.words)
        input_dp = VariationalDropout(dropouts.input)
        rnns = (0..<max(0, layers)).map { index in
            let (inputs, outputs) = (index == 0 ? embedding : hidden, index == layers - 1 ? embedding : hidden)
            return WeightDrop(LSTM(inputs, outputs, batchFirst: true), dropouts.weights)
        }
        hidden_dp = VariationalDropout(dropouts.hidden)
        output_dp = VariationalDropout(dropouts.output)
        decoder =
            tiesDecoder
            ? Linear(sharing: encoder.weight, bias: bias ? .zeros : nil)
            : Linear(embedding, words, weight: .uniform(low: -0.1, high: 0.1), bias: bias ? .zeros : nil)
    }

    /// `AWDLSTM 10000 words`
    public var label: String { "AWDLSTM \(encoder.count) words" }

    /// The embedding, each LSTM, and the decoder, as fastai cuts its text classifiers. A decoder without parameters of
    /// its own belongs to the embedding.
    public var groupStarts: [String] {
        let hasOwnDecoder = decoder.bias != nil || decoder.weight !== encoder.weight
        return rnns.indices.map { "rnns.\($0)" } + (hasOwnDecoder ? ["decoder"] : [])
    }

    /// `[batch, time]` (int32) `-> [batch, time, words]`
    public func forward(_ x: Tensor) -> Tensor { run(x, states: nil).output }

    /// The outputs, and the state of each layer after the last step. Hand the states to the call for the text's next
    /// stretch, ``RecurrentState/detached()`` so that gradients stay within a stretch.
    public func callAsFunction(_ x: Tensor, states: [RecurrentState]?) -> (output: Tensor, states: [RecurrentState]) {
        traced([x], outputs: { [$0.output] }) { run(x, states: states) }
    }

    private func run(_ x: Tensor, states: [RecurrentState]?) -> (output: Tensor, states: [RecurrentState]) {
        if x.isInert { return (x, []) }
        guard !rnns.isEmpty, states == nil || states?.count == rnns.count else {
            let given = states.map { "\($0.count) states for " } ?? ""
            return (failed(label, "\(given)\(rnns.count) layers, expected at least one, and a state for each"), [])
        }
        guard x.elementType == .int32, x.rank == 2 else {
            return (failed(label, "input is \(x.elementType) \(x.shape), expected int32 [batch, time]"), [])
        }
        var y = input_dp(encoder_dp(x))
        var finals: [RecurrentState] = []
        for (index, rnn) in rnns.enumerated() {
            let result = rnn(y, state: states?[index])
            finals.append(result.state)
            y = index + 1 < rnns.count ? hidden_dp(result.output) : result.output
        }
        return (decoder(output_dp(y)), finals)
    }
}
