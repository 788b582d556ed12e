import Foundation

/// An array of bytes in the format of MNIST's files: two zeros, a type, the number of axes, their lengths as big-endian
/// 32-bit numbers, the elements in row-major order.
public struct IDX: Sendable, Equatable {
    /// The lengths of the axes.
    public let shape: [Int]

    /// The elements.
    public let bytes: [UInt8]

    /// Makes an array.
    ///
    /// - Throws: ``DataError/malformed(file:problem:)`` when `bytes` are not as many as `shape` has elements.
    public init(shape: [Int], bytes: [UInt8]) throws {
        guard shape.allSatisfy({ $0 >= 0 }), IDX.count(shape) == bytes.count else {
            throw DataError.malformed(file: "IDX", problem: "\(bytes.count) bytes do not fill the shape \(shape)")
        }
        self.shape = shape
        self.bytes = bytes
    }

    /// Reads a file, plain or compressed by gzip.
    ///
    /// - Throws: ``DataError/malformed(file:problem:)`` for what is not such a file, or of another type than unsigned
    ///   bytes; Foundation's error when it cannot be read.
    public init(contentsOf path: String) throws {
        func malformed(_ problem: String) -> DataError { .malformed(file: path, problem: problem) }
        let content = try Gzip.contents(of: path)
        guard content.count >= 4, content[0] == 0, content[1] == 0 else {
            throw malformed("not an IDX file: expected it to begin with two zeros")
        }
        guard content[2] == IDX.unsignedByte else {
            throw malformed("elements of type \(content[2]), expected \(IDX.unsignedByte) (unsigned bytes)")
        }
        let start = 4 + 4 * Int(content[3])
        guard content.count >= start else { throw malformed("cut short within its header of \(start) bytes") }
        shape = (0..<Int(content[3])).map { axis in
            content[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
        }
        guard let count = IDX.count(shape), content.count == start + count else {
            throw malformed("\(content.count - start) bytes of elements, which do not fill the shape \(shape)")
        }
        bytes = Array(content[start...])
    }

    /// Writes the array, replacing the file at once when it is complete.
    public func write(to path: String) throws {
        var content: [UInt8] = [0, 0, IDX.unsignedByte, UInt8(clamping: shape.count)]
        for length in shape { withUnsafeBytes(of: UInt32(clamping: length).bigEndian) { content += $0 } }
        try Data(content + bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private static let unsignedByte: UInt8 = 8

    /// The number of elements; nil beyond what can be counted.
    private static func count(_ shape: [Int]) -> Int? {
        var product = 1
        for length in shape {
            let (result, overflow) = product.multipliedReportingOverflow(by: length)
            if overflow { return nil }
            product = result
        }
        return product
    }
}
