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

/// A metric made of a function of all predictions at once, which are kept until the value is read: fastai's
/// `AccumMetric`.
///
/// - Shape: batches that differ in their first axis alone
public struct CollectedMetric: Metric {
    /// The name.
    public let name: String
    /// Which way it gets better.
    public let direction: Direction
    private let function: @Sendable (Tensor, Tensor) -> Double

    /// Makes a metric of a function of all predictions and all targets.
    public init(
        _ name: String, _ direction: Direction = .higherIsBetter,
        _ function: @escaping @Sendable (_ prediction: Tensor, _ target: Tensor) -> Double
    ) {
        self.name = name
        self.direction = direction
        self.function = function
    }

    /// Everything so far.
    public struct State: MetricState {
        var predictions: [Tensor]
        var targets: [Tensor]
        let function: @Sendable (Tensor, Tensor) -> Double

        /// Both together, in this order.
        public static func + (a: State, b: State) -> State {
            State(
                predictions: a.predictions + b.predictions, targets: a.targets + b.targets, function: a.function)
        }

        /// The function's value.
        public var value: Double {
            guard !predictions.isEmpty else { return .nan }
            return function(.concatenate(predictions), .concatenate(targets))
        }
    }

    /// Keeps a batch, if it has samples.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> State {
        guard prediction.rank > 0, target.rank > 0, prediction.shape[0] == target.shape[0] else {
            throw TensorError(
                operation: name,
                problem: "predictions are \(prediction.shape) and targets \(target.shape), expected [samples, ...] both"
            )
        }
        let isEmpty = target.shape[0] == 0
        return State(
            predictions: isEmpty ? [] : [prediction.detached()], targets: isEmpty ? [] : [target.detached()],
            function: function)
    }
}
