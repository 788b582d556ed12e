/// Reads the JSON of a safetensors header, strictly: every name once, whole numbers where they belong, and no more depth
/// than the format has. Its time and memory grow with the header's length alone.
struct HeaderParser {
    /// What the header says of a tensor.
    struct Entry {
        let name: String
        let type: String
        let shape: [Int]
        let begin: Int
        let end: Int
    }

    private let file: String
    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    private(set) var entries: [Entry] = []
    private(set) var metadata: [String: String] = [:]

    /// How deep values may lie that are not looked at.
    private static let maximumDepth = 16

    init(_ bytes: UnsafeRawBufferPointer, file: String) throws {
        self.bytes = bytes
        self.file = file
        guard bytes.first == UInt8(ascii: "{") else { throw wrong("a header begins with {") }
        try parse()
    }

    private func wrong(_ problem: String) -> WeightFileError { WeightFileError(file, .header(problem, at: place)) }

    private mutating func parse() throws {
        var names: Set<String> = []
        var hasMetadata = false
        try object { parser, name in
            if name == "__metadata__" {
                if hasMetadata { throw WeightFileError(parser.file, .duplicateName(name)) }
                hasMetadata = true
                try parser.readMetadata()
            } else {
                guard names.insert(name).inserted else { throw WeightFileError(parser.file, .duplicateName(name)) }
                try parser.readEntry(name)
            }
        }
        skipSpace()
        guard place == bytes.count else { throw wrong("something follows the header's object") }
    }

    private mutating func readMetadata() throws {
        var found: [String: String] = [:]
        try object { parser, name in
            let value = try parser.string()
            guard found.updateValue(value, forKey: name) == nil else {
                throw WeightFileError(parser.file, .duplicateName(name))
            }
        }
        metadata = found
    }

