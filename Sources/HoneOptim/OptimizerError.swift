import Foundation

/// A mistake in the use of an optimizer.
public enum OptimizerError: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
    /// A hyper-parameter that the optimizer does not have; with those that it has.
    case unknownHyperparameter(Hyperparameter, optimizer: String, known: [Hyperparameter])
    /// A value out of range: which, what came, and what was expected.
    case invalidValue(Hyperparameter, value: Double, expected: String)
    /// An option of a rule that is out of range: which, what came, and what was expected.
    case invalidOption(String, value: Double, expected: String)
    /// A group's first parameter that does not exist, or groups out of order.
    case invalidGroups(String)
    /// A state that belongs to another optimizer or model.
    case stateMismatch(String)

    /// What was expected and what came.
    public var description: String {
        switch self {
        case .unknownHyperparameter(let key, let optimizer, let known):
            "\(optimizer) has no hyper-parameter \(key); it has \(known.map(\.name).joined(separator: ", "))"
        case .invalidOption(let name, let value, let expected): "\(name) is \(value), expected \(expected)"
        case .invalidValue(let key, let value, let expected): "\(key) is \(value), expected \(expected)"
        case .invalidGroups(let problem): "parameter groups: \(problem)"
        case .stateMismatch(let problem): "optimizer state: \(problem)"
        }
    }

    /// The description, for `localizedDescription`.
    public var errorDescription: String? { description }
}
