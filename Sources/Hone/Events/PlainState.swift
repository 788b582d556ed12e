import Foundation

/// Run states that are numbers in a row, such as an average of all parameters: their bytes as they lie in memory, since
/// JSON would take a hundred times as long. The first byte says what follows; JSON never begins with it.
enum PlainState {
    private static let floats: UInt8 = 1
    private static let doubles: UInt8 = 2
    private static let data: UInt8 = 3

    /// The bytes of a value of one of the plain types, or nil.
    static func bytes<Value>(of value: Value) -> Data? {
        // An empty array can be cast to one of anything: the type itself decides.
        if Value.self == [Float].self, let values = value as? [Float] { return bytes(of: values, floats) }
        if Value.self == [Double].self, let values = value as? [Double] { return bytes(of: values, doubles) }
        if let value = value as? Data { return Data([data]) + value }
        return nil
    }

    /// The value of the bytes, or nil when the type is not plain.
    ///
    /// - Throws: `DecodingError` for bytes of another type.
    static func value<Value>(_ type: Value.Type, from bytes: Data) throws -> Value? {
        if type == [Float].self { return try values(bytes, floats, as: Float(0)) as? Value }
        if type == [Double].self { return try values(bytes, doubles, as: Double(0)) as? Value }
        if type == Data.self {
            try check(bytes, data, size: 1)
            return Data(bytes.dropFirst()) as? Value
        }
        return nil
    }

    private static func bytes<Number>(of values: [Number], _ mark: UInt8) -> Data {
        var result = Data(capacity: 1 + values.count * MemoryLayout<Number>.stride)
        result.append(mark)
        values.withUnsafeBytes { result.append(contentsOf: $0) }
        return result
    }

    private static func values<Number>(_ bytes: Data, _ mark: UInt8, as zero: Number) throws -> [Number] {
        let size = MemoryLayout<Number>.stride
        try check(bytes, mark, size: size)
        var result = [Number](repeating: zero, count: (bytes.count - 1) / size)
        _ = result.withUnsafeMutableBytes { bytes.dropFirst().copyBytes(to: $0) }
        return result
    }

    private static func check(_ bytes: Data, _ mark: UInt8, size: Int) throws {
        guard bytes.first == mark, (bytes.count - 1) % size == 0 else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: [], debugDescription: "the saved run state is of another type"))
        }
    }
}
