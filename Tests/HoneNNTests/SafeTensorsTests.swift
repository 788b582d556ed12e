import Foundation
import HoneNN
import HoneTensor
import Testing

@Suite struct SafeTensorsTests {
    private let state = StateDictionary([
        ("layer.weight", Tensor([[1, -2.5, .infinity], [0.1, -0.0, .leastNonzeroMagnitude]])),
        ("steps", Tensor([Int32.min], shape: [])), ("empty", Tensor.zeros([2, 0])), ("naïve \"quoted\"\n", Tensor([7])),
    ])

    @Test func whatIsWrittenIsReadBitForBit() throws {
        try withFolder { folder in
            let path = folder + "/a.safetensors"
            try SafeTensors.write(state, metadata: ["epoch": "3", "ü\u{1}": "\\"], to: path)
            let file = try SafeTensors.read(path)
            #expect(Set(file.names) == Set(state.names) && file.metadata == ["epoch": "3", "ü\u{1}": "\\"])
            for (name, value) in state.entries {
                #expect(try file.tensor(named: name).isBitwiseEqual(to: value), "\(name)")
            }
            #expect(file["steps"]?.shape == [] && file["empty"]?.shape == [2, 0] && file["nothing"] == nil)
            #expect(file["layer.weight"]?.type == .float32 && file["steps"]?.type == .int32)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.safetensors"])
        }
    }

    /// The format: a length, a header that is padded by spaces to a multiple of 8, and the data.
    @Test func theFileIsLaidOutAsTheFormatSays() throws {
        try withFolder { folder in
            let path = folder + "/a.safetensors"
            try SafeTensors.write(
                StateDictionary([("h", Tensor([Int32(5)])), ("w", Tensor([1]))]), to: path, floats: .float16,
                integers: .int64)
            let bytes = try contents(path)
            let text =
                "{\"h\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                + "\"w\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[8,10]}}"
            let padded = (text.utf8.count + 7) / 8 * 8
            #expect(Array(bytes.prefix(8)) == [UInt8(padded), 0, 0, 0, 0, 0, 0, 0])
            #expect(String(decoding: bytes[8..<8 + padded], as: UTF8.self).trimmingCharacters(in: [" "]) == text)
            #expect(Array(bytes[(8 + padded)...]) == [5, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x3C])
        }
    }

