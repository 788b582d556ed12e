import HoneTensor

/// A plain recurrent layer (Elman 1990): h' = tanh(W x + b + U h + c), or the same with a ReLU.
public final class RNN: RecurrentLayer {
    /// What is applied to the sum.
    public enum Activation: Sendable {
        /// The hyperbolic tangent.
        case tanh
        /// What is negative becomes 0.
        case relu
    }

    /// Makes the layer.
    ///
    /// - Parameters:
    ///   - inputs: the number of features that come in.
    ///   - hidden: the width of the state; at least 1.
    ///   - layers: how many are one above the other; at least 1.
    ///   - batchFirst: whether the batch comes before time; false by default, as in PyTorch and unlike attention here.
    ///   - dropout: the share of each layer's outputs, but the last one's, that is dropped in training.
    public init(
        _ inputs: Int, _ hidden: Int, layers: Int = 1, activation: Activation = .tanh, bias: Bool = true,
        batchFirst: Bool = false, dropout: Float = 0, bidirectional: Bool = false
    ) {
        super.init(
            activation == .tanh ? .tanh : .relu, inputs, hidden, layers: layers, bias: bias, batchFirst: batchFirst,
            dropout: dropout, isBidirectional: bidirectional)
    }
}
