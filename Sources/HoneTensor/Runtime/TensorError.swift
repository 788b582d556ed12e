import Foundation

/// A mistake in the use of tensors: which operation, what was expected and what came, and in which layer.
public struct TensorError: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
    /// The operation or layer that found the mistake: `matmul`, `Linear 128→10`.
    public var operation: String

    /// What was expected and what came.
    public var problem: String

    /// The path of the layer within its model, `Sequential.2 (Linear 128→10)`; nil outside of a model.
    public var path: String?

    /// Makes an error of an operation; the layer's path is added where the error is reported.
    public init(operation: String, problem: String, path: String? = nil) {
        self.operation = operation
        self.problem = problem
        self.path = path
    }

    /// `path: operation: problem`, without the operation where the path already names it.
    public var description: String {
        guard let path else { return "\(operation): \(problem)" }
        let isNamed = path == operation || path.hasSuffix("(\(operation))")
        return isNamed ? "\(path): \(problem)" : "\(path): \(operation): \(problem)"
    }

    /// The description, for `localizedDescription`.
    public var errorDescription: String? { description }
}

/// A label outside of the classes.
public struct LabelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Who has found it.
    public let operation: String
    /// The label.
    public let label: Int
    /// Its row in the batch.
    public let row: Int
    /// The number of classes.
    public let classes: Int

    /// Makes an error.
    public init(operation: String = "crossEntropy", label: Int, row: Int, classes: Int) {
        self.operation = operation
        self.label = label
        self.row = row
        self.classes = classes
    }

    /// The label, its place and what was expected.
    public var description: String {
        "\(operation): label \(label) at row \(row) is outside the classes 0..<\(classes)"
    }
}

/// Ends the program over a mistake that no caller can catch, with the words of the error.
func trap(_ error: any Error) -> Never {
    FileHandle.standardError.write(Data("Hone: \(error)\n".utf8))
    preconditionFailure("\(error)")
}
