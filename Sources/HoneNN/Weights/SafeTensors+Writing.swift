import HoneTensor

extension SafeTensors {
    /// Writes tensors to a file, which appears complete or not at all.
    ///
    /// Tensors are written one after the other, without a second copy of them in memory; those of larger numbers come
    /// first, so that every one is aligned to its numbers.
    /// - Parameters:
    ///   - tensors: names and values; names differ, and none is `__metadata__`.
    ///   - metadata: text by name.
    ///   - path: the file; its folder exists.
    ///   - floats: how floating point is stored: `.float32`, `.float16` or `.bfloat16` (rounded to the nearest, ties to
    ///     even), or `.float64`.
    ///   - integers: how whole numbers are stored: `.int32` or `.int64`.
    /// - Throws: ``WeightFileError``; nothing is left behind then, and a former file stays as it was.
    public static func write(
        _ tensors: StateDictionary, metadata: [String: String] = [:], to path: String, floats: StoredType = .float32,
        integers: StoredType = .int32
    ) throws {
        guard floats.isFloat, integers == .int32 || integers == .int64 else {
            throw WeightFileError(
                path,
                .unsupported(
                    "written are F32, F16, BF16 or F64 and I32 or I64, not \(floats.rawValue) and \(integers.rawValue)")
            )
        }
        func type(_ tensor: Tensor) -> StoredType { tensor.elementType == .float32 ? floats : integers }
        var names: Set<String> = []
        for (name, _) in tensors.entries {
            guard name != "__metadata__", names.insert(name).inserted else {
                throw WeightFileError(path, .duplicateName(name))
            }
        }
        let ordered = tensors.entries.enumerated().sorted {
            (-type($0.element.value).size, $0.offset) < (-type($1.element.value).size, $1.offset)
        }.map(\.element)
        let header = self.header(ordered.map { ($0.name, $0.value.shape.array, type($0.value)) }, metadata)
        guard header.count <= maximumHeader else {
            throw WeightFileError(path, .headerLength(UInt64(header.count), allowed: maximumHeader))
        }
        try AtomicFile.create(path) { file in
            try file.append(withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init))
            try file.append(header)
            for (_, tensor) in ordered { try tensor.forEachChunk(as: type(tensor)) { try file.append($0) } }
        }
    }

    /// The header's JSON, filled up with spaces so that the data begin at a multiple of 8.
    private static func header(
        _ tensors: [(name: String, shape: [Int], type: StoredType)], _ metadata: [String: String]
    )
        -> [UInt8]
    {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for (name, shape, type) in tensors {
            let end = offset + shape.reduce(type.size, *)
            let lengths = shape.map(String.init).joined(separator: ",")
            members.append(
                "\(quoted(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(lengths)],"
                    + "\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var bytes = Array("{\(members.joined(separator: ","))}".utf8)
        bytes += [UInt8](repeating: UInt8(ascii: " "), count: (8 - bytes.count % 8) % 8)
        return bytes
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
