/// A metric made of a function of a batch: its mean over batches, weighted by their samples.
///
/// ```swift
/// FunctionMetric("bias", .lowerIsBetter) { prediction, target in Double((prediction - target).mean().item()) }
/// ```
///
/// What is no mean over samples (a correlation, an area) needs ``CollectedMetric``.
/// - Shape: whatever the function takes; the first axis of the target counts samples
public struct FunctionMetric: Metric {
    /// The name.
    public let name: String
    /// Which way it gets better.
    public let direction: Direction
    private let function: @Sendable (Tensor, Tensor) throws -> Double

    /// Makes a metric of a function from prediction and target to their mean.
    public init(
        _ name: String, _ direction: Direction = .higherIsBetter,
        _ function: @escaping @Sendable (_ prediction: Tensor, _ target: Tensor) throws -> Double
    ) {
        self.name = name
        self.direction = direction
        self.function = function
    }

    /// The function's value times the number of samples; a batch without samples counts nothing.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> MeanState {
        let count = Double(target.rank == 0 ? 1 : target.shape[0])
        guard count > 0 else { return MeanState(sum: 0, count: 0) }
        let value = try function(prediction, target)
        try throwPendingTensorError()
        return MeanState(sum: value * count, count: count)
    }
}
