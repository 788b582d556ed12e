/// A figure that callbacks watch: of an epoch, or of a validation within it (see ``ValidateEvery``).
///
/// It is not known for what was cut short: a training that a request, a limit or an interrupt ended has no loss, and a
/// validation that did not come to its end has no figures.
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

    /// The figure of the epoch, or of the validation within it, that has just ended; nil when it was not measured, or over a
    /// part of the samples alone.
    func value(in learner: Learner) -> Double? {
        let found = learner.isValidatingWithinEpoch ? learner.validation : learner.epochValidation
        switch self {
        case .trainLoss: return learner.trainingIsComplete ? learner.epochLoss : nil
        case .validLoss: return found?.isComplete == true ? found?.loss : nil
        case .metric(let name): return found?.isComplete == true ? found?[name] : nil
        }
    }
}