    @Test func allTypesAreReadAsFloatsOrIntegers() throws {
        let cases: [(String, [UInt8], [Double])] = [
            ("F64", [0, 0, 0, 0, 0, 0, 0xF8, 0xBF], [-1.5]), ("F32", [0, 0, 0xC0, 0x3F], [1.5]),
            ("F16", [0x00, 0xC1, 0x01, 0x00], [-2.5, 0x1p-24]), ("BF16", [0xC0, 0x3F], [1.5]),
            ("I64", [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [-2]),
            ("I32", [0, 0, 0, 0x80], [-2_147_483_648]),
            ("I16", [0xFF, 0xFF], [-1]), ("I8", [0x80], [-128]), ("U64", [9, 0, 0, 0, 0, 0, 0, 0], [9]),
            ("U32", [0xFF, 0xFF, 0xFF, 0x7F], [2_147_483_647]), ("U16", [0xFF, 0xFF], [65_535]), ("U8", [0xFF], [255]),
            ("BOOL", [1, 0, 2], [1, 0, 1]),
        ]
        #expect(cases.count == StoredType.allCases.count)
        for (type, data, values) in cases {
            let header =
                "{\"x\":{\"dtype\":\"\(type)\",\"shape\":[\(values.count)],\"data_offsets\":[0,\(data.count)]}}"
            let file = try SafeTensors(bytes: safetensors(header) + data)
            let tensor = try file.tensor(named: "x")
            let isFloat = type.hasPrefix("F") || type == "BF16"
            #expect(tensor.elementType == (isFloat ? .float32 : .int32), "\(type)")
            #expect((isFloat ? tensor.scalars.map(Double.init) : tensor.integers.map(Double.init)) == values, "\(type)")
            #expect(try file.doubles(named: "x") == values, "\(type)")
        }
    }

    @Test func integersThatDoNotFitAreAnError() {
        let data = withUnsafeBytes(of: Int64(1) << 31, Array.init)
        let bytes = safetensors("{\"n\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}") + data
        #expect(refusal(bytes) == .valueOutOfRange(tensor: "n", index: 0, value: "2147483648"))
        let large =
            safetensors("{\"n\":{\"dtype\":\"U64\",\"shape\":[1],\"data_offsets\":[0,8]}}")
            + [UInt8](repeating: 255, count: 8)
        #expect(refusal(large) == .valueOutOfRange(tensor: "n", index: 0, value: "18446744073709551615"))
    }

    private static let good = "\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]"

    @Test(arguments: [
        ("{\"x\":{\(good)}}  \n", 8), ("{}", 0),
        ("{ \"x\" :\t{ \(good) , \"extra\" : [1, {\"a\":null}, -2.5e3, true] } }", 8),
        ("{\"__metadata__\":{},\"x\":{\(good)}}", 8), ("{\"\\u0041\\ud83d\\ude00\\n\":{\(good)}}", 8),
        (
            "{\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[3,7]}}",
            7
        ),
        ("{\"z\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[8,8]},\"x\":{\(good)}}", 8),
    ])
    func whatTheFormatAllowsIsRead(header: String, data: Int) {
        #expect(refusal(safetensors(header, data: data)) == nil, "\(header)")
    }

    @Test func shortFilesAndFalseLengthsAreErrors() {
        #expect(refusal([]) == .truncated("the length of the header", needs: 8, has: 0))
        #expect(refusal([1, 0, 0]) == .truncated("the length of the header", needs: 8, has: 3))
        #expect(refusal(safetensors("{}", length: 3)) == .headerLength(3, allowed: 2))
        #expect(refusal(safetensors("{}", length: .max)) == .headerLength(.max, allowed: 2))
        #expect(refusal(safetensors("{}", length: 100_000_001)) == .headerLength(100_000_001, allowed: 2))
    }

    @Test(arguments: [
        "", " {}", "[]", "{", "{}}", "{\"x\"}", "{\"x\":{\(good)}", "{\"x\":{\(good)},}", "{\"x\":{\(good),}}",
        "{\"x\":null}", "{\"x\":{}}", "{\"x\":{\"dtype\":\"F32\",\"shape\":[2]}}", "{\"__metadata__\":{\"a\":1}}",
        "{\"__metadata__\":[]}", "{x:{\(good)}}", "{\"x:{\(good)}}", "{\"\\q\":{\(good)}}", "{\"\\ud800\":{\(good)}}",
        "{\"\\ud800\\u0041\":{\(good)}}", "{\"\\udc00\":{\(good)}}", "{\"\\u00g0\":{\(good)}}", "{\"a\tb\":{\(good)}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[02],\"data_offsets\":[0,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2e0],\"data_offsets\":[0,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,99999999999999999999]}}",
        "{\"x\":{\"dtype\":4,\"shape\":[2],\"data_offsets\":[0,8]}}", "{\"x\":{\(good),\"e\":nul}}",
        "{\"x\":{\(good),\"e\":1.2.3}}", "{\"x\":{\(good)}}\u{0}",
        "{\"x\":{\(good),\"e\":\(String(repeating: "[", count: 100_000))}}",
        "{\"x\":\(String(repeating: "{\"x\":", count: 50_000))",
    ])
    func whatIsNoHeaderIsAnError(header: String) {
        guard case .header = refusal(safetensors(header, data: 8)) else {
            Issue.record("\(header.prefix(80)): \(String(describing: refusal(safetensors(header, data: 8))))")
            return
        }
    }

    @Test func invalidUTF8IsAnError() {
        for bad in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]] as [[UInt8]] {
            let text = Array("{\"".utf8) + bad + Array("\":{\(SafeTensorsTests.good)}}".utf8)
            let bytes = withUnsafeBytes(of: UInt64(text.count), Array.init) + text + [UInt8](repeating: 0, count: 8)
            guard case .header("a string is not valid UTF-8", _) = refusal(bytes) else {
                Issue.record("\(bad): \(String(describing: refusal(bytes)))")
                return
            }
        }
    }

    @Test func duplicatesAreErrors() {
        let good = SafeTensorsTests.good
        #expect(refusal(safetensors("{\"x\":{\(good)},\"\\u0078\":{\(good)}}", data: 8)) == .duplicateName("x"))
        #expect(refusal(safetensors("{\"x\":{\(good),\"shape\":[2]}}", data: 8)) == .duplicateName("shape"))
        #expect(refusal(safetensors("{\"x\":{\(good),\"e\":1,\"e\":1}}", data: 8)) == .duplicateName("e"))
        #expect(
            refusal(safetensors("{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}}")) == .duplicateName("a"))
        #expect(refusal(safetensors("{\"__metadata__\":{},\"__metadata__\":{}}")) == .duplicateName("__metadata__"))
    }

    private func one(_ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
        "{\"x\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}}"
    }

    @Test func typesSizesAndPlacesAreChecked() {
        #expect(refusal(safetensors(one("F8_E4M3", "[8]", 0, 8), data: 8)) == .unknownType("F8_E4M3", tensor: "x"))
        #expect(refusal(safetensors(one("f32", "[2]", 0, 8), data: 8)) == .unknownType("f32", tensor: "x"))
        #expect(
            refusal(safetensors(one("F32", "[2]", 4, 12), data: 12)) == .layout(tensor: "x", begins: 4, expected: 0))
        #expect(refusal(safetensors(one("F32", "[2]", 0, 8), data: 9)) == .unclaimed(1))
        #expect(refusal(safetensors("{}", data: 5)) == .unclaimed(5))
        func isSizeError(_ header: String, data: Int) -> Bool {
            if case .tensorSize = refusal(safetensors(header, data: data)) { true } else { false }
        }
        #expect(isSizeError(one("F32", "[3]", 0, 8), data: 8))
        #expect(isSizeError(one("F32", "[2]", 0, 8), data: 7))
        #expect(isSizeError(one("F32", "[2]", 8, 0), data: 8))
        #expect(isSizeError(one("F32", "[4611686018427387904,4]", 0, 0), data: 0))
        #expect(isSizeError(one("F32", "[4611686018427387904]", 0, 0), data: 0))
        #expect(isSizeError(one("F32", "[9223372036854775807,9223372036854775807,0]", 0, 0), data: 0))
        let a = "\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}"
        let overlapping = "{\(a),\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[3,7]}}"
        #expect(refusal(safetensors(overlapping, data: 7)) == .layout(tensor: "b", begins: 3, expected: 4))
        let same = "{\(a),\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}"
        #expect(refusal(safetensors(same, data: 4)) == .layout(tensor: "b", begins: 0, expected: 4))
    }

    @Test func aTensorOfManyAxesIsAnErrorOfItsOwn() throws {
        let header = one("F32", "[1,1,1,1,1,1,2]", 0, 8)
        let file = try SafeTensors(bytes: safetensors(header, data: 8))
        #expect(file["x"]?.shape.count == 7)
        #expect(throws: WeightFileError.self) { try file.tensor(named: "x") }
        #expect(try file.doubles(named: "x") == [0, 0])
    }

    @Test func errorsNameTheFile() throws {
        try withFolder { folder in
            let missing = folder + "/none.safetensors"
            let error = #expect(throws: WeightFileError.self) { try SafeTensors.read(missing) }
            #expect(error?.description == "\(missing): No such file or directory")
            #expect(throws: WeightFileError.self) { try SafeTensors.read(folder) }
            #expect(throws: WeightFileError.self) { try SafeTensors.write(state, to: folder + "/no/such/x") }
            let path = folder + "/empty"
            try Data().write(to: URL(fileURLWithPath: path))
            #expect(throws: WeightFileError.self) { try SafeTensors.read(path) }
        }
    }

    @Test func whatCannotBeWrittenLeavesTheFormerFile() throws {
        try withFolder { folder in
            let path = folder + "/a.safetensors"
            try SafeTensors.write(state, to: path)
            let before = try contents(path)
            let twice = StateDictionary([("a", Tensor([1])), ("a", Tensor([2]))])
            #expect(throws: WeightFileError.self) { try SafeTensors.write(twice, to: path) }
            let reserved = StateDictionary([("__metadata__", Tensor([1]))])
            #expect(throws: WeightFileError.self) { try SafeTensors.write(reserved, to: path) }
            #expect(throws: WeightFileError.self) { try SafeTensors.write(state, to: path, floats: .int32) }
            #expect(try contents(path) == before)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.safetensors"])
        }
    }

    /// Each type holds what it can, to its limits, and comes back as it was; another tensor beside it has its own type.
    @Test(arguments: [
        (StoredType.float32, [-2.5, 0.1, 1e-45, 3e38]), (.float64, [-2.5, 0.1, 1e-45, 3e38]),
        (.float16, [-2.5, 65504, 0x1p-24, 0]), (.bfloat16, [-2.5, 0x1.FEp127, 0x1p-133, 0]),
        (.int64, [-2_147_483_648, 2_147_483_647, -1, 0]), (.int32, [-2_147_483_648, 2_147_483_647, -1, 0]),
        (.int16, [-32768, 32767, -1, 0]), (.int8, [-128, 127, -1, 0]), (.uint64, [0, 2_147_483_647, 65536, 256]),
        (.uint32, [0, 2_147_483_647, 65536, 256]), (.uint16, [0, 65535, 32768, 255]), (.uint8, [0, 255, 128, 1]),
        (.bool, [0, 1, 1, 0]),
    ])
    func everyTypeComesBackAsItWas(type: StoredType, numbers: [Double]) throws {
        let tensor =
            type.isFloat
            ? Tensor(numbers.map { Float($0) }, shape: [2, 2]) : Tensor(numbers.map { Int32($0) }, shape: [2, 2])
        let state = StateDictionary([("x", tensor), ("other", Tensor([0.5, 3])), ("steps", Tensor([Int32(70_000)]))])
        try withFolder { folder in
            let path = folder + "/a"
            try SafeTensors.write(state, to: path, integers: .int64) { $0 == "x" ? type : nil }
            let file = try SafeTensors.read(path)
            #expect(file["x"]?.type == type && file["other"]?.type == .float32 && file["steps"]?.type == .int64)
            for (name, value) in state.entries {
                #expect(try file.tensor(named: name).isBitwiseEqual(to: value), "\(name)")
            }
            #expect(try file.doubles(named: "x") == numbers.map { type.isFloat ? Double(Float($0)) : $0 })
            // Its bytes are as many as the type takes, whatever stands beside them.
            let bytes = try contents(path)
            let header = Int(bytes[0]) + 256 * Int(bytes[1])
            #expect(bytes.count == 8 + header + 4 * type.size + 8 + 8)
            if type.isFloat {
                try SafeTensors.write(StateDictionary([("x", tensor)]), to: path, floats: type)
            } else {
                try SafeTensors.write(StateDictionary([("x", tensor)]), to: path, integers: type)
            }
            #expect(try SafeTensors.read(path)["x"]?.type == type)
        }
    }

    @Test(arguments: [
        (StoredType.int16, [32767, 32768], 1), (.int16, [-32769], 0), (.int8, [128], 0), (.int8, [0, 0, -129], 2),
        (.uint64, [-1], 0), (.uint32, [1, -1], 1), (.uint16, [65536], 0), (.uint16, [-1], 0), (.uint8, [256], 0),
        (.uint8, [-1], 0), (.bool, [1, 2], 1), (.bool, [-1], 0),
    ])
    func whatATypeCannotHoldIsNotWritten(type: StoredType, numbers: [Int], index: Int) throws {
        try withFolder { folder in
            let path = folder + "/a"
            let state = StateDictionary([("w", Tensor([1])), ("x", Tensor(numbers.map { Int32($0) }))])
            let error = #expect(throws: WeightFileError.self) {
                try SafeTensors.write(state, to: path) { $0 == "x" ? type : nil }
            }
            #expect(
                error?.reason == .valueOutOfRange(tensor: "x", index: index, value: "\(numbers[index])", type: type))
            #expect(error?.description.hasSuffix("is \(numbers[index]), which \(type) cannot hold") == true)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.isEmpty)
        }
    }

    @Test func floatsAndWholeNumbersAreNotStoredAsEachOther() throws {
        try withFolder { folder in
            for type in StoredType.allCases {
                let other = type.isFloat ? Tensor([Int32(1)]) : Tensor([1])
                let error = #expect(throws: WeightFileError.self) {
                    try SafeTensors.write(StateDictionary([("x", other)]), to: folder + "/a") { _ in type }
                }
                #expect(
                    error?.reason
                        == .unsupported("tensor \"x\" is of \(other.elementType) and is not stored as \(type.rawValue)")
                )
            }
        }
    }

    /// A file stays readable when another takes its name.
    @Test func aFileMayBeReplacedWhileItIsRead() throws {
        try withFolder { folder in
            let path = folder + "/a.safetensors"
            try SafeTensors.write(StateDictionary([("x", Tensor([1, 2]))]), to: path)
            let file = try SafeTensors.read(path)
            try SafeTensors.write(StateDictionary([("x", Tensor([3]))]), to: path)
            #expect(try file.tensor(named: "x").scalars == [1, 2])
            #expect(try SafeTensors.read(path).tensor(named: "x").scalars == [3])
        }
    }
}
