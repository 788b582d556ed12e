import HoneTensor

/// A loss that knows what a model's outputs mean: how they become probabilities, and how those become an answer.
///
/// fastai's `activation` and `decodes` of a loss.
public protocol DecodingLoss: Loss {
    /// The outputs as probabilities, in their shape.
    func activated(_ outputs: Tensor) -> Tensor

    /// The answers that probabilities give, such as the likeliest classes.
    func decoded(_ probabilities: Tensor) -> Tensor
}

extension CrossEntropy: DecodingLoss {
    /// The softmax over the classes.
    public func activated(_ outputs: Tensor) -> Tensor { outputs.softmax(axis: axis) }

    /// The likeliest classes, int32.
    public func decoded(_ probabilities: Tensor) -> Tensor { probabilities.argmax(axis: axis) }
}

extension Focal: DecodingLoss {
    /// The softmax over the classes.
    public func activated(_ outputs: Tensor) -> Tensor { outputs.softmax(axis: axis) }

    /// The likeliest classes, int32.
    public func decoded(_ probabilities: Tensor) -> Tensor { probabilities.argmax(axis: axis) }
}

extension NegativeLogLikelihood: DecodingLoss {
    /// The outputs are logarithms of probabilities.
    public func activated(_ outputs: Tensor) -> Tensor { outputs.exp() }

    /// The likeliest classes, int32.
    public func decoded(_ probabilities: Tensor) -> Tensor { probabilities.argmax(axis: axis) }
}

extension BinaryCrossEntropyWithLogits: DecodingLoss {
    /// The sigmoid of each output.
    public func activated(_ outputs: Tensor) -> Tensor { outputs.sigmoid() }

    /// 1 where the probability is above a half, else 0, int32.
    public func decoded(_ probabilities: Tensor) -> Tensor { probabilities.isAboveHalf }
}

extension BinaryFocal: DecodingLoss {
    /// The sigmoid of each output.
    public func activated(_ outputs: Tensor) -> Tensor { outputs.sigmoid() }

    /// 1 where the probability is above a half, else 0, int32.
    public func decoded(_ probabilities: Tensor) -> Tensor { probabilities.isAboveHalf }
}

extension BinaryCrossEntropy: DecodingLoss {
    /// The outputs are probabilities already.
    public func activated(_ outputs: Tensor) -> Tensor { outputs }

    /// 1 where the probability is above a half, else 0, int32.
    public func decoded(_ probabilities: Tensor) -> Tensor { probabilities.isAboveHalf }
}

extension Tensor {
    fileprivate var isAboveHalf: Tensor {
        isInert ? self : Tensor(scalars.map { $0 > 0.5 ? Int32(1) : 0 }, shape: shape)
    }
}
