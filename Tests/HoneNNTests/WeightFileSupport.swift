import Foundation
import HoneNN
import HoneTensor

/// A folder for one test, which is removed afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hone-weights-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
}

/// The bytes of a file.
func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// A safetensors file of a header's text and data; the length may be another than the header's.
func safetensors(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
    let text = Array(header.utf8)
    return withUnsafeBytes(of: (length ?? UInt64(text.count)).littleEndian, Array.init) + text
        + [UInt8](repeating: 0, count: data)
}

/// Why a file is refused; nil when it is read, with all of its tensors.
func refusal(_ bytes: [UInt8]) -> WeightFileError.Reason? {
    do {
        let file = try SafeTensors(bytes: bytes)
        for name in file.names { _ = try file.tensor(named: name) }
        return nil
    } catch {
        return (error as? WeightFileError)?.reason
    }
}
