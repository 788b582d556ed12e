import Foundation
import HoneNN
import HoneTensor
import Testing

@Suite struct HalfPrecisionTests {
    private func written(_ values: [Float], _ type: StoredType) throws -> (bits: [UInt16], values: [Float]) {
        try withFolder { folder in
            let path = folder + "/x"
            try SafeTensors.write(StateDictionary([("x", Tensor(values))]), to: path, floats: type)
            let data = try contents(path).suffix(2 * values.count)
            let bytes = Array(data)
            let bits = (0..<values.count).map { UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8 }
            return (bits, try SafeTensors.read(path).tensor(named: "x").scalars)
        }
    }

    /// The value of a half by its definition: sign, exponent and fraction.
    private func value(ofHalf bits: UInt16) -> Double {
        let (exponent, fraction) = (Int(bits >> 10 & 0x1F), Double(bits & 0x3FF))
        let sign = bits >> 15 == 0 ? 1.0 : -1.0
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
        }
    }

    @Test func everyHalfIsReadExactlyAndWrittenBack() throws {
        let all = (0...UInt16.max).map { $0 }
        let data = all.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let header = "{\"x\":{\"dtype\":\"F16\",\"shape\":[65536],\"data_offsets\":[0,131072]}}"
        let values = try SafeTensors(bytes: safetensors(header) + data).tensor(named: "x").scalars
        let (bits, _) = try written(values, .float16)
        for half in all {
            let expected = value(ofHalf: half)
            let (found, back) = (Double(values[Int(half)]), bits[Int(half)])
            if expected.isNaN {
                if !found.isNaN || !value(ofHalf: back).isNaN { Issue.record("\(half)") }
            } else if found != expected || found.sign != expected.sign || back != half {
                Issue.record("\(half) is \(found), expected \(expected), and was written as \(back)")
            }
        }
    }

    @Test func halvesRoundToTheNearestTiesToEven() throws {
        let cases: [(Float, UInt16)] = [
            (1 + 0x1p-11, 0x3C00), (1 + 3 * 0x1p-11, 0x3C02), (1 + 0x1p-11 + 0x1p-20, 0x3C01), (65504, 0x7BFF),
            (65519.996, 0x7BFF), (65520, 0x7C00), (1e30, 0x7C00), (-1e30, 0xFC00), (0x1p-25, 0), (0x1.8p-25, 1),
            (0x1.8p-24, 2), (2047.0 / 2048 * 0x1p-14, 0x0400), (0x1p-14, 0x0400), (-0.0, 0x8000), (.infinity, 0x7C00),
            (.leastNonzeroMagnitude, 0),
        ]
        #expect(try written(cases.map(\.0), .float16).bits == cases.map(\.1))
        #expect(try written([.nan], .float16).values[0].isNaN)
    }

    @Test func bfloat16RoundsToTheNearestTiesToEven() throws {
        let cases: [(UInt32, UInt16)] = [
            (0x3F80_8000, 0x3F80), (0x3F81_8000, 0x3F82), (0x3F80_8001, 0x3F81), (0x3F80_7FFF, 0x3F80),
            (0x7F7F_FFFF, 0x7F80), (0xFF80_0000, 0xFF80), (0x0000_8000, 0), (0x0001_8000, 2), (0x8000_0000, 0x8000),
        ]
        #expect(try written(cases.map { Float(bitPattern: $0.0) }, .bfloat16).bits == cases.map(\.1))
        #expect(try written([Float(bitPattern: 0x7F80_0001)], .bfloat16).values[0].isNaN)
        #expect(try written([1.5, -0x1p-126], .bfloat16).values == [1.5, -0x1p-126])
    }

    @Test func doublesAreWrittenExactly() throws {
        try withFolder { folder in
            let path = folder + "/x"
            try SafeTensors.write(StateDictionary([("x", Tensor([0.1, -3]))]), to: path, floats: .float64)
            let file = try SafeTensors.read(path)
            #expect(file["x"]?.type == .float64)
            #expect(try file.doubles(named: "x") == [Double(Float(0.1)), -3])
        }
    }
}
