import HoneTensor

/// A gated recurrent unit (Cho et al. 2014), with the reset gate after the product with the state, as in PyTorch.
///
/// n = tanh(W x + b + σ(r) (U h + c)), h' = (1 − σ(z)) n + σ(z) h; the weights' rows are those of r, z, n.
public final class GRU: RecurrentLayer {
    /// Makes the layer.
    ///
    /// - Parameters:
    ///   - inputs: the number of features that come in.
    ///   - hidden: the width of the state; at least 1.
    ///   - layers: how many are one above the other; at least 1.
    ///   - batchFirst: whether the batch comes before time; false by default, as in PyTorch and unlike attention here.
    ///   - dropout: the share of each layer's outputs, but the last one's, that is dropped in training.
    public init(
        _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false, dropout: Float = 0,
        bidirectional: Bool = false
    ) {
        super.init(
            .gru, inputs, hidden, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
            isBidirectional: bidirectional)
    }
}
