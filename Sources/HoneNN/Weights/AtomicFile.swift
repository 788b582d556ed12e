import Foundation

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Writes a file that appears complete or not at all: under a temporary name in the same folder, flushed to the disk,
/// then renamed, with the folder flushed after it.
final class AtomicFile {
    private let path: String
    private let temporary: String
    private let descriptor: Int32
    /// The bytes written so far.
    private(set) var count = 0

    private init(_ path: String) throws {
        self.path = path
        let url = URL(fileURLWithPath: path)
        let number = UInt64.random(in: 0...UInt64.max)
        temporary =
            url.deletingLastPathComponent()
            .appendingPathComponent(".\(url.lastPathComponent).\(String(number, radix: 36)).tmp").path
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o666)
        guard descriptor >= 0 else { throw WeightFileError(path, .system(systemError())) }
    }

    /// Writes a file; when `body` throws, or the disk is full, nothing is left behind and a former file stays.
    ///
    /// - Throws: ``WeightFileError/Reason/system(_:)``, and what `body` throws.
    static func create(_ path: String, _ body: (AtomicFile) throws -> Void) throws {
        let file = try AtomicFile(path)
        var isOpen = true
        do {
            try body(file)
            guard file.flush() else { throw WeightFileError(path, .system(systemError())) }
            isOpen = false
            guard close(file.descriptor) == 0 else { throw WeightFileError(path, .system(systemError())) }
            guard rename(file.temporary, path) == 0 else { throw WeightFileError(path, .system(systemError())) }
        } catch {
            if isOpen { close(file.descriptor) }
            unlink(file.temporary)
            throw error
        }
        file.flushFolder()
    }

    /// Appends bytes.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = UnsafeRawBufferPointer(rebasing: rest).withMemoryRebound(to: UInt8.self) {
                write(descriptor, $0.baseAddress, $0.count)
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw WeightFileError(path, .system(systemError()))
            }
            rest = rest.dropFirst(written)
        }
        count += bytes.count
    }

    /// Appends bytes.
    func append(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try append($0) } }

    /// Brings what was written to the disk itself.
    private func flush() -> Bool {
        #if canImport(Darwin)
        // There, fsync leaves the bytes in the drive's own memory; not every file system has the other call.
        if fcntl(descriptor, F_FULLFSYNC) == 0 { return true }
        #endif
        return fsync(descriptor) == 0
    }

    /// The new name is on the disk when the folder is. Not every file system can flush one, which is no failure.
    private func flushFolder() {
        let folder = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }
}
