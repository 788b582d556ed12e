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

    /// The type that a tensor read from it has.
    public var elementType: ElementType { isFloat ? .float32 : .int32 }
}

// MARK: Half precision

/// Conversions by bits: Swift's own Float16 does not exist on every platform.
enum Half {
    /// The single that a half stands for, exactly.
    static func float(fromHalf bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 0x1F
        let fraction = UInt32(bits) & 0x3FF
        switch exponent {
        case 0:
            // Subnormal: the fraction counts units of 2^-24.
            let magnitude = Float(fraction) * 0x1p-24
            return Float(bitPattern: magnitude.bitPattern | sign)
        case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }

    /// The nearest half, ties to even; what is too large becomes infinite, and NaN stays NaN.
    static func half(from value: Float) -> UInt16 {
        let bits = value.bitPattern
        let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
        let magnitude = bits & 0x7FFF_FFFF
        if magnitude > 0x7F80_0000 { return sign | 0x7E00 | UInt16(truncatingIfNeeded: magnitude >> 13) & 0x3FF }
        if magnitude >= 0x4780_0000 { return sign | 0x7C00 }
        if magnitude < 0x3880_0000 {
            // Subnormal: a whole number of units of 2^-24, exact in single precision before it is rounded.
            let units = (Float(bitPattern: magnitude) * 0x1p24).rounded(.toNearestOrEven)
            return sign | UInt16(units)
        }
        let shifted = magnitude - 0x3800_0000
        let rounded = shifted + 0xFFF + (shifted >> 13 & 1)
        return sign | UInt16(truncatingIfNeeded: rounded >> 13)
    }

    /// The single that a bfloat16 stands for, exactly.
    static func float(fromBrain bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    /// The nearest bfloat16, ties to even; NaN stays NaN.
    static func brain(from value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
        return UInt16(truncatingIfNeeded: (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
    }
}
