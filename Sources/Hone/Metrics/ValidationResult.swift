/// What a validation found.
public struct ValidationResult: Sendable, Equatable {
    /// The mean loss.
    public let loss: Double

    /// Which weights were in the model: see ``Learner/weightsInUse``.
    public internal(set) var weights = Learner.trainedWeights

    /// Whether all of the set's batches were gone through: not when a request or an interrupt ended the validation. What is
    /// found over a part of a set is no figure of the set: callbacks that compare do not look at it (see ``Monitor``).
    public internal(set) var isComplete = true

    /// The metrics' values by name, in their order. Those of a named set that was not gone through to its end are not
    /// among them.
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

    /// The same with what was found over another set, whose name comes before its loss's and its metrics'.
    func adding(_ other: ValidationResult, of set: String) -> ValidationResult {
        let loss = Measured(name: "\(set) loss", value: other.loss, direction: .lowerIsBetter)
        let rest = other.metrics.map {
            Measured(name: "\(set) \($0.name)", value: $0.value, direction: $0.direction)
        }
        return ValidationResult(
            loss: self.loss, weights: weights, isComplete: isComplete, metrics: metrics + [loss] + rest)
    }
}

extension Learner {
    /// What an epoch's validations measure beside the loss: the metrics, and for each named set its loss and metrics.
    var measuredNames: [(name: String, direction: Direction)] {
        let own = metrics.map { (name: $0.name, direction: $0.direction) }
        return own
            + data.named.flatMap { set in
                [(name: "\(set.name) loss", direction: .lowerIsBetter)]
                    + own.map { (name: "\(set.name) \($0.name)", direction: $0.direction) }
            }
    }
}

/// Collects losses and metrics over the batches of a validation.
struct ValidationAccumulator {
    private var loss = LossMean()
    private var accumulators: [any MetricAccumulator]
    private var isEmpty = true

    init(_ metrics: [any Metric]) {
        func open<M: Metric>(_ metric: M) -> any MetricAccumulator { Accumulator(metric: metric) }
        accumulators = metrics.map { open($0) }
    }

    mutating func add(_ value: LossValue, _ predictions: [Tensor], _ batch: Batch) throws {
        isEmpty = false
        loss.sum += Double(value.sum.item())
        loss.count += value.count
        guard let prediction = predictions.first, let target = batch.target else { return }
        for index in accumulators.indices { try accumulators[index].add(prediction, target) }
    }

    /// What was found; nil when no batch was measured.
    var result: ValidationResult? {
        isEmpty ? nil : ValidationResult(loss: loss.value, metrics: accumulators.map(\.measured))
    }
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
