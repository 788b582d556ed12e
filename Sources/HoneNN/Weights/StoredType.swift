import HoneTensor

/// The kind of number that a weight file holds. The raw value is its name in safetensors files.
///
/// A ``Tensor`` holds float32 or int32. What is read becomes the nearest of these: floating point becomes float32 (F16
/// and BF16 without loss, F64 rounded to the nearest), whole numbers and truth values (0, 1) become int32, and one that
/// int32 cannot hold is an error, never another number.
public enum StoredType: String, CaseIterable, Sendable, Codable {
    /// Double precision.
    case float64 = "F64"
    /// Single precision.
    case float32 = "F32"
    /// Half precision: 5 bits of exponent, 10 of fraction.
    case float16 = "F16"
    /// The upper half of a single: 8 bits of exponent, 7 of fraction.
    case bfloat16 = "BF16"
    /// Signed, 64 bits.
    case int64 = "I64"
    /// Signed, 32 bits.
    case int32 = "I32"
    /// Signed, 16 bits.
    case int16 = "I16"
    /// Signed, 8 bits.
    case int8 = "I8"
    /// Unsigned, 64 bits.
    case uint64 = "U64"
    /// Unsigned, 32 bits.
    case uint32 = "U32"
    /// Unsigned, 16 bits.
    case uint16 = "U16"
    /// Unsigned, 8 bits.
    case uint8 = "U8"
    /// A byte that is 0 or not.
    case bool = "BOOL"

    /// The bytes of one number.
    public var size: Int {
        switch self {
        case .float64, .int64, .uint64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16, .int16, .uint16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// Whether it is floating point.
    public var isFloat: Bool {
        switch self {
        case .float64, .float32, .float16, .bfloat16: true
        default: false
        }
    }

    /// The whole numbers that it holds, of those that a ``Tensor`` can have; nil for floating point.
    var integers: ClosedRange<Int32>? {
        switch self {
        case .int64, .int32: Int32.min...Int32.max
        case .int16: Int32(Int16.min)...Int32(Int16.max)
        case .int8: Int32(Int8.min)...Int32(Int8.max)
        case .uint64, .uint32: 0...Int32.max
        case .uint16: 0...Int32(UInt16.max)
        case .uint8: 0...Int32(UInt8.max)
        case .bool: 0...1
        case .float64, .float32, .float16, .bfloat16: nil
        }
    }

    /// The type that a tensor read from it has.
    public var elementType: ElementType { isFloat ? .float32 : .int32 }
}
