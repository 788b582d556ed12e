import Foundation
import HoneTensor

/// The bundled data set: 1,797 real handwritten digits of 8×8 pixels in 10 classes.
///
/// The test part of "Optical Recognition of Handwritten Digits", E. Alpaydin and C. Kaynak (1998), UCI Machine Learning
/// Repository, CC BY 4.0.
public enum Digits {
    /// The number of samples.
    public static let count = 1797
    /// The number of classes.
    public static let classes = 10
    private static let side = 8
    private static let file = "digits-8x8.bin"
    private static let bundle = "hone_HoneData.resources"

    /// Reads the digits: inputs `[1797, 64]` (or `[1797, 1, 8, 8]` with `asImages`) within 0...1, targets `[1797]`.
    ///
    /// The file is looked for beside the program and in the build folder.
    /// - Throws: ``DataError/missingResource(_:searched:)`` naming both places, or ``DataError/malformed(file:problem:)``.
    public static func load(asImages: Bool = false) throws -> TensorDataset {
        let url = try locate()
        let bytes = [UInt8](try Data(contentsOf: url))
        let record = side * side + 1
        guard bytes.count == count * record else {
            throw DataError.malformed(file: url.path, problem: "\(bytes.count) bytes, expected \(count * record)")
        }
        var labels: [Int32] = []
        let pixels = Tensor.build(asImages ? [count, 1, side, side] : [count, side * side]) { out in
            for sample in 0..<count {
                for pixel in 0..<side * side {
                    out[sample * side * side + pixel] = Float(bytes[sample * record + pixel]) / 16
                }
                labels.append(Int32(bytes[sample * record + side * side]))
            }
        }
        return try TensorDataset(pixels, Tensor(labels))
    }

    private static func locate() throws -> URL {
        try locate(besides: programFolders(), buildFolders: buildFolders(above: #filePath))
    }

    /// The file in the first folder that has it.
    static func locate(besides programs: [URL], buildFolders: [URL]) throws -> URL {
        for folder in programs + buildFolders {
            let candidate = folder.appendingPathComponent(bundle).appendingPathComponent(file)
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        }
        let builds =
            buildFolders.isEmpty ? "the build folder (not found)" : buildFolders.map(\.path).joined(separator: ", ")
        throw DataError.missingResource(
            "\(bundle)/\(file)", searched: [programs.map(\.path).joined(separator: ", "), builds])
    }

    /// Where the program lies, with links followed, and on macOS where its bundle keeps resources.
    private static func programFolders() -> [URL] {
        var folders = [Bundle.main.bundleURL, Bundle.main.resourceURL].compactMap { $0 }
        if let program = Bundle.main.executableURL {
            folders.append(program.resolvingSymlinksInPath().deletingLastPathComponent())
        }
        // A test bundle on macOS lies beside the resources that its program knows nothing of.
        folders += Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        var known: Set<String> = []
        return folders.filter { known.insert($0.standardizedFileURL.path).inserted }
    }

    /// The folders into which the package manager builds: `.build/debug` and `.build/release` of the package above the
    /// source file, or of the package that has Hone among its checkouts.
    static func buildFolders(above source: String) -> [URL] {
        var folders: [URL] = []
        var folder = URL(fileURLWithPath: source).deletingLastPathComponent()
        while folder.path != "/", !folder.path.isEmpty {
            let build = folder.lastPathComponent == ".build" ? folder : folder.appendingPathComponent(".build")
            for configuration in ["release", "debug"] {
                let candidate = build.appendingPathComponent(configuration)
                if !folders.contains(candidate), FileManager.default.fileExists(atPath: candidate.path) {
                    folders.append(candidate)
                }
            }
            folder.deleteLastPathComponent()
        }
        return folders
    }
}
