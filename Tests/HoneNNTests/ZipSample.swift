/// An entry of a zip archive that is put together by hand, so that its directory may lie.
struct ZipSample {
    let name: String
    let content: [UInt8]

    init(_ name: String, _ content: [UInt8]) {
        self.name = name
        self.content = content
    }

    /// The bytes before the content.
    var headerCount: Int { 30 + name.utf8.count }

    /// The entry as it stands in the file: its header and its content.
    var local: [UInt8] {
        [0x50, 0x4B, 3, 4] + common(name) + Array(name.utf8) + content
    }

    /// An archive of entries. The directory names and places them as `records` say; truly, without.
    static func archive(
        _ entries: [ZipSample], records: [(name: String, entry: ZipSample, offset: Int)]? = nil
    ) -> [UInt8] {
        var data: [UInt8] = []
        var truth: [(name: String, entry: ZipSample, offset: Int)] = []
        for entry in entries {
            truth.append((entry.name, entry, data.count))
            data += entry.local
        }
        var directory: [UInt8] = []
        for (name, entry, offset) in records ?? truth {
            directory += [0x50, 0x4B, 1, 2, 20, 0] + entry.common(name) + [UInt8](repeating: 0, count: 10)
            directory += bytes(UInt32(offset)) + Array(name.utf8)
        }
        let count = bytes(UInt16((records ?? truth).count))
        return data + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count + bytes(UInt32(directory.count))
            + bytes(UInt32(data.count)) + [0, 0]
    }

    /// What header and directory have in common: version, flags, method, time, date, checksum, sizes, lengths.
    private func common(_ name: String) -> [UInt8] {
        let size = ZipSample.bytes(UInt32(content.count))
        return [20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0] + ZipSample.bytes(checksum) + size + size
            + ZipSample.bytes(UInt16(name.utf8.count)) + [0, 0]
    }

    /// CRC-32, a bit at a time.
    private var checksum: UInt32 {
        var sum = UInt32.max
        for byte in content {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian, Array.init)
    }
}
