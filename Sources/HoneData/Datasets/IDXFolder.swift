import Foundation

/// A folder with files named as MNIST's: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, and the same with
/// `t10k`, each plain or with `.gz`, all with the same prefix (`fashion-`) or none.
public enum IDXFolder {
    /// Reads the images to train on (`train`) and to validate with (`t10k`), both normalised by the mean and deviation of
    /// the former: inputs `[samples, 1, height, width]`, targets `[samples]`.
    ///
    /// - Throws: ``DataError/missingResource(_:searched:)`` naming the first file that is missing,
    ///   ``DataError/malformed(file:problem:)`` for one that is not of this format, ``DataError/countMismatch(inputs:targets:)``.
    public static func load(_ folder: String) throws -> DataSplit {
        let train = try part("train", of: folder)
        let valid = try part("t10k", of: folder)
        let images = try train.images(mean: nil, deviation: nil)
        return DataSplit(train: images, valid: try valid.images(mean: images.mean, deviation: images.deviation))
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

    private static func part(_ part: String, of folder: String) throws -> Part {
        let images = try file("\(part)-images-idx3-ubyte", in: folder)
        let labels = try file("\(part)-labels-idx1-ubyte", in: folder)
        return Part(file: images, pixels: try IDX(contentsOf: images), labels: try IDX(contentsOf: labels))
    }

    /// The path of the file of this name, with any prefix; the plain one before the compressed.
    private static func file(_ name: String, in folder: String) throws -> String {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        for ending in ["", ".gz"] {
            if let found = names.first(where: { $0.hasSuffix(name + ending) }) { return "\(folder)/\(found)" }
        }
        throw DataError.missingResource("\(name) or \(name).gz", searched: [folder])
    }
}
