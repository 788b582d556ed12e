import HoneTensor

/// The header of an array in NumPy's format (NEP 1): magic bytes, a version, and a Python dictionary as text.
struct NumPyHeader {
    let type: StoredType
    let isBigEndian: Bool
    let isFortranOrder: Bool
    let shape: [Int]

    private static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

    /// Types by their codes; the byte order stands before them.
    private static let types: [String: StoredType] = [
        "f8": .float64, "f4": .float32, "f2": .float16, "i8": .int64, "i4": .int32, "i2": .int16, "i1": .int8,
        "u8": .uint64, "u4": .uint32, "u2": .uint16, "u1": .uint8, "b1": .bool,
    ]

    /// Reads the array that fills `bytes`.
    static func values(_ bytes: UnsafeRawBufferPointer, file: String) throws -> (StoredValues, NumPyHeader) {
        guard bytes.count >= 10 else {
            throw WeightFileError(file, .truncated("the beginning of an array", needs: 10, has: bytes.count))
        }
        guard bytes.prefix(6).elementsEqual(magic), (1...3).contains(bytes[6]) else {
            throw WeightFileError(file, .notThisFormat("this is no NumPy array of version 1, 2 or 3"))
        }
        let lengthSize = bytes[6] == 1 ? 2 : 4
        guard bytes.count >= 8 + lengthSize else {
            throw WeightFileError(file, .truncated("the header's length", needs: 12, has: bytes.count))
        }
        let length = (0..<lengthSize).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
        let start = 8 + lengthSize
        guard length <= bytes.count - start else {
            throw WeightFileError(file, .headerLength(UInt64(length), allowed: bytes.count - start))
        }
        var parser = PythonDictionary(UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]), file: file)
        let header = try NumPyHeader(&parser, file: file)
        guard let count = StoredValues.byteCount(header.shape, header.type) else {
            throw WeightFileError(
                file, .tensorSize(tensor: "array", problem: "\(header.shape) has more bytes than can be counted"))
        }
        let data = bytes[(start + length)...]
        guard count == data.count else {
            throw WeightFileError(
                file,
                .tensorSize(
                    tensor: "array",
                    problem: "\(header.type.rawValue) \(header.shape) takes \(count) bytes, and there are \(data.count)"
                ))
        }
        let values = StoredValues(
            name: "array", type: header.type, shape: header.shape, bytes: UnsafeRawBufferPointer(rebasing: data),
            isBigEndian: header.isBigEndian)
        return (values, header)
    }

    private init(_ parser: inout PythonDictionary, file: String) throws {
        let members = try parser.parse()
        guard case .text(let code) = members["descr"], case .flag(let isFortranOrder) = members["fortran_order"],
            case .numbers(let shape) = members["shape"], members.count == 3
        else { throw WeightFileError(file, .header("expected descr, fortran_order and shape, each once", at: 0)) }
        guard let order = code.first, "<>|=".contains(order), let type = NumPyHeader.types[String(code.dropFirst())],
            order != "|" || type.size == 1
        else { throw WeightFileError(file, .unknownType(code, tensor: "array")) }
        self.type = type
        isBigEndian = order == ">"
        self.isFortranOrder = isFortranOrder
        self.shape = shape
    }

    /// The header of a tensor, ready to be followed by its elements, which begin at a multiple of 64 bytes.
    static func bytes(for tensor: Tensor) -> [UInt8] {
        let lengths = tensor.shape.array.map(String.init).joined(separator: ", ") + (tensor.rank == 1 ? "," : "")
        let type = tensor.elementType == .float32 ? "<f4" : "<i4"
        var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(lengths)), }"
        text += String(repeating: " ", count: (64 - (10 + text.utf8.count + 1) % 64) % 64) + "\n"
        let count = text.utf8.count
        return magic + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)] + Array(text.utf8)
    }
}

/// The dictionary in an array's header: text, truth values and tuples of numbers by name.
private struct PythonDictionary {
    enum Value {
        case text(String)
        case flag(Bool)
        case numbers([Int])
    }

    private let bytes: UnsafeRawBufferPointer
    private let file: String
    private var place = 0

    init(_ bytes: UnsafeRawBufferPointer, file: String) {
        self.bytes = bytes
        self.file = file
    }

    private func wrong(_ problem: String) -> WeightFileError { WeightFileError(file, .header(problem, at: place)) }

    private mutating func skipSpace() {
        while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x0A { place += 1 }
    }

    private mutating func passes(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard passes(character) else { throw wrong("expected \(character)") }
    }

    mutating func parse() throws -> [String: Value] {
        var members: [String: Value] = [:]
        try expect("{")
        while !passes("}") {
            let name = try text()
            try expect(":")
            guard members.updateValue(try value(), forKey: name) == nil else {
                throw WeightFileError(file, .duplicateName(name))
            }
            if !passes(",") {
                try expect("}")
                break
            }
        }
        skipSpace()
        guard place == bytes.count else { throw wrong("something follows the dictionary") }
        return members
    }

    private mutating func text() throws -> String {
        let quote: Unicode.Scalar = passes("\"") ? "\"" : "'"
        if quote == "'" { try expect("'") }
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: quote) {
            guard bytes[place] >= 0x20, bytes[place] < 0x7F, bytes[place] != UInt8(ascii: "\\") else {
                throw wrong("text of something other than plain letters")
            }
            place += 1
        }
        guard place < bytes.count else { throw wrong("text without an end") }
        place += 1
        return String(decoding: bytes[start..<place - 1], as: UTF8.self)
    }

    private mutating func value() throws -> Value {
        if passes("(") { return .numbers(try numbers()) }
        if passes("T") { return try word("rue", .flag(true)) }
        if passes("F") { return try word("alse", .flag(false)) }
        if passes("[") { throw WeightFileError(file, .unsupported("arrays of records are not read")) }
        return .text(try text())
    }

    private mutating func word(_ rest: String, _ value: Value) throws -> Value {
        let letters = Array(rest.utf8)
        guard bytes.count - place >= letters.count, bytes[place..<place + letters.count].elementsEqual(letters) else {
            throw wrong("an unknown word")
        }
        place += letters.count
        return value
    }

    private mutating func numbers() throws -> [Int] {
        var numbers: [Int] = []
        while !passes(")") {
            let start = place
            while place < bytes.count, (0x30...0x39).contains(bytes[place]) { place += 1 }
            guard place > start, let number = Int(String(decoding: bytes[start..<place], as: UTF8.self)) else {
                throw wrong("expected a whole number of 0 or more that can be counted to")
            }
            // A number made by Python 2 may end in L.
            if place < bytes.count, bytes[place] == UInt8(ascii: "L") { place += 1 }
            numbers.append(number)
            if !passes(",") {
                try expect(")")
                break
            }
        }
        return numbers
    }
}
