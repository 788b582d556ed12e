import Foundation

/// Names that a model and a state dictionary, or a file, do not share.
public struct StateMismatch: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
    /// Names that the model has and the dictionary lacks; of a tied parameter one name is enough, and the first is named.
    public var missing: [String] = []
    /// Names that the dictionary has and the model lacks.
    public var unexpected: [String] = []
    /// Names whose shapes or types differ, with both; and tied parameters whose names have differing values.
    public var mismatched: [String] = []

    /// Makes a report of nothing.
    public init() {}

    /// Whether there is nothing to report.
    public var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && mismatched.isEmpty }

    /// All names, by kind.
    public var description: String {
        let parts = [("missing", missing), ("unexpected", unexpected), ("of another shape", mismatched)]
        return "state dictionary: "
            + parts.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.joined(separator: ", "))" }.joined(separator: "; ")
    }

    /// The description, for `localizedDescription`.
    public var errorDescription: String? { description }
}
