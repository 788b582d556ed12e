import Foundation

/// A mistake in the use of a learner.
public enum LearnerError: Error, Equatable, CustomStringConvertible, LocalizedError {
    /// A number of epochs below 0.
    case epochs(Int)
    /// An argument out of range: its name, what came and what was expected.
    case argument(String, value: String, expected: String)
    /// A model without trainable parameters.
    case noParameters(model: String)
    /// A run that was started within another.
    case alreadyRunning(String)
    /// A batch without what a run needs.
    case missingTarget
    /// A validation that a callback ended before it had measured a batch.
    case nothingMeasured
    /// A loss whose count cannot divide its sum.
    case lossCount(Double)
    /// Gradients that cannot be computed again, with the reason.
    case cannotRecompute(String)
    /// A snapshot of another learner.
    case snapshotMismatch(String)
    /// An exported file that is not of the model's kind.
    case exportMismatch(String)

    /// What was expected and what came.
    public var description: String {
        switch self {
        case .epochs(let count): "epochs is \(count), expected 0 or more"
        case .argument(let name, let value, let expected): "\(name) is \(value), expected \(expected)"
        case .noParameters(let model): "\(model) has no trainable parameters, so there is nothing to learn"
        case .alreadyRunning(let kind): "a \(kind) run is going on; start the next one when it has ended"
        case .missingTarget: "the batch has no target to compare the prediction with"
        case .nothingMeasured: "the validation was ended before it had measured a batch"
        case .lossCount(let count): "the loss counts \(count) elements, expected a finite number of 0 or more"
        case .cannotRecompute(let reason): "the gradients cannot be recomputed: \(reason)"
        case .snapshotMismatch(let problem): "snapshot: \(problem)"
        case .exportMismatch(let problem): "export: \(problem)"
        }
    }

    /// The description, for `localizedDescription`.
    public var errorDescription: String? { description }
}
