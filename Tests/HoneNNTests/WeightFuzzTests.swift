import Foundation
import HoneNN
import HoneTensor
import Testing

/// Files that were changed at random: each is read in full, or refused with a `WeightFileError`; nothing else may happen.
///
/// 100,000 safetensors files and 40,000 of NumPy's are made from fixed seeds. Others are made by
/// `HONE_FUZZ_SEED=7 HONE_FUZZ_FILES=5000000 swift test -c release --filter WeightFuzzTests`.
@Suite struct WeightFuzzTests {
    private let seed: UInt64
    private let files: Int

    init() {
        let environment = ProcessInfo.processInfo.environment
        seed = environment["HONE_FUZZ_SEED"].flatMap(UInt64.init) ?? 1
        files = environment["HONE_FUZZ_FILES"].flatMap(Int.init) ?? 100_000
    }

    private static let header =
        "{\"__metadata__\":{\"a\":\"b\"},\"w\":{\"dtype\":\"F16\",\"shape\":[2,1],\"data_offsets\":[0,4]},"
        + "\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[4,12]}}"

    /// Pieces that mean something in a header, to be put where they do not belong.
    private static let pieces = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u12", "\\ud800", "-1", "0", "1e5", "18446744073709551615",
        "9223372036854775807", "4611686018427387904", "null", "\"shape\"", "\"dtype\"", "\"BOOL\"", "\"F64\"", "\u{0}",
        "é",
        "{{{{{{{{{{{{{{{{{{{{", "[[[[[[[[[[[[[[[[[[[[", "\"w\":{", "\"__metadata__\":", "(", ")", "'", "True", "<i8",
        "PK",
    ].map { Array($0.utf8) }

    /// Changes bytes in one to three ways.
    private func mutate(_ original: [UInt8], _ numbers: inout TestNumbers) -> [UInt8] {
        var bytes = original
        func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(numbers.next() % UInt64(bound)) }
        for _ in 0...below(3) {
            let place = below(bytes.count + 1)
            switch below(8) {
            case 0: if place < bytes.count { bytes[place] ^= 1 << UInt8(below(8)) }
            case 1: if place < bytes.count { bytes[place] = UInt8(below(256)) }
            case 2: bytes.removeLast(below(bytes.count + 1))
            case 3: bytes.removeSubrange(place..<min(bytes.count, place + below(9)))
            case 4: bytes.insert(contentsOf: WeightFuzzTests.pieces[below(WeightFuzzTests.pieces.count)], at: place)
            case 5:
                let piece = WeightFuzzTests.pieces[below(WeightFuzzTests.pieces.count)]
                bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: piece)
            case 6:
                let source = below(bytes.count)
                bytes.insert(contentsOf: Array(bytes[source..<min(bytes.count, source + below(40))]), at: place)
            default:
                // A digit for another keeps the syntax, and makes sizes and offsets wrong.
                if let digit = bytes[place...].firstIndex(where: { (0x30...0x39).contains($0) }) {
                    bytes[digit] = UInt8(0x30 + below(10))
                }
            }
        }
        return bytes
    }

    @Test func changedSafetensorsAreReadOrRefused() throws {
        var numbers = TestNumbers(seed: seed)
        let text = Array(WeightFuzzTests.header.utf8)
        var (read, refused) = (0, 0)
        for index in 0..<files {
            // Half of the files keep a length that fits their header, or no mutation would come past it.
            var bytes: [UInt8]
            if index % 2 == 0 {
                let header = mutate(text, &numbers)
                bytes = withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header
                bytes += [UInt8](repeating: 0, count: 12)
            } else {
                bytes = mutate(safetensors(WeightFuzzTests.header, data: 12), &numbers)
            }
            do {
                let file = try SafeTensors(bytes: bytes)
                var total = 0
                for entry in file.entries {
                    total += entry.shape.reduce(entry.type.size, *)
                    do {
                        let tensor = try file.tensor(named: entry.name)
                        #expect(tensor.shape.array == entry.shape)
                    } catch let error as WeightFileError {
                        guard case .valueOutOfRange = error.reason else {
                            if case .unsupported = error.reason, entry.shape.count > Shape.maximumRank { continue }
                            throw error
                        }
                    }
                }
                if total > bytes.count - 8 {
                    Issue.record("file \(index): tensors of \(total) bytes in \(bytes.count)")
                }
                read += 1
            } catch is WeightFileError {
                refused += 1
            } catch {
                Issue.record("file \(index) of seed \(seed): \(error)")
            }
        }
        // Both happen, so that neither the reader nor the mutations are idle.
        #expect(read > files / 100 && refused > files / 2 && read + refused == files)
    }

    @Test func changedFilesOnDiskAreReadOrRefused() throws {
        var numbers = TestNumbers(seed: seed &+ 1)
        try withFolder { folder in
            let path = folder + "/x.safetensors"
            for index in 0..<min(2000, files) {
                let bytes = mutate(safetensors(WeightFuzzTests.header, data: 12), &numbers)
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                do {
                    let file = try SafeTensors.read(path)
                    for name in file.names { _ = try file.tensor(named: name) }
                } catch let error as WeightFileError {
                    #expect(error.file == path)
                } catch {
                    Issue.record("file \(index) of seed \(seed): \(error)")
                }
            }
        }
    }

    @Test func changedNumPyFilesAreReadOrRefused() throws {
        var numbers = TestNumbers(seed: seed &+ 2)
        let arrays = try NumPySample.arrays.map { Array(try #require(Data(base64Encoded: $0.file))) }
        let whole = Array(try #require(Data(base64Encoded: NumPySample.archive)))
        let (first, second) = (ZipSample("a.npy", arrays[0]), ZipSample("b.npy", arrays[4]))
        // One whose directory names its one large entry eight times: read in full, it would be larger than its file.
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2000,), }"
        let padded = header + String(repeating: " ", count: 117 - header.count) + "\n"
        let large = ZipSample(
            "0.npy", Array(arrays[0][0..<10]) + Array(padded.utf8) + [UInt8](repeating: 7, count: 2000))
        let shared = ZipSample.archive([large], records: (0..<8).map { ("\($0).npy", large, 0) })
        // And one whose second entry lies within the first.
        let outer = ZipSample("o.npy", arrays[0] + first.local)
        let nested = ZipSample.archive(
            [outer], records: [("o.npy", outer, 0), ("a.npy", first, outer.headerCount + arrays[0].count)])
        let archives = [whole, whole, ZipSample.archive([first, second]), shared, nested]
        var (read, refused) = (0, 0)
        for index in 0..<files * 2 / 5 {
            do {
                if index % 3 == 0 {
                    let bytes = mutate(archives[index / 3 % archives.count], &numbers)
                    let total = try NumPy.readArchive(bytes: bytes).entries.reduce(0) { $0 + $1.value.count }
                    if total > bytes.count { Issue.record("file \(index): \(total) numbers in \(bytes.count)") }
                } else {
                    let bytes = mutate(arrays[index % arrays.count], &numbers)
                    let tensor = try NumPy.read(bytes: bytes)
                    if tensor.count > bytes.count { Issue.record("file \(index): \(tensor.shape)") }
                }
                read += 1
            } catch is WeightFileError {
                refused += 1
            } catch {
                Issue.record("file \(index) of seed \(seed): \(error)")
            }
        }
        #expect(read > files / 100 && refused > files / 10)
    }
}
