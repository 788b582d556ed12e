import Foundation

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The bytes of a file, mapped into memory: the system reads what is touched, and no more. Or bytes that are in memory
/// already.
///
/// Whoever shortens a file while it is mapped ends the program that reads it, as with every mapped file; a file that is
/// replaced by renaming, as ``AtomicFile`` does it, stays readable.
final class FileBytes: @unchecked Sendable {  // The memory is never written to.
    let bytes: UnsafeRawBufferPointer
    private let isMapped: Bool

    /// Maps a file.
    init(mapping path: String) throws {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw WeightFileError(path, .system(systemError())) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw WeightFileError(path, .system(systemError())) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw WeightFileError(path, .system("this is not a regular file"))
        }
        guard status.st_size > 0 else {
            (bytes, isMapped) = (UnsafeRawBufferPointer(start: nil, count: 0), false)
            return
        }
        let count = Int(status.st_size)
        let memory = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard memory != MAP_FAILED, let memory else { throw WeightFileError(path, .system(systemError())) }
        (bytes, isMapped) = (UnsafeRawBufferPointer(start: memory, count: count), true)
    }

    /// Keeps a copy of bytes.
    init(copying source: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 16)
        copy.copyBytes(from: source)
        (bytes, isMapped) = (UnsafeRawBufferPointer(copy), false)
    }

    deinit {
        if isMapped {
            if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
        } else {
            bytes.deallocate()
        }
    }

    /// The whole number at a place, least significant byte first; nil when it does not lie within the bytes.
    func number<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value? {
        let size = MemoryLayout<Value>.size
        guard offset >= 0, bytes.count >= size, offset <= bytes.count - size else { return nil }
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// A stretch of the bytes; nil when it does not lie within them.
    func slice(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer? {
        guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }
}

/// The system's words for what went wrong last.
func systemError() -> String { strerror(errno).map { String(cString: $0) } ?? "error \(errno)" }
