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
