import HoneTensor

/// A safetensors file: names, shapes, types and metadata at once, and the values of a tensor when they are asked for.
///
/// ```swift
/// let file = try SafeTensors.read("resnet18.safetensors")
/// print(file.names, file.metadata)
/// let weight = try file.tensor(named: "conv1.weight")
/// ```
///
/// The file is mapped into memory and must stay as it is while it is used; replacing it by another of its name is no
/// change. The header is checked in full: names come once, types are known, and tensors fill the data without overlap or
/// hole. A mistake is a ``WeightFileError``; what a file claims never decides how much memory is taken.
public struct SafeTensors: Sendable {
    /// One tensor as the header has it.
    public struct Entry: Sendable, Equatable {
        /// The name.
        public let name: String
        /// The lengths of the axes; any number of them.
        public let shape: [Int]
        /// The kind of number in the file.
        public let type: StoredType
        /// Its bytes within the file.
        let range: Range<Int>
    }

    /// All tensors, in the order of their data.
    public let entries: [Entry]

    /// What else the header says, as text by name; empty when it says nothing.
    public let metadata: [String: String]

    /// The path, or what stands for it.
    public let path: String

    private let source: FileBytes
    private let places: [String: Int]

    /// A longer header is refused.
    static let maximumHeader = 100_000_000

    /// Opens a file and reads its header.
    ///
    /// - Throws: ``WeightFileError``.
    public static func read(_ path: String) throws -> SafeTensors {
        try SafeTensors(FileBytes(mapping: path), path: path)
    }

    /// Reads a file that is in memory.
    ///
    /// - Throws: ``WeightFileError``.
    public init(bytes: [UInt8]) throws { try self.init(FileBytes(copying: bytes), path: "safetensors") }

    private init(_ source: FileBytes, path: String) throws {
        guard let length = source.number(UInt64.self, at: 0) else {
            throw WeightFileError(path, .truncated("the length of the header", needs: 8, has: source.bytes.count))
        }
        let allowed = min(SafeTensors.maximumHeader, source.bytes.count - 8)
        guard length <= UInt64(allowed), let header = source.slice(8, Int(length)) else {
            throw WeightFileError(path, .headerLength(length, allowed: allowed))
        }
        let parser = try HeaderParser(header, file: path)
        self.source = source
        self.path = path
        metadata = parser.metadata
        let start = 8 + header.count
        entries = try SafeTensors.check(parser.entries, dataCount: source.bytes.count - start, start: start, path)
        places = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
    }

    /// The entries in the order of their data, which they must fill without overlap or hole.
    private static func check(_ found: [HeaderParser.Entry], dataCount: Int, start: Int, _ path: String) throws
        -> [Entry]
    {
        var place = 0
        let entries = try found.sorted { ($0.begin, $0.end) < ($1.begin, $1.end) }.map { entry in
            guard let type = StoredType(rawValue: entry.type) else {
                throw WeightFileError(path, .unknownType(entry.type, tensor: entry.name))
            }
            func refuse(_ problem: String) -> WeightFileError {
                WeightFileError(path, .tensorSize(tensor: entry.name, problem: problem))
            }
            guard let bytes = StoredValues.byteCount(entry.shape, type) else {
                throw refuse("the shape \(entry.shape) has more bytes than can be counted")
            }
            guard entry.begin <= entry.end, entry.end <= dataCount else {
                throw refuse("offsets \(entry.begin)..<\(entry.end) are not within the \(dataCount) bytes of data")
            }
            guard bytes == entry.end - entry.begin else {
                throw refuse(
                    "\(type.rawValue) \(entry.shape) takes \(bytes) bytes, offsets say \(entry.end - entry.begin)")
            }
            guard entry.begin == place else {
                throw WeightFileError(path, .layout(tensor: entry.name, begins: entry.begin, expected: place))
            }
            place = entry.end
            return Entry(
                name: entry.name, shape: entry.shape, type: type, range: start + entry.begin..<start + entry.end)
        }
        guard place == dataCount else { throw WeightFileError(path, .unclaimed(dataCount - place)) }
        return entries
    }

    /// All names, in the order of their data.
    public var names: [String] { entries.map(\.name) }

    /// What the header says of a name, or nil.
    public subscript(name: String) -> Entry? { places[name].map { entries[$0] } }

    /// A tensor as float32 or int32; see ``StoredType``. Only its own bytes are read.
    ///
    /// - Throws: ``WeightFileError`` for a name that is not there, a whole number beyond int32, or more than six axes.
    public func tensor(named name: String) throws -> Tensor {
        let values = try values(named: name)
        return try withExtendedLifetime(source) { try values.tensor(in: path) }
    }

    /// A tensor's numbers in double precision, row-major: exact but for whole numbers beyond 2⁵³.
    ///
    /// - Throws: ``WeightFileError`` for a name that is not there.
    public func doubles(named name: String) throws -> [Double] {
        let values = try values(named: name)
        return withExtendedLifetime(source) { (0..<values.count).map(values.double) }
    }

    /// Whether two tensors have the same type, shape and bytes.
    func isIdentical(_ first: String, _ second: String) -> Bool {
        guard let a = self[first], let b = self[second], a.shape == b.shape, a.type == b.type else { return false }
        return source.bytes[a.range].elementsEqual(source.bytes[b.range])
    }

    private func values(named name: String) throws -> StoredValues {
        guard let entry = self[name], let bytes = source.slice(entry.range.lowerBound, entry.range.count) else {
            throw WeightFileError(path, .noTensor(name))
        }
        return StoredValues(name: name, type: entry.type, shape: entry.shape, bytes: bytes)
    }
}
