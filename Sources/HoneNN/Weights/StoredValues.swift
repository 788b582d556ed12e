import HoneTensor

/// The numbers of one tensor in a file: their bytes, and how they are to be read. Nothing is converted until it is asked
/// for.
struct StoredValues {
    let name: String
    let type: StoredType
    let shape: [Int]
    /// Exactly as many bytes as type and shape take.
    let bytes: UnsafeRawBufferPointer
    var isBigEndian = false

    var count: Int { bytes.count / type.size }

    /// The bytes that numbers of a type and shape take, or nil when they are more than an integer counts.
    static func byteCount(_ shape: [Int], _ type: StoredType) -> Int? {
        var bytes = type.size
        for length in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: length)
            if overflow || length < 0 { return nil }
            bytes = product
        }
        return bytes
    }

    private func load<Value: FixedWidthInteger>(_ index: Int, as: Value.Type) -> Value {
        let value = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Value>.size, as: Value.self)
        return isBigEndian ? Value(bigEndian: value) : Value(littleEndian: value)
    }

    /// The values as floats, each the nearest one.
    func write(floats out: UnsafeMutableBufferPointer<Float>) {
        #if _endian(little)
        if type == .float32, !isBigEndian { return UnsafeMutableRawBufferPointer(out).copyMemory(from: bytes) }
        #endif
        switch type {
        case .float32: for i in out.indices { out[i] = Float(bitPattern: load(i, as: UInt32.self)) }
        case .float16: for i in out.indices { out[i] = Half.float(fromHalf: load(i, as: UInt16.self)) }
        case .bfloat16: for i in out.indices { out[i] = Half.float(fromBrain: load(i, as: UInt16.self)) }
        default: for i in out.indices { out[i] = Float(double(i)) }
        }
    }

    /// One value, exact unless it is a whole number beyond 2⁵³.
    func double(_ index: Int) -> Double {
        switch type {
        case .float64: Double(bitPattern: load(index, as: UInt64.self))
        case .float32: Double(Float(bitPattern: load(index, as: UInt32.self)))
        case .float16: Double(Half.float(fromHalf: load(index, as: UInt16.self)))
        case .bfloat16: Double(Half.float(fromBrain: load(index, as: UInt16.self)))
        case .uint64: Double(load(index, as: UInt64.self))
        default: Double(integer(index) ?? 0)
        }
    }

    /// One whole number; nil for one beyond 64 bits with sign, or a type that is not of whole numbers.
    func integer(_ index: Int) -> Int64? {
        switch type {
        case .int64: load(index, as: Int64.self)
        case .int32: Int64(load(index, as: Int32.self))
        case .int16: Int64(load(index, as: Int16.self))
        case .int8: Int64(load(index, as: Int8.self))
        case .uint64: Int64(exactly: load(index, as: UInt64.self))
        case .uint32: Int64(load(index, as: UInt32.self))
        case .uint16: Int64(load(index, as: UInt16.self))
        case .uint8: Int64(load(index, as: UInt8.self))
        case .bool: load(index, as: UInt8.self) == 0 ? 0 : 1
        case .float64, .float32, .float16, .bfloat16: nil
        }
    }

    /// The tensor: float32 or int32, as the type is.
    ///
    /// - Throws: ``WeightFileError`` for a whole number that int32 cannot hold, or a shape that no tensor can have.
    func tensor(in file: String) throws -> Tensor {
        let tensorShape = Shape(shape)
        if let problem = tensorShape.problem {
            throw WeightFileError(file, .unsupported("tensor \"\(name)\" has \(problem)"))
        }
        if type.isFloat { return .build(tensorShape) { write(floats: $0) } }
        var values = [Int32](repeating: 0, count: count)
        for index in values.indices {
            guard let whole = integer(index), let value = Int32(exactly: whole) else {
                let found = integer(index).map(String.init) ?? "\(load(index, as: UInt64.self))"
                throw WeightFileError(file, .valueOutOfRange(tensor: name, index: index, value: found))
            }
            values[index] = value
        }
        return Tensor(values, shape: tensorShape)
    }
}

extension Tensor {
    /// The bytes of the elements as numbers of a type, least significant first, handed over in pieces: there is never a
    /// second copy of the whole.
    func forEachChunk(as type: StoredType, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        #if _endian(little)
        if type.rawValue == (elementType == .float32 ? "F32" : "I32") { return try withUnsafeBytes(body) }
        #endif
        let elements = 1 << 16
        var chunk: [UInt8] = []
        chunk.reserveCapacity(Swift.min(count, elements) * type.size)
        func append<Value: FixedWidthInteger>(_ value: Value) {
            Swift.withUnsafeBytes(of: value.littleEndian) { chunk.append(contentsOf: $0) }
        }
        func flush() throws {
            try chunk.withUnsafeBytes(body)
            chunk.removeAll(keepingCapacity: true)
        }
        try withUnsafeFloats { values in
            for start in stride(from: 0, to: values.count, by: elements) {
                for value in values[start..<Swift.min(start + elements, values.count)] {
                    switch type {
                    case .float16: append(Half.half(from: value))
                    case .bfloat16: append(Half.brain(from: value))
                    case .float64: append(Double(value).bitPattern)
                    default: append(value.bitPattern)
                    }
                }
                try flush()
            }
        }
        try withUnsafeIntegers { values in
            for start in stride(from: 0, to: values.count, by: elements) {
                for value in values[start..<Swift.min(start + elements, values.count)] {
                    // Of a number that the type holds, these are its bytes, with a sign or without.
                    switch type.size {
                    case 8: append(Int64(value))
                    case 4: append(value)
                    case 2: append(Int16(truncatingIfNeeded: value))
                    default: append(Int8(truncatingIfNeeded: value))
                    }
                }
                try flush()
            }
        }
    }
}
