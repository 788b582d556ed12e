/// The entries of a zip file that are stored as they are (PKWARE's APPNOTE, sections 4.3.7 to 4.3.16).
struct ZipReader {
    struct Entry {
        let name: String
        let bytes: UnsafeRawBufferPointer
        fileprivate let checksum: UInt32
        /// Its header and its bytes within the file.
        fileprivate let range: Range<Int>
    }

    /// All entries in the order of the directory at the file's end, with their checksums verified. No two share a byte of
    /// the file, so together they are no larger than it is.
    let entries: [Entry]

    init(_ source: FileBytes, file: String) throws {
        let (count, start) = try ZipReader.directory(of: source, file: file)
        var place = start
        var entries: [Entry] = []
        for _ in 0..<count { entries.append(try ZipReader.entry(in: source, at: &place, file: file)) }
        try ZipReader.refuseOverlap(entries, directory: start, file: file)
        for entry in entries {
            var sum = CRC32()
            sum.update(entry.bytes)
            guard sum.value == entry.checksum else { throw WeightFileError(file, .checksum(entry: entry.name)) }
        }
        self.entries = entries
    }

    /// Entries lie side by side, and before their directory: many that share their bytes would be a small file of large
    /// arrays.
    private static func refuseOverlap(_ entries: [Entry], directory: Int, file: String) throws {
        var end = 0
        for entry in entries.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            guard entry.range.lowerBound >= end, entry.range.upperBound <= directory else {
                let problem = "its bytes belong to another entry or to the directory as well"
                throw WeightFileError(file, .tensorSize(tensor: entry.name, problem: problem))
            }
            end = entry.range.upperBound
        }
    }

    /// The number of entries and where their directory begins, from the record at the end, behind which only a comment
    /// may stand.
    private static func directory(of source: FileBytes, file: String) throws -> (count: Int, start: Int) {
        let last = source.bytes.count - 22
        for place in stride(from: last, through: max(0, last - 0xFFFF), by: -1) {
            guard source.number(UInt32.self, at: place) == 0x0605_4B50,
                let comment = source.number(UInt16.self, at: place + 20),
                place + 22 + Int(comment) == source.bytes.count,
                let count = source.number(UInt16.self, at: place + 10),
                let start = source.number(UInt32.self, at: place + 16)
            else { continue }
            guard count != 0xFFFF, start != 0xFFFF_FFFF else {
                throw WeightFileError(file, .unsupported("archives of 4 GiB or more are not read"))
            }
            return (Int(count), Int(start))
        }
        throw WeightFileError(file, .notThisFormat("this is no zip archive, or its end is missing"))
    }

    private static func entry(in source: FileBytes, at place: inout Int, file: String) throws -> Entry {
        guard source.number(UInt32.self, at: place) == 0x0201_4B50,
            let method = source.number(UInt16.self, at: place + 10),
            let flags = source.number(UInt16.self, at: place + 8), let crc = source.number(UInt32.self, at: place + 16),
            let packed = source.number(UInt32.self, at: place + 20),
            let size = source.number(UInt32.self, at: place + 24),
            let nameCount = source.number(UInt16.self, at: place + 28),
            let extraCount = source.number(UInt16.self, at: place + 30),
            let commentCount = source.number(UInt16.self, at: place + 32),
            let offset = source.number(UInt32.self, at: place + 42),
            let nameBytes = source.slice(place + 46, Int(nameCount))
        else {
            throw WeightFileError(
                file, .truncated("the archive's directory", needs: place + 46, has: source.bytes.count))
        }
        let name = String(decoding: nameBytes, as: UTF8.self)
        place += 46 + Int(nameCount) + Int(extraCount) + Int(commentCount)
        guard flags & 1 == 0 else { throw WeightFileError(file, .unsupported("\"\(name)\" is encrypted")) }
        guard method == 0 else {
            throw WeightFileError(
                file,
                .unsupported(
                    "\"\(name)\" is compressed (method \(method)), and only stored entries are read: "
                        + "write it by numpy.savez rather than numpy.savez_compressed"))
        }
        guard packed != 0xFFFF_FFFF, size != 0xFFFF_FFFF, offset != 0xFFFF_FFFF else {
            throw WeightFileError(file, .unsupported("\"\(name)\" is of 4 GiB or more"))
        }
        // The entry's own header repeats the name, with an extra field of a length of its own.
        guard packed == size, source.number(UInt32.self, at: Int(offset)) == 0x0403_4B50,
            let ownName = source.number(UInt16.self, at: Int(offset) + 26),
            let ownExtra = source.number(UInt16.self, at: Int(offset) + 28),
            let ownNameBytes = source.slice(Int(offset) + 30, Int(ownName)),
            let bytes = source.slice(Int(offset) + 30 + Int(ownName) + Int(ownExtra), Int(size))
        else {
            throw WeightFileError(file, .tensorSize(tensor: name, problem: "its place is not within the archive"))
        }
        guard ownNameBytes.elementsEqual(nameBytes) else {
            let own = String(decoding: ownNameBytes, as: UTF8.self)
            throw WeightFileError(file, .tensorSize(tensor: name, problem: "at its place is an entry \"\(own)\""))
        }
        let end = Int(offset) + 30 + Int(ownName) + Int(ownExtra) + Int(size)
        return Entry(name: name, bytes: bytes, checksum: crc, range: Int(offset)..<end)
    }
}

/// Writes a zip file of stored entries.
struct ZipWriter {
    private let file: AtomicFile
    private let path: String
    private var directory: [UInt8] = []
    private var count = 0

    init(_ file: AtomicFile, path: String) {
        self.file = file
        self.path = path
    }

    /// Adds an entry of `count` bytes. `produce` hands them over in pieces, and is called twice: the checksum stands
    /// before the bytes.
    mutating func add(
        _ name: String, count size: Int, _ produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    )
        throws
    {
        let nameBytes = Array(name.utf8)
        guard nameBytes.count <= 0xFFFF, let short = UInt32(exactly: size), let offset = UInt32(exactly: file.count),
            short < UInt32.max, count < 0xFFFE
        else { throw WeightFileError(path, .unsupported("archives of 4 GiB or more are not written")) }
        var sum = CRC32()
        try produce { sum.update($0) }
        // Version 2.0, names in UTF-8, stored, and the date at which zip's calendar begins: equal arrays, equal bytes.
        var common: [UInt8] = []
        for word in [20, 0x0800, 0, 0, 0x21] as [UInt16] { common.append(little: word) }
        for word in [sum.value, short, short] { common.append(little: word) }
        common.append(little: UInt16(nameBytes.count))
        common.append(little: UInt16(0))
        try file.append([0x50, 0x4B, 3, 4] + common + nameBytes)
        try produce { try file.append($0) }
        directory += [0x50, 0x4B, 1, 2, 20, 0] + common + [UInt8](repeating: 0, count: 10)
        directory.append(little: offset)
        directory += nameBytes
        count += 1
    }

    /// Writes the directory, which ends the file.
    func finish() throws {
        guard let start = UInt32(exactly: file.count), let size = UInt32(exactly: directory.count), start < UInt32.max
        else { throw WeightFileError(path, .unsupported("archives of 4 GiB or more are not written")) }
        var end: [UInt8] = [0x50, 0x4B, 5, 6, 0, 0, 0, 0]
        end.append(little: UInt16(count))
        end.append(little: UInt16(count))
        end.append(little: size)
        end.append(little: start)
        end.append(little: UInt16(0))
        try file.append(directory + end)
    }
}

extension [UInt8] {
    fileprivate mutating func append(little value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
