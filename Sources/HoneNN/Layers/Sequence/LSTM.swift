import HoneTensor

/// Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000).
///
/// c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c'); the weights' rows are those of i, f, g, o, as in PyTorch.
public final class LSTM: RecurrentLayer {
    /// Makes the layer.
    ///
    /// - Parameters:
    ///   - inputs: the number of features that come in.
    ///   - hidden: the width of state and cell; at least 1.
    ///   - layers: how many are one above the other; at least 1.
    ///   - batchFirst: whether the batch comes before time; false by default, as in PyTorch and unlike attention here.
    ///   - projection: the width of the outputs and the hidden state where they are projected (Sak et al. 2014; PyTorch's
    ///     `proj_size`), below `hidden`; 0 for none.
    ///   - dropout: the share of each layer's outputs, but the last one's, that is dropped in training.
    public init(
        _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false, dropout: Float = 0,
        bidirectional: Bool = false, projection: Int = 0
    ) {
        super.init(
            .lstm, inputs, hidden, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
            isBidirectional: bidirectional, projection: projection)
    }
}
