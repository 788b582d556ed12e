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

/// What training makes small.
public protocol Loss {
    /// The loss of a model's prediction for a target.
    func evaluate(_ prediction: Tensor, _ target: Tensor) -> LossValue
}

extension Loss {
    /// The mean loss as a tensor.
    public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
        let value = evaluate(prediction, target)
        return value.sum / Float(value.count)
    }
}

/// A loss made of a function.
public struct FunctionLoss: Loss {
    private let function: (Tensor, Tensor) -> LossValue

    /// Makes a loss of a function from prediction and target to sum and count.
    public init(_ function: @escaping (Tensor, Tensor) -> LossValue) { self.function = function }

    /// The function's value.
    public func evaluate(_ prediction: Tensor, _ target: Tensor) -> LossValue { function(prediction, target) }
}
