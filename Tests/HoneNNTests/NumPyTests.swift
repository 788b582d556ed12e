import Foundation
import HoneNN
import HoneTensor
import Testing

@Suite struct NumPyTests {
    private func bytes(_ base64: String) throws -> [UInt8] { Array(try #require(Data(base64Encoded: base64))) }

    @Test(arguments: NumPySample.arrays.indices)
    func arraysOfNumPyAreRead(index: Int) throws {
        let sample = NumPySample.arrays[index]
        let tensor = try NumPy.read(bytes: bytes(sample.file))
        #expect(tensor.shape.array == sample.shape, "\(sample.name)")
        #expect(tensor.scalars == sample.values.map { Float($0) }, "\(sample.name)")
    }

    @Test func archivesOfNumPyAreRead() throws {
        let arrays = try NumPy.readArchive(bytes: bytes(NumPySample.archive))
        #expect(arrays.names == ["x", "labels"])
        #expect(arrays["x"]?.scalars == [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5] && arrays["x"]?.shape == [2, 3])
        #expect(arrays["labels"]?.integers == [3, 1] && arrays["labels"]?.elementType == .int32)
    }

    /// The very bytes that NumPy writes for the same array.
    @Test func arraysAreWrittenAsNumPyDoes() throws {
        try withFolder { folder in
            let path = folder + "/x.npy"
            try NumPy.write(Tensor([[-2.5, -1.5, -0.5], [0.5, 1.5, 2.5]]), to: path)
            #expect(try contents(path) == bytes(NumPySample.arrays[0].file))
            try NumPy.write(Tensor([Int32(4), -4]), to: path)
            #expect(try NumPy.read(path).integers == [4, -4])
            try NumPy.write(Tensor(7), to: path)
            #expect(try NumPy.read(path).shape == [])
        }
    }

    @Test func archivesComeBackAsTheyWere() throws {
        try withFolder { folder in
            let path = folder + "/x.npz"
            let arrays = StateDictionary([
                ("a", Tensor([[1, .nan]])), ("größe", Tensor([Int32(3)], shape: [])), ("none", Tensor.zeros([0, 2])),
            ])
            try NumPy.writeArchive(arrays, to: path)
            let back = try NumPy.readArchive(path)
            #expect(back.sha256 == arrays.sha256)
            let twice = StateDictionary([("a", Tensor([1])), ("a", Tensor([1]))])
            #expect(throws: WeightFileError.self) { try NumPy.writeArchive(twice, to: path) }
            #expect(try NumPy.readArchive(path).sha256 == arrays.sha256)
            try NumPy.writeArchive(StateDictionary(), to: path)
            #expect(try NumPy.readArchive(path).names.isEmpty)
        }
    }

    private func reason(_ body: () throws -> Void) -> WeightFileError.Reason? {
        do {
            try body()
            return nil
        } catch {
            return (error as? WeightFileError)?.reason
        }
    }

    @Test func whatIsNotReadIsSaid() throws {
        let compressed = reason { _ = try NumPy.readArchive(bytes: bytes(NumPySample.compressed)) }
        guard case .unsupported(let words) = compressed else {
            Issue.record("\(String(describing: compressed))")
            return
        }
        #expect(words.contains("compressed") && words.contains("savez"))
        #expect(
            reason { _ = try NumPy.read(bytes: bytes(NumPySample.tooLarge)) }
                == .valueOutOfRange(tensor: "array", index: 0, value: "2147483648"))
        guard case .unsupported = reason({ _ = try NumPy.read(bytes: bytes(NumPySample.records)) }) else {
            Issue.record("records were read")
            return
        }
    }

    @Test func changedBytesAreFound() throws {
        var archive = try bytes(NumPySample.archive)
        let place = try #require(archive.indices.first { archive[$0...].starts(with: [0, 0, 0x20, 0xC0]) })
        archive[place] = 1
        #expect(reason { _ = try NumPy.readArchive(bytes: archive) } == .checksum(entry: "x.npy"))
    }

    /// Many entries in the same bytes would be a small file of large arrays: each has bytes of its own, under its name.
    @Test func entriesThatShareTheirBytesAreErrors() throws {
        let array = try bytes(NumPySample.arrays[0].file)
        func read(_ archive: [UInt8]) -> WeightFileError.Reason? {
            reason { _ = try NumPy.readArchive(bytes: archive) }
        }
        let (a, b) = (ZipSample("a.npy", array), ZipSample("b.npy", array))
        #expect(read(ZipSample.archive([a, b])) == nil)
        #expect(
            read(ZipSample.archive([a], records: (0..<1000).map { ("\($0).npy", a, 0) }))
                == .tensorSize(tensor: "0.npy", problem: "at its place is an entry \"a.npy\""))
        let shared = "its bytes belong to another entry or to the directory as well"
        #expect(
            read(ZipSample.archive([a], records: [("a.npy", a, 0), ("a.npy", a, 0)]))
                == .tensorSize(tensor: "a.npy", problem: shared))
        // The outer entry's bytes hold the inner one, header and all.
        let outer = ZipSample("o.npy", a.local)
        let nested = ZipSample.archive([outer], records: [("o.npy", outer, 0), ("a.npy", a, outer.headerCount)])
        #expect(read(nested) == .tensorSize(tensor: "a.npy", problem: shared))
        // An entry that reaches into the directory.
        let whole = ZipSample.archive([a])
        let greedy = ZipSample("a.npy", Array(whole[a.headerCount...].prefix(array.count + 4)))
        let reaching = ZipSample.archive([a], records: [("a.npy", greedy, 0)])
        #expect(read(reaching) == .tensorSize(tensor: "a.npy", problem: shared))
        // In whatever order the directory has them.
        #expect(read(ZipSample.archive([a, b], records: [("b.npy", b, a.local.count), ("a.npy", a, 0)])) == nil)
    }

    @Test func brokenArraysAreErrors() throws {
        let good = try bytes(NumPySample.arrays[0].file)
        func replaced(_ old: String, _ new: String) -> [UInt8] {
            var text = String(decoding: good[10..<128], as: UTF8.self).replacingOccurrences(of: old, with: new)
            while text.utf8.count < 118 { text = " " + text }
            return Array(good[0..<10]) + Array(text.utf8.suffix(118)) + Array(good[128...])
        }
        #expect(reason { _ = try NumPy.read(bytes: replaced("(2, 3)", "(6,)")) } == nil)
        for (old, new) in [
            ("(2, 3)", "(2, 4)"), ("(2, 3)", "(-2, 3)"), ("(2, 3)", "(99999999999999999999,)"),
            ("(2, 3)", "(4611686018427387904, 8)"), ("(2, 3)", "[2, 3]"), ("<f4", "<f3"), ("<f4", "|f4"), ("<f4", "f4"),
            ("False", "Falsy"), ("False", "'no'"), ("'shape'", "'descr'"), ("'shape'", "'form'"), ("}", "} x"),
            ("{", ""),
        ] {
            #expect(reason { _ = try NumPy.read(bytes: replaced(old, new)) } != nil, "\(new)")
        }
        for count in 0..<good.count {
            #expect(reason { _ = try NumPy.read(bytes: Array(good.prefix(count))) } != nil, "\(count) bytes")
        }
        #expect(reason { _ = try NumPy.read(bytes: good + [0]) } != nil)
    }
}
