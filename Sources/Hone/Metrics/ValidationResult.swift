/// What a validation found.
public struct ValidationResult: Sendable, Equatable {
    /// The mean loss.
    public let loss: Double

    /// Which weights were in the model: see ``Learner/weightsInUse``.
    public internal(set) var weights = Learner.trainedWeights

    /// The metrics' values by name, in their order.
    public let metrics: [Measured]

    /// One metric's value.
    public struct Measured: Sendable, Equatable, Codable {
        /// The metric's name.
        public let name: String
        /// Its value.
        public let value: Double
        /// Which way it gets better.
        public let direction: Direction
    }

    /// A metric's value by its name, or nil.
    public subscript(name: String) -> Double? { metrics.first { $0.name == name }?.value }
}

/// Collects losses and metrics over the batches of a validation.
struct ValidationAccumulator {
    private var loss = LossMean()
    private var accumulators: [any MetricAccumulator]

    init(_ metrics: [any Metric]) {
        func open<M: Metric>(_ metric: M) -> any MetricAccumulator { Accumulator(metric: metric) }
        accumulators = metrics.map { open($0) }
    }

    mutating func add(_ value: LossValue, _ predictions: [Tensor], _ batch: Batch) throws {
        loss.sum += Double(value.sum.item())
        loss.count += value.count
        guard let prediction = predictions.first, let target = batch.target else { return }
        for index in accumulators.indices { try accumulators[index].add(prediction, target) }
    }

    var result: ValidationResult { ValidationResult(loss: loss.value, metrics: accumulators.map(\.measured)) }
}

private protocol MetricAccumulator {
    mutating func add(_ prediction: Tensor, _ target: Tensor) throws
    var measured: ValidationResult.Measured { get }
}

private struct Accumulator<M: Metric>: MetricAccumulator {
    let metric: M
    var state: M.State?

    mutating func add(_ prediction: Tensor, _ target: Tensor) throws {
        let part = try metric.measure(prediction, target)
        state = state.map { $0 + part } ?? part
    }

    var measured: ValidationResult.Measured {
        ValidationResult.Measured(name: metric.name, value: state?.value ?? .nan, direction: metric.direction)
    }
}
