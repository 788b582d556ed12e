import Foundation

/// What is wrong with data, and where.
public enum DataError: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
    /// A data set without samples.
    case empty(String)
    /// A batch size that is not positive.
    case batchSize(Int)
    /// A share of validation samples outside 0...1, or one that leaves a part empty.
    case split(fraction: Double, samples: Int)
    /// Inputs and targets of different numbers of samples.
    case countMismatch(inputs: Int, targets: Int)
    /// A label outside of the classes.
    case label(Int, sample: Int, classes: Int)
    /// A number of a sample or batch that does not exist; with how many there are.
    case index(Int, of: String, count: Int)
    /// A number that is not finite in the inputs or targets.
    case notFinite(Float, sample: Int, element: Int, part: String)
    /// A name of a validation set that cannot be told from the others.
    case name(String)
    /// A bundled file that is in none of the places where it should be.
    case missingResource(String, searched: [String])
    /// A file whose content is not what it should be.
    case malformed(file: String, problem: String)

    /// What was expected and what came.
    public var description: String {
        switch self {
        case .empty(let name): "\(name): the data set is empty, expected at least one sample"
        case .batchSize(let size): "batchSize is \(size), expected at least 1"
        case .split(let fraction, let samples):
            "a validation share of \(fraction) of \(samples) samples, expected one within 0...1 that leaves samples to train on"
        case .countMismatch(let inputs, let targets):
            "\(inputs) inputs and \(targets) targets, expected as many of both"
        case .label(let label, let sample, let classes):
            "label \(label) of sample \(sample) is outside the classes 0..<\(classes)"
        case .index(let index, let what, let count): "there is no \(what) \(index), only 0..<\(count)"
        case .notFinite(let value, let sample, let element, let part):
            "\(part) of sample \(sample): element \(element) is \(value), expected a finite number"
        case .name(let name): "a validation set is called '\(name)', expected a name that no other has"
        case .missingResource(let name, let searched):
            "\(name) is missing; looked for it at \(searched.joined(separator: " and "))"
        case .malformed(let file, let problem): "\(file): \(problem)"
        }
    }

    /// The description, for `localizedDescription`.
    public var errorDescription: String? { description }
}