    private mutating func readEntry(_ name: String) throws {
        var type: String?
        var shape: [Int]?
        var offsets: [Int]?
        var others: Set<String> = []
        try object { parser, member in
            var isFirst = true
            switch member {
            case "dtype":
                isFirst = type == nil
                type = try parser.string()
            case "shape":
                isFirst = shape == nil
                shape = try parser.integers()
            case "data_offsets":
                isFirst = offsets == nil
                offsets = try parser.integers()
            default:
                isFirst = others.insert(member).inserted
                try parser.skipValue(depth: 2)
            }
            if !isFirst { throw WeightFileError(parser.file, .duplicateName(member)) }
        }
        guard let type, let shape, let offsets else {
            throw wrong("tensor \"\(name)\" lacks one of dtype, shape and data_offsets")
        }
        guard offsets.count == 2 else {
            throw wrong("data_offsets of \"\(name)\" are \(offsets.count) numbers, expected 2")
        }
        entries.append(Entry(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1]))
    }

    // MARK: JSON

    private mutating func skipSpace() {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return
            }
        }
    }

    /// Whether the next byte that is not space is the given one, which is then passed.
    private mutating func passes(_ byte: UInt8) -> Bool {
        skipSpace()
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard passes(UInt8(ascii: character)) else { throw wrong("expected \(character)") }
    }

    private mutating func object(_ member: (inout HeaderParser, String) throws -> Void) throws {
        try expect("{")
        if passes(UInt8(ascii: "}")) { return }
        repeat {
            let name = try string()
            try expect(":")
            try member(&self, name)
        } while passes(UInt8(ascii: ","))
        try expect("}")
    }

    private mutating func integers() throws -> [Int] {
        var numbers: [Int] = []
        try expect("[")
        if passes(UInt8(ascii: "]")) { return [] }
        repeat { numbers.append(try integer()) } while passes(UInt8(ascii: ","))
        try expect("]")
        return numbers
    }

    private mutating func integer() throws -> Int {
        skipSpace()
        let start = place
        var number = 0
        while place < bytes.count, case let digit = bytes[place] &- UInt8(ascii: "0"), digit < 10 {
            let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = tens.addingReportingOverflow(Int(digit))
            if isTooLarge || overflows { throw wrong("the number is too large") }
            number = sum
            place += 1
        }
        let digits = place - start
        guard digits > 0, digits == 1 || bytes[start] != UInt8(ascii: "0") else {
            throw wrong("expected a whole number of 0 or more")
        }
        return number
    }

    private mutating func string() throws -> String {
        try expect("\"")
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\") {
            guard bytes[place] >= 0x20 else { throw wrong("a control character within a string") }
            place += 1
        }
        // Most strings have no escapes, and are one stretch of bytes.
        if place < bytes.count, bytes[place] == UInt8(ascii: "\"") {
            let text = try decode(bytes[start..<place])
            place += 1
            return text
        }
        var text = Array(bytes[start..<place])
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") {
                let result = try decode(text)
                place += 1
                return result
            }
            guard byte >= 0x20 else { throw wrong("a control character within a string") }
            place += 1
            if byte == UInt8(ascii: "\\") {
                text.append(contentsOf: String(try escape()).utf8)
            } else {
                text.append(byte)
            }
        }
        throw wrong("a string without an end")
    }

    private func decode(_ text: some Collection<UInt8>) throws -> String {
        let result = String(decoding: text, as: UTF8.self)
        // Invalid bytes come out as another character.
        guard result.utf8.elementsEqual(text) else { throw wrong("a string is not valid UTF-8") }
        return result
    }

    /// The character of an escape, whose backslash was passed.
    private mutating func escape() throws -> Unicode.Scalar {
        guard place < bytes.count else { throw wrong("a string without an end") }
        place += 1
        switch Unicode.Scalar(bytes[place - 1]) {
        case "\"": return "\""
        case "\\": return "\\"
        case "/": return "/"
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            let first = try hexadecimal()
            guard first & 0xFC00 == 0xD800 else {
                guard let scalar = Unicode.Scalar(first) else { throw wrong("half a surrogate pair") }
                return scalar
            }
            guard place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"), bytes[place + 1] == UInt8(ascii: "u")
            else { throw wrong("half a surrogate pair") }
            place += 2
            let second = try hexadecimal()
            guard second & 0xFC00 == 0xDC00,
                let scalar = Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF))
            else { throw wrong("half a surrogate pair") }
            return scalar
        default: throw wrong("an unknown escape in a string")
        }
    }

    private mutating func hexadecimal() throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard place < bytes.count, let digit = Character(Unicode.Scalar(bytes[place])).hexDigitValue,
                bytes[place] < 0x80
            else { throw wrong("expected four hexadecimal digits") }
            value = value << 4 | UInt32(digit)
            place += 1
        }
        return value
    }

    /// Passes a value that means nothing here; it must be JSON all the same.
    private mutating func skipValue(depth: Int) throws {
        guard depth < HeaderParser.maximumDepth else { throw wrong("values lie too deep within each other") }
        skipSpace()
        guard place < bytes.count else { throw wrong("a value is missing") }
        switch Unicode.Scalar(bytes[place]) {
        case "\"": _ = try string()
        case "{":
            var names: Set<String> = []
            try object { parser, name in
                guard names.insert(name).inserted else { throw WeightFileError(parser.file, .duplicateName(name)) }
                try parser.skipValue(depth: depth + 1)
            }
        case "[":
            place += 1
            if passes(UInt8(ascii: "]")) { return }
            repeat { try skipValue(depth: depth + 1) } while passes(UInt8(ascii: ","))
            try expect("]")
        case "t": try skipWord("true")
        case "f": try skipWord("false")
        case "n": try skipWord("null")
        default: try skipNumber()
        }
    }

    private mutating func skipWord(_ word: String) throws {
        let count = word.utf8.count
        guard bytes.count - place >= count, bytes[place..<place + count].elementsEqual(word.utf8) else {
            throw wrong("an unknown word")
        }
        place += count
    }

    private mutating func skipNumber() throws {
        let start = place
        while place < bytes.count, "+-.0123456789eE".utf8.contains(bytes[place]) { place += 1 }
        guard place > start, Double(String(decoding: bytes[start..<place], as: UTF8.self)) != nil else {
            place = start
            throw wrong("expected a value")
        }
    }
}
