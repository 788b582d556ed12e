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
    ///   - integers: how whole numbers are stored: any type of whole numbers, or `.bool` for 0 and 1.
    ///   - types: how the tensor of a name is stored; nil leaves it to the two above.
    /// - Throws: ``WeightFileError``, among others for a number that its type cannot hold; nothing is left behind then, and
    ///   a former file stays as it was.
    public static func write(
        _ tensors: StateDictionary, metadata: [String: String] = [:], to path: String, floats: StoredType = .float32,
        integers: StoredType = .int32, types: (_ name: String) -> StoredType? = { _ in nil }
    ) throws {
        let sources = tensors.entries.map { WeightSource($0.name, $0.value) }
        try write(sources, metadata: metadata, to: path, floats: floats, integers: integers, types: types)
    }

    /// Writes tensors whose values are made one after the other.
    package static func write(
        _ sources: [WeightSource], metadata: [String: String], to path: String, floats: StoredType = .float32,
        integers: StoredType, types: (_ name: String) -> StoredType? = { _ in nil }
    ) throws {
        guard floats.isFloat, !integers.isFloat else {
            let found = "floats stored as \(floats.rawValue) and whole numbers as \(integers.rawValue)"
            throw WeightFileError(path, .unsupported("\(found), expected a type of each kind"))
        }
        var names: Set<String> = []
        var typed: [(source: WeightSource, type: StoredType)] = []
        for source in sources {
            guard source.name != "__metadata__", names.insert(source.name).inserted else {
                throw WeightFileError(path, .duplicateName(source.name))
            }
            let type = types(source.name) ?? (source.elementType == .float32 ? floats : integers)
            guard type.elementType == source.elementType else {
                let problem = "is of \(source.elementType) and is not stored as \(type.rawValue)"
                throw WeightFileError(path, .unsupported("tensor \"\(source.name)\" \(problem)"))
            }
            typed.append((source, type))
        }
        let ordered = typed.enumerated().sorted {
            (-$0.element.type.size, $0.offset) < (-$1.element.type.size, $1.offset)
        }.map(\.element)
        let header = self.header(ordered.map { ($0.source.name, $0.source.shape.array, $0.type) }, metadata)
        guard header.count <= maximumHeader else {
            throw WeightFileError(path, .headerLength(UInt64(header.count), allowed: maximumHeader))
        }
        try AtomicFile.create(path) { file in
            try file.append(withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init))
            try file.append(header)
            for (source, type) in ordered {
                let tensor = source.value()
                if let (index, value) = tensor.integer(notIn: type) {
                    throw WeightFileError(
                        path, .valueOutOfRange(tensor: source.name, index: index, value: "\(value)", type: type))
                }
                try tensor.forEachChunk(as: type) { try file.append($0) }
            }
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
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\($0.key.jsonQuoted):\($0.value.jsonQuoted)" }
            members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for (name, shape, type) in tensors {
            let end = offset + shape.reduce(type.size, *)
            let lengths = shape.map(String.init).joined(separator: ",")
            members.append(
                "\(name.jsonQuoted):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(lengths)],"
                    + "\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var bytes = Array("{\(members.joined(separator: ","))}".utf8)
        bytes += [UInt8](repeating: UInt8(ascii: " "), count: (8 - bytes.count % 8) % 8)
        return bytes
    }
}

extension Tensor {
    /// The first whole number that a type cannot hold, and its place.
    fileprivate func integer(notIn type: StoredType) -> (index: Int, value: Int32)? {
        guard let range = type.integers else { return nil }
        return withUnsafeIntegers { values in
            values.firstIndex { !range.contains($0) }.map { ($0, values[$0]) }
        }
    }
}
