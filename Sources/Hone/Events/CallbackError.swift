import Foundation

/// An error that a callback threw, and where in the run.
public struct CallbackError: Error, CustomStringConvertible, LocalizedError {
    /// The callback's identifier.
    public let callback: String
    /// The hook that threw.
    public let event: Event
    /// The epoch, counted over the learner's life.
    public let epoch: Int
    /// The optimizer steps taken, over the learner's life.
    public let step: Int
    /// What was thrown.
    public let underlying: any Error

    /// Who, where and what.
    public var description: String { "\(callback) in \(event.rawValue), epoch \(epoch), step \(step): \(underlying)" }

    /// The description, for `localizedDescription`.
    public var errorDescription: String? { description }
}

/// A set of callbacks that cannot run together.
public enum CallbackPlanError: Error, Equatable, CustomStringConvertible, LocalizedError {
    /// Constraints that contradict each other or the phases; the callbacks in a circle.
    case cycle([String])
    /// A callback that wants to run before or after another of which there is none.
    case unknown(callback: String, constraint: String)
    /// Two callbacks that both set one hyper-parameter.
    case conflict(hyperparameter: String, first: String, second: String)
    /// Two callbacks that both set one stage of the loop.
    case stageConflict(stage: String, first: String, second: String)
    /// One callback that was added twice.
    case duplicate(String)

    /// What is wrong, with all names.
    public var description: String {
        switch self {
        case .cycle(let names):
            "callbacks cannot be ordered: \((names + names.prefix(1)).joined(separator: " before "))"
        case .unknown(let callback, let constraint):
            "\(callback) is to run \(constraint), but the learner has no such callback"
        case .conflict(let hyperparameter, let first, let second):
            "\(first) and \(second) both set \(hyperparameter); remove one, or use a modifier such as Warmup"
        case .stageConflict(let stage, let first, let second):
            "\(first) and \(second) both set the loop's \(stage); remove one"
        case .duplicate(let name): "the callback \(name) was added twice; two of a kind are two instances"
        }
    }

    /// The description, for `localizedDescription`.
    public var errorDescription: String? { description }
}
