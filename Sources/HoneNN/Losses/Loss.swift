import HoneTensor

/// What a loss found for a batch: a sum, and the number that divides it.
///
/// Keeping the two apart makes accumulation over unequal batches exact: the loop adds sums and counts, and divides
/// once.
public struct LossValue {
    /// The sum over the elements that count, a scalar that the tape follows.
    public var sum: Tensor

    /// The number of elements (samples, values, tokens) in the sum, or the sum of their weights.
    public var count: Double

    /// Makes a value.
    public init(sum: Tensor, count: Double) {
        self.sum = sum
        self.count = count
    }

    /// The mean, sum / count; reads the tensor.
    public var mean: Double { Double(sum.item()) / count }
}

/// What becomes of the losses of a batch's elements.
public enum Reduction: String, Hashable, Sendable, Codable {
    /// Their sum.
    case sum
    /// Their sum by the loss's count.
    case mean
    /// They stay as they are.
    case none
}

/// What training makes small.
public protocol Loss {
    /// The loss of a model's prediction for a target.
    func evaluate(_ prediction: Tensor, _ target: Tensor) -> LossValue
}

extension Loss {
    /// The mean loss as a tensor, or the sum, or the losses of the single elements.
    ///
    /// Only an ``ElementwiseLoss`` has losses of elements; asking another for them is a tensor error.
    public func callAsFunction(_ prediction: Tensor, _ target: Tensor, reduction: Reduction = .mean) -> Tensor {
        switch reduction {
        case .sum: return evaluate(prediction, target).sum
        case .mean:
            let value = evaluate(prediction, target)
            return value.sum / Float(value.count)
        case .none:
            guard let loss = self as? any ElementwiseLoss else {
                return failed(label, "the losses of single elements are not known, only their sum")
            }
            return loss.elements(prediction, target).values
        }
    }

    /// What errors call the loss: its type's name.
    var label: String { "\(Self.self)" }
}

// MARK: Losses of elements

/// The losses of a batch's elements (samples, values, tokens).
public struct LossElements {
    /// The loss of each element; 0 for one that does not count.
    public var values: Tensor

    /// What divides the sum for a mean: the number of elements that count, or the sum of their weights.
    public var count: Double

    /// Makes the losses of elements.
    public init(_ values: Tensor, count: Double) {
        self.values = values
        self.count = count
    }
}

/// A loss that is the sum of the losses of elements, each of which can be asked for.
public protocol ElementwiseLoss: Loss {
    /// The loss of each element of a batch.
    func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements
}

extension ElementwiseLoss {
    /// The sum of the elements' losses, with their count.
    public func evaluate(_ prediction: Tensor, _ target: Tensor) -> LossValue {
        let elements = elements(prediction, target)
        return LossValue(sum: elements.values.sum(), count: elements.count)
    }

    /// The losses of a prediction and a target of floats and one shape, which count one each.
    func pairs(_ prediction: Tensor, _ target: Tensor, _ losses: () -> Tensor) -> LossElements {
        if prediction.isInert || target.isInert {
            return LossElements(prediction.isInert ? prediction : target, count: 0)
        }
        guard prediction.elementType == .float32, target.elementType == .float32, prediction.shape == target.shape
        else {
            let problem =
                "predictions are \(prediction.elementType) \(prediction.shape) and targets \(target.elementType) "
                + "\(target.shape), expected float32 of one shape"
            return LossElements(failed(label, problem), count: 0)
        }
        return LossElements(losses(), count: Double(prediction.count))
    }
}
