import Foundation
import HoneTensor
import Testing

@testable import HoneData

@Suite struct DigitsTests {
    /// Counts and pixels as in the documentation of the data set and of scikit-learn's copy of it.
    @Test func theDigitsAreThoseOfTheRepository() throws {
        let digits = try Digits.load()
        let targets = try #require(digits.targets)
        #expect(digits.count == 1797 && digits.inputs.shape == [1797, 64] && targets.shape == [1797])
        #expect(targets.elementType == .int32 && Digits.count == 1797 && Digits.classes == 10)
        var histogram = [Int](repeating: 0, count: 10)
        for label in targets.integers { histogram[Int(label)] += 1 }
        #expect(histogram == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
        let pixels = digits.inputs.scalars
        #expect(pixels.allSatisfy { $0 >= 0 && $0 <= 1 && ($0 * 16).rounded() == $0 * 16 })
        #expect(pixels.max() == 1 && pixels.min() == 0)
        let sum = pixels.reduce(0.0) { $0 + Double($1) }
        #expect(abs(sum * 16 / Double(pixels.count) - 4.884164579855314) < 1e-9)
        let first: [Float] = [
            0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0, 0, 3, 15, 2, 0, 11, 8, 0, 0, 4, 12, 0, 0, 8, 8, 0,
            0, 5, 8, 0, 0, 9, 8, 0, 0, 4, 11, 0, 1, 12, 7, 0, 0, 2, 14, 5, 10, 12, 0, 0, 0, 0, 6, 13, 10, 0, 0, 0,
        ]
        #expect(pixels.prefix(64).map { $0 * 16 } == first)
        #expect(Array(targets.integers.prefix(10)) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    }

    @Test func theDigitsCanBeHadAsImages() throws {
        let (images, rows) = (try Digits.load(asImages: true), try Digits.load())
        #expect(images.inputs.shape == [1797, 1, 8, 8])
        #expect(images.inputs.scalars == rows.inputs.scalars)
    }

    private func folder(_ name: String) -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("hone-\(name)-\(UUID().uuidString)")
    }

    @Test func aMissingFileIsNamedWithBothPlaces() {
        let (program, build) = (folder("program"), folder("build"))
        let error = #expect(throws: DataError.self) {
            try Digits.locate(besides: [program], buildFolders: [build])
        }
        #expect(
            error?.description
                == "hone_HoneData.resources/digits-8x8.bin is missing; looked for it at \(program.path) and \(build.path)"
        )
        let alone = #expect(throws: DataError.self) { try Digits.locate(besides: [program], buildFolders: []) }
        #expect(alone?.description.hasSuffix("\(program.path) and the build folder (not found)") == true)
    }

    @Test func theFileIsFoundBesideTheProgramFirst() throws {
        let folders = [folder("program"), folder("build")]
        defer { for folder in folders { try? FileManager.default.removeItem(at: folder) } }
        for folder in folders.reversed() {
            let bundle = folder.appendingPathComponent("hone_HoneData.resources")
            try FileManager.default.createDirectory(at: bundle, withIntermediateDirectories: true)
            let file = bundle.appendingPathComponent("digits-8x8.bin")
            try Data([1]).write(to: file)
            #expect(try Digits.locate(besides: [folders[0]], buildFolders: [folders[1]]).path == file.path)
        }
    }

    @Test func theBuildFolderIsFoundAboveTheSources() throws {
        let package = folder("package")
        defer { try? FileManager.default.removeItem(at: package) }
        let release = package.appendingPathComponent(".build/release")
        try FileManager.default.createDirectory(at: release, withIntermediateDirectories: true)
        let source = package.appendingPathComponent("Sources/HoneData/Datasets/Digits.swift").path
        #expect(Digits.buildFolders(above: source).map(\.path) == [release.path])
        let checkout = package.appendingPathComponent(".build/checkouts/hone/Sources/Digits.swift").path
        #expect(Digits.buildFolders(above: checkout).map(\.path) == [release.path])
    }
}
