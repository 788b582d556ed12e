import Foundation

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Reads files that may be compressed by gzip, by the system's zlib.
///
/// The library is found at run time: a machine without it reads everything but compressed files.
enum Gzip {
    private typealias Open = @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>) -> OpaquePointer?
    private typealias Read = @convention(c) (OpaquePointer, UnsafeMutableRawPointer, UInt32) -> Int32
    private typealias Close = @convention(c) (OpaquePointer) -> Int32

    private static let libraries = ["libz.so.1", "libz.1.dylib", "libz.dylib", "libz.so"]

    /// The whole content of a file, uncompressed if its first bytes are gzip's.
    ///
    /// - Throws: Foundation's error when there is no such file; ``DataError/malformed(file:problem:)`` when it is cut
    ///   short or damaged, when it holds more than `limit` bytes, or when it is compressed and the machine has no zlib.
    static func contents(of path: String, limit: Int = 1 << 32) throws -> [UInt8] {
        let plain = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        guard plain.starts(with: [0x1f, 0x8b]) else { return [UInt8](plain) }
        guard let library = libraries.lazy.compactMap({ dlopen($0, RTLD_NOW) }).first,
            let open = dlsym(library, "gzopen"), let read = dlsym(library, "gzread"),
            let close = dlsym(library, "gzclose")
        else {
            throw DataError.malformed(
                file: path,
                problem: "compressed by gzip, and this machine has no zlib to read it with; use gunzip first")
        }
        guard let file = unsafeBitCast(open, to: Open.self)(path, "rb") else {
            throw DataError.malformed(file: path, problem: "could not be opened by zlib")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        var count: Int32 = 0
        repeat {
            count = chunk.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { unsafeBitCast(read, to: Read.self)(file, $0, UInt32(buffer.count)) } ?? -1
            }
            if count > 0 { bytes += chunk[..<Int(count)] }
        } while count > 0 && bytes.count <= limit
        // A file that is cut short is told of when it is closed.
        let status = unsafeBitCast(close, to: Close.self)(file)
        guard count == 0, status == 0 else {
            let problem =
                bytes.count > limit
                ? "more than \(limit) bytes uncompressed" : "the gzip stream is damaged or cut short"
            throw DataError.malformed(file: path, problem: problem)
        }
        return bytes
    }
}
