import Foundation
import Hone
import Testing

/// The notebook that trains on a folder of IDX files, as a user runs it.
@Suite struct FashionTests {
    /// Letters as EMNIST has them: labels 1 to 26, each letter a picture of its own.
    private func writeLetters(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (part, count) in [("train", 52), ("t10k", 26)] {
            let labels = (0..<count).map { UInt8($0 % 26 + 1) }
            let pixels = labels.flatMap { label in (0..<64).map { UInt8($0 * Int(label) % 251) } }
            try IDX(shape: [count, 8, 8], bytes: pixels).write(to: "\(folder)/letters-\(part)-images-idx3-ubyte")
            try IDX(shape: [count], bytes: labels).write(to: "\(folder)/letters-\(part)-labels-idx1-ubyte")
        }
    }

    @Test(arguments: ["simple-cnn", "resnet9"]) func trainsOnAsManyClassesAsThereAre(_ model: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try writeLetters(to: folder)
        let program = try Program(
            ["--data", folder, "--quick", "--epochs", "1", "--model", model], of: "02-fashion")
        let result = try program.finish()
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        #expect(result.value("accuracy").flatMap(Double.init) != nil, "\(result.lastLine)")
        // The table has a column for each label, 0 among them, which no picture has.
        #expect(result.output.contains("actual \\ predicted  0  1  2"))
        #expect(result.output.contains("  25  26"))
    }
}
