import Foundation

/// A file of weights that cannot be read or written, and why.
public struct WeightFileError: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
    /// What is wrong.
    public enum Reason: Equatable, Sendable {
        /// The system refused, in its own words.
        case system(String)
        /// The file ends before what it should hold: what was read, the bytes that takes, and the bytes there are.
        case truncated(String, needs: Int, has: Int)
        /// The file does not begin as its format does.
        case notThisFormat(String)
        /// The header claims a length that is beyond the file, or beyond what the format allows.
        case headerLength(UInt64, allowed: Int)
        /// The header is not what the format says, and at which byte of it.
        case header(String, at: Int)
        /// A name that comes twice.
        case duplicateName(String)
        /// A type that is not known, and whose it is.
        case unknownType(String, tensor: String)
        /// Offsets that are not as long as shape and type say, or lie outside the data.
        case tensorSize(tensor: String, problem: String)
        /// A tensor that does not begin where the one before it ends.
        case layout(tensor: String, begins: Int, expected: Int)
        /// The bytes of data that no tensor claims.
        case unclaimed(Int)
        /// A whole number that a tensor's int32, or the type that it is to be stored as, cannot hold.
        case valueOutOfRange(tensor: String, index: Int, value: String, type: StoredType = .int32)
        /// A name that the file does not have.
        case noTensor(String)
        /// Bytes that were changed since they were written.
        case checksum(entry: String)
        /// Something that the format allows and this reader or writer does not do.
        case unsupported(String)
    }

    /// The file's path, or what stands for it.
    public let file: String

    /// What is wrong with it.
    public let reason: Reason

    init(_ file: String, _ reason: Reason) {
        self.file = file
        self.reason = reason
    }

    /// The file and the reason as one sentence.
    public var description: String { "\(file): \(problem)" }

    private var problem: String {
        switch reason {
        case .system(let words): words
        case .truncated(let what, let needs, let has): "\(what) takes \(needs) bytes, and there are \(has)"
        case .notThisFormat(let words): words
        case .headerLength(let length, let allowed):
            "the header's length is given as \(length) bytes, expected at most \(allowed)"
        case .header(let problem, let place): "header, byte \(place): \(problem)"
        case .duplicateName(let name): "the name \"\(name)\" comes twice"
        case .unknownType(let type, let tensor):
            "tensor \"\(tensor)\" has the type \"\(type)\", which is not known"
        case .tensorSize(let tensor, let problem): "tensor \"\(tensor)\": \(problem)"
        case .layout(let tensor, let begins, let expected):
            "tensor \"\(tensor)\" begins at byte \(begins) of the data, expected \(expected): tensors may neither "
                + "overlap nor leave holes"
        case .unclaimed(let bytes): "\(bytes) bytes at the end belong to no tensor"
        case .valueOutOfRange(let tensor, let index, let value, let type):
            "tensor \"\(tensor)\": element \(index) is \(value), which \(type) cannot hold"
        case .noTensor(let name): "there is no tensor \"\(name)\""
        case .checksum(let entry): "the bytes of \"\(entry)\" do not have the checksum that is written beside them"
        case .unsupported(let what): what
        }
    }

    /// The description, for `localizedDescription`.
    public var errorDescription: String? { description }
}
