import Foundation
import HoneTensor

/// The values of a model's parameters and buffers by name, in order of declaration.
public struct StateDictionary: Sendable {
    /// Names and values.
    public var entries: [(name: String, value: Tensor)] {
        didSet { index = NameIndex() }
    }

    private var index = NameIndex()

    /// Makes a dictionary.
    public init(_ entries: [(name: String, value: Tensor)] = []) { self.entries = entries }

    /// The value of a name, or nil; of a name that comes twice, the first.
    public subscript(name: String) -> Tensor? {
        index.place(of: name, in: names).map { entries[$0].value }
    }

    /// All names in order.
    public var names: [String] { entries.map(\.name) }

    /// The SHA-256 of all names, shapes and bits, in hexadecimal: equal for equal weights, on every machine.
    public var sha256: String {
        var hash = SHA256()
        for (name, value) in entries {
            hash.update(Array("\(name) \(value.elementType) \(value.shape)\n".utf8))
            value.withUnsafeFloats { floats in
                hash.update(floats.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) })
            }
            value.withUnsafeIntegers { integers in
                hash.update(integers.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) })
            }
        }
        return hash.finish().map { String(format: "%02x", $0) }.joined()
    }
}
