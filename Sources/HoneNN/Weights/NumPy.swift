import HoneTensor

/// Arrays in NumPy's formats: `.npy` holds one, `.npz` several by name.
///
/// ```swift
/// let x = try NumPy.read("inputs.npy")
/// try NumPy.writeArchive(StateDictionary([("x", x), ("y", y)]), to: "batch.npz")   // numpy.load("batch.npz")["x"]
/// ```
///
/// Read are floating point of 16, 32 and 64 bits, whole numbers and truth values, in either byte order and in C or
/// Fortran order; they become float32 or int32 as ``StoredType`` says. A mistake is a ``WeightFileError``.
public enum NumPy {
    /// The array of an `.npy` file.
    ///
    /// - Throws: ``WeightFileError``.
    public static func read(_ path: String) throws -> Tensor {
        let source = try FileBytes(mapping: path)
        return try withExtendedLifetime(source) { try tensor(source.bytes, file: path) }
    }

    /// The array of an `.npy` file that is in memory.
    ///
    /// - Throws: ``WeightFileError``.
    public static func read(bytes: [UInt8]) throws -> Tensor {
        try bytes.withUnsafeBytes { try tensor($0, file: "npy") }
    }

    /// Writes a tensor as an `.npy` file (`<f4` or `<i4`, C order), which appears complete or not at all.
    ///
    /// - Throws: ``WeightFileError``.
    public static func write(_ tensor: Tensor, to path: String) throws {
        try AtomicFile.create(path) { file in
            try file.append(NumPyHeader.bytes(for: tensor))
            try tensor.forEachChunk(as: stored(tensor)) { try file.append($0) }
        }
    }

    /// The arrays of an `.npz` file, in the file's order and without the `.npy` of their names.
    ///
    /// - Throws: ``WeightFileError``; among others for a compressed entry (`numpy.savez_compressed`), and for bytes that
    ///   do not have their checksum.
    public static func readArchive(_ path: String) throws -> StateDictionary {
        try archive(FileBytes(mapping: path), file: path)
    }

    /// The arrays of an `.npz` file that is in memory.
    ///
    /// - Throws: ``WeightFileError``.
    public static func readArchive(bytes: [UInt8]) throws -> StateDictionary {
        try archive(FileBytes(copying: bytes), file: "npz")
    }

    /// Writes tensors as an `.npz` file of stored entries, which appears complete or not at all.
    ///
    /// - Throws: ``WeightFileError``; also for a name that comes twice, and for 4 GiB or more.
    public static func writeArchive(_ tensors: StateDictionary, to path: String) throws {
        var names: Set<String> = []
        for name in tensors.names where !names.insert(name).inserted {
            throw WeightFileError(path, .duplicateName(name))
        }
        try AtomicFile.create(path) { file in
            var zip = ZipWriter(file, path: path)
            for (name, tensor) in tensors.entries {
                let header = NumPyHeader.bytes(for: tensor)
                try zip.add(name + ".npy", count: header.count + 4 * tensor.count) { body in
                    try header.withUnsafeBytes(body)
                    try tensor.forEachChunk(as: stored(tensor), body)
                }
            }
            try zip.finish()
        }
    }

    private static func stored(_ tensor: Tensor) -> StoredType { tensor.elementType == .float32 ? .float32 : .int32 }

    private static func archive(_ source: FileBytes, file: String) throws -> StateDictionary {
        var arrays = StateDictionary()
        var names: Set<String> = []
        for entry in try ZipReader(source, file: file).entries {
            let name = entry.name.hasSuffix(".npy") ? String(entry.name.dropLast(4)) : entry.name
            guard names.insert(name).inserted else { throw WeightFileError(file, .duplicateName(name)) }
            arrays.entries.append((name, try tensor(entry.bytes, file: "\(file), \(entry.name)")))
        }
        return withExtendedLifetime(source) { arrays }
    }

    private static func tensor(_ bytes: UnsafeRawBufferPointer, file: String) throws -> Tensor {
        let (values, header) = try NumPyHeader.values(bytes, file: file)
        guard header.isFortranOrder, header.shape.count > 1 else { return try values.tensor(in: file) }
        // The first axis runs fastest: read as the reversed shape, and turned round.
        let reversed = StoredValues(
            name: values.name, type: values.type, shape: header.shape.reversed(), bytes: values.bytes,
            isBigEndian: values.isBigEndian)
        let tensor = try reversed.tensor(in: file)
        return tensor.permuted(Array((0..<tensor.rank).reversed()))
    }
}
