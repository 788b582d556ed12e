import HoneTensor

/// A loss made of a function.
public struct FunctionLoss: Loss {
    private let function: (Tensor, Tensor) -> LossValue

    /// Makes a loss of a function from prediction and target to sum and count.
    public init(_ function: @escaping (Tensor, Tensor) -> LossValue) { self.function = function }

    /// The function's value.
    public func evaluate(_ prediction: Tensor, _ target: Tensor) -> LossValue { function(prediction, target) }
}
