import Foundation
import HoneData
import HoneTensor
import Testing

@Suite struct IDXTests {
    /// Runs `body` with a folder of its own.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// What is wrong with a file of these bytes.
    private func mistake(_ bytes: [UInt8]) throws -> String? {
        var problem: String?
        try withFolder { folder in
            try write(bytes, "\(folder)/x")
            do { _ = try IDX(contentsOf: "\(folder)/x") } catch DataError.malformed(_, let found) { problem = found }
        }
        return problem
    }

    @Test func theHeaderIsBigEndianAndTheElementsFollow() throws {
        try withFolder { folder in
            try write([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255], "\(folder)/x")
            let array = try IDX(contentsOf: "\(folder)/x")
            #expect(array.shape == [2, 3] && array.bytes == [1, 2, 3, 4, 5, 255])
            try array.write(to: "\(folder)/y")
            #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/y")).count == 18)
            #expect(try IDX(contentsOf: "\(folder)/y") == array)
        }
    }

    @Test func whatIsNoSuchFileIsNamed() throws {
        #expect(try mistake([]) == "not an IDX file: expected it to begin with two zeros")
        #expect(try mistake([1, 0, 8, 1]) == "not an IDX file: expected it to begin with two zeros")
        #expect(try mistake([0, 0, 13, 1]) == "elements of type 13, expected 8 (unsigned bytes)")
        #expect(try mistake([0, 0, 8, 2, 0, 0]) == "cut short within its header of 12 bytes")
        let short: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 3, 1, 2]
        #expect(try mistake(short) == "2 bytes of elements, which do not fill the shape [3]")
        let huge: [UInt8] = [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12)
        #expect(try mistake(huge)?.hasPrefix("0 bytes of elements") == true)
    }

    /// An IDX array of [3] with the elements 7, 8, 9, made by gzip.
    private let compressed: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0x63, 0x60, 0xe0, 0x60, 0x64, 0x60, 0x60, 0x60,
        0x66, 0xe7, 0xe0, 0x04, 0x00, 0xad, 0x98, 0x0a, 0xba, 0x0b, 0x00, 0x00, 0x00,
    ]

    @Test func aCompressedFileIsReadAndADamagedOneIsAnError() throws {
        try withFolder { folder in
            try write(compressed, "\(folder)/x.gz")
            #expect(try IDX(contentsOf: "\(folder)/x.gz") == IDX(shape: [3], bytes: [7, 8, 9]))
        }
        #expect(try mistake(Array(compressed.dropLast(6))) == "the gzip stream is damaged or cut short")
        var damaged = compressed
        damaged[damaged.count - 6] ^= 1
        #expect(try mistake(damaged) == "the gzip stream is damaged or cut short")
    }

    @Test(arguments: ["", "fashion-"]) func aFolderIsReadWithAnyPrefix(_ prefix: String) throws {
        try withFolder { folder in
            for (part, count) in [("train", 4), ("t10k", 2)] {
                let pixels = (0..<count * 6).map { UInt8($0) }
                try IDX(shape: [count, 2, 3], bytes: pixels).write(to: "\(folder)/\(prefix)\(part)-images-idx3-ubyte")
                try IDX(shape: [count], bytes: (0..<count).map { UInt8($0) })
                    .write(to: "\(folder)/\(prefix)\(part)-labels-idx1-ubyte")
            }
            let split = try IDXFolder.load(folder)
            #expect(split.train.count == 4 && split.valid.count == 2)
            let batch = try split.valid.batch([1, 0])
            #expect(batch.inputs[0].shape == [2, 1, 2, 3])
            #expect(batch.targets[0].integers == [1, 0])
            // Normalised by the mean 11.5 and the deviation √(575/12) of the training bytes 0 to 23.
            let deviation = (575.0 / 12).squareRoot()
            for (value, byte) in zip(batch.inputs[0].scalars, [6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5]) {
                #expect(abs(Double(value) - (Double(byte) - 11.5) / deviation) < 1e-5)
            }
        }
    }

    /// Writes the files of a part: images of one pixel, which is the label too.
    private func write(_ part: String, _ labels: [UInt8], to folder: String) throws {
        try IDX(shape: [labels.count, 1, 1], bytes: labels).write(to: "\(folder)/\(part)-images-idx3-ubyte")
        try IDX(shape: [labels.count], bytes: labels).write(to: "\(folder)/\(part)-labels-idx1-ubyte")
    }

    /// All four files are of one set: taken one by one, `b-` would lend its images to the labels of `a-`.
    @Test func ofSeveralSetsInAFolderOneIsRead() throws {
        try withFolder { folder in
            for (prefix, label) in [("b-", UInt8(20)), ("c-", 30)] {
                try write("\(prefix)train", [label, label], to: folder)
                try write("\(prefix)t10k", [label], to: folder)
            }
            // An incomplete set whose labels come first by name.
            try IDX(shape: [2], bytes: [10, 10]).write(to: "\(folder)/a-train-labels-idx1-ubyte")
            #expect(try IDXFolder.prefix(in: folder) == "b-")
            for (prefix, label) in [(nil, Int32(20)), ("b-", 20), ("c-", 30)] {
                let (train, valid) = try IDXFolder.images(in: folder, prefix: prefix)
                #expect(train.labels == [label, label] && valid.labels == [label] && train.mean == Double(label) / 255)
                #expect(train.classes == Int(label) + 1)
                #expect(try IDXFolder.load(folder, prefix: prefix).valid.batch([0]).targets[0].integers == [label])
            }
            #expect(
                throws: DataError.missingResource(
                    "a-train-images-idx3-ubyte or a-train-images-idx3-ubyte.gz", searched: [folder])
            ) { try IDXFolder.load(folder, prefix: "a-") }
            // Without a prefix comes before all others.
            try write("train", [1, 2], to: folder)
            try write("t10k", [3], to: folder)
            #expect(try IDXFolder.prefix(in: folder) == "")
            #expect(try IDXFolder.images(in: folder).valid.classes == 4)
        }
    }

    @Test func aMissingFileAndUnequalCountsAreNamed() throws {
        try withFolder { folder in
            #expect(
                throws: DataError.missingResource(
                    "train-images-idx3-ubyte or train-images-idx3-ubyte.gz", searched: [folder])
            ) { try IDXFolder.load(folder) }
            for part in ["train", "t10k"] {
                try IDX(shape: [2, 1, 1], bytes: [1, 2]).write(to: "\(folder)/\(part)-images-idx3-ubyte")
                try IDX(shape: [3], bytes: [1, 2, 3]).write(to: "\(folder)/\(part)-labels-idx1-ubyte")
            }
            #expect(throws: DataError.countMismatch(inputs: 2, targets: 3)) { try IDXFolder.load(folder) }
        }
    }

    @Test func anImageOutsideOfTheSetIsAnError() throws {
        let images = try ByteImages(pixels: [0, 255], shape: [1, 1, 1], labels: [0, 1], mean: 0, deviation: 1)
        #expect(try images.batch([1]).inputs[0].scalars == [1])
        #expect(throws: DataError.index(2, of: "sample", count: 2)) { try images.batch([2]) }
    }
}
