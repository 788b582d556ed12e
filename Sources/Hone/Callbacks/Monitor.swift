/// A figure of an epoch that callbacks watch.
public enum Monitor: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The mean loss over the epoch's training samples.
    case trainLoss
    /// The mean loss of the validation.
    case validLoss
    /// A metric of the validation, by its name; the metric says which way is better. Of a named validation set it is
    /// `.metric("NAME loss")`, or `"NAME accuracy"`.
    case metric(String)

    /// `train loss`, `valid loss`, or the metric's name.
    public var description: String {
        switch self {
        case .trainLoss: "train loss"
        case .validLoss: "valid loss"
        case .metric(let name): name
        }
    }

    /// Which way the figure gets better.
    ///
    /// - Throws: ``LearnerError/argument(_:value:expected:)`` when the learner does not have it: no such metric, or
    ///   nothing to validate with.
    func direction(in learner: Learner) throws -> Direction {
        if self != .trainLoss, learner.data.valid.batchCount == 0 {
            throw LearnerError.argument(
                "monitor", value: "\(self)", expected: "validation data, of which there is none")
        }
        guard case .metric(let name) = self else { return .lowerIsBetter }
        guard let metric = learner.measuredNames.first(where: { $0.name == name }) else {
            let names = learner.measuredNames.map(\.name).joined(separator: ", ")
            throw LearnerError.argument(
                "monitor", value: name, expected: names.isEmpty ? "a metric, of which there is none" : "one of \(names)"
            )
        }
        return metric.direction
    }

    /// The figure of the epoch that has just ended; nil when it was not measured.
    func value(in learner: Learner) -> Double? {
        switch self {
        case .trainLoss: learner.epochLoss
        case .validLoss: learner.epochValidation?.loss
        case .metric(let name): learner.epochValidation?[name]
        }
    }

    /// The figure of a validation amid an epoch that has just ended with its last set, all of it gone through; nil of
    /// training's.
    func valueWithinEpoch(in learner: Learner) -> Double? {
        guard learner.isValidatingWithinEpoch, learner.validationSet == learner.data.named.last?.name,
            learner.run.batch == learner.run.batchCount
        else { return nil }
        switch self {
        case .trainLoss: return nil
        case .validLoss: return learner.validation?.loss
        case .metric(let name): return learner.validation?[name]
        }
    }
}
