import Foundation

/// A folder with files named as MNIST's: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, and the same with
/// `t10k`, each plain or with `.gz`, all with the same prefix (`fashion-`) or none.
public enum IDXFolder {
    /// Reads the images to train on (`train`) and to validate with (`t10k`), both normalised by the mean and deviation of
    /// the former: inputs `[samples, 1, height, width]`, targets `[samples]`.
    ///
    /// - Parameters:
    ///   - folder: the folder.
    ///   - prefix: what the files' names begin with; without it, that of ``prefix(in:)``.
    /// - Throws: ``DataError/missingResource(_:searched:)`` naming the first file that is missing,
    ///   ``DataError/malformed(file:problem:)`` for one that is not of this format, ``DataError/countMismatch(inputs:targets:)``.
    public static func load(_ folder: String, prefix: String? = nil) throws -> DataSplit {
        let (train, valid) = try images(in: folder, prefix: prefix)
        return DataSplit(train: train, valid: valid)
    }

    /// As ``load(_:prefix:)``, with both parts as what they are.
    public static func images(
        in folder: String, prefix: String? = nil
    ) throws -> (train: ByteImages, valid: ByteImages) {
        let names = try FileNames(in: folder, prefix: prefix)
        let train = try part("train", of: names).images(mean: nil, deviation: nil)
        let valid = try part("t10k", of: names).images(mean: train.mean, deviation: train.deviation)
        return (train, valid)
    }

    /// What the names of a set's four files begin with. Of several sets in the folder it is the first by name, one without
    /// a prefix before all others.
    ///
    /// - Throws: ``DataError/missingResource(_:searched:)`` naming the first file that is missing of the set that lacks
    ///   fewest.
    public static func prefix(in folder: String) throws -> String { try FileNames(in: folder, prefix: nil).prefix }

    /// The four files of one set.
    private struct FileNames {
        static let all = ["train", "t10k"].flatMap { ["\($0)-images-idx3-ubyte", "\($0)-labels-idx1-ubyte"] }

        let folder: String
        let prefix: String
        private let present: Set<String>

        init(in folder: String, prefix: String?) throws {
            self.folder = folder
            present = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            self.prefix = prefix ?? FileNames.likeliestPrefix(among: present)
            for name in FileNames.all { _ = try file(name) }
        }

        /// The path of the file of this name after the prefix, the plain one before the compressed.
        func file(_ name: String) throws -> String {
            let plain = prefix + name
            guard let found = [plain, "\(plain).gz"].first(where: present.contains) else {
                throw DataError.missingResource("\(plain) or \(plain).gz", searched: [folder])
            }
            return "\(folder)/\(found)"
        }

        /// The prefix with the most of the four names, the first of equals.
        private static func likeliestPrefix(among present: Set<String>) -> String {
            var found: [String: Set<String>] = [:]
            for file in present {
                let plain = file.hasSuffix(".gz") ? String(file.dropLast(3)) : file
                for name in all where plain.hasSuffix(name) {
                    found[String(plain.dropLast(name.count)), default: []].insert(name)
                }
            }
            return found.min { ($1.value.count, $0.key) < ($0.value.count, $1.key) }?.key ?? ""
        }
    }

    private struct Part {
        let file: String
        let pixels: IDX
        let labels: IDX

        func images(mean: Double?, deviation: Double?) throws -> ByteImages {
            guard pixels.shape.count == 3, labels.shape.count == 1 else {
                throw DataError.malformed(
                    file: file,
                    problem:
                        "images of shape \(pixels.shape) and labels of shape \(labels.shape), expected 3 and 1 axes")
            }
            return try ByteImages(
                pixels: pixels.bytes, shape: [1] + pixels.shape[1...], labels: labels.bytes.map { Int32($0) },
                mean: mean, deviation: deviation)
        }
    }

    private static func part(_ part: String, of names: FileNames) throws -> Part {
        let images = try names.file("\(part)-images-idx3-ubyte")
        let labels = try names.file("\(part)-labels-idx1-ubyte")
        return Part(file: images, pixels: try IDX(contentsOf: images), labels: try IDX(contentsOf: labels))
    }
}
