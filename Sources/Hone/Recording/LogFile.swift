import Foundation

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A log could not be written; the description names the path and the reason.
public struct LogFileError: Error, Equatable, CustomStringConvertible, LocalizedError {
    /// The path of the file.
    public let path: String
    /// What went wrong.
    public let reason: String

    /// The path and the reason as one sentence.
    public var description: String { "log not written to \(path): \(reason)" }
    /// The same sentence, for `localizedDescription`.
    public var errorDescription: String? { description }
}

/// A text file that grows by whole lines: each is handed to the system at once, at the end of the file, so that lines of
/// earlier runs stay and a program that dies loses none. Missing folders are made.
final class LogFile {
    private let path: String
    private let descriptor: Int32
    /// The first line that the file had when it was opened, or nil when it was empty.
    let firstLine: String?

    /// Opens a file.
    ///
    /// - Parameter appends: whether the lines that are there stay.
    /// - Throws: ``LogFileError``
    init(_ path: String, appends: Bool) throws {
        self.path = path
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw LogFileError(path: path, reason: "its folder cannot be made")
        }
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | (appends ? 0 : O_TRUNC), 0o666)
        guard descriptor >= 0 else { throw LogFileError(path: path, reason: LogFile.systemError()) }
        firstLine = LogFile.firstLine(of: descriptor)
        // A program that was killed in the middle of a line must not spoil the next one.
        if LogFile.endsWithinLine(descriptor) { try write("\n") }
    }

    deinit { close(descriptor) }

    /// Adds a line.
    ///
    /// - Throws: ``LogFileError``
    func append(_ line: String) throws { try write(line + "\n") }

    private func write(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                throw LogFileError(path: path, reason: LogFile.systemError())
            }
            rest = rest.dropFirst(written)
        }
    }

    private static func firstLine(of descriptor: Int32) -> String? {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = pread(descriptor, &part, part.count, off_t(bytes.count))
            guard count > 0 else { break }
            bytes += part[..<count]
            if part[..<count].contains(10) { break }
        }
        return bytes.isEmpty ? nil : String(decoding: bytes.prefix { $0 != 10 && $0 != 13 }, as: UTF8.self)
    }

    private static func endsWithinLine(_ descriptor: Int32) -> Bool {
        let end = lseek(descriptor, 0, SEEK_END)
        var last: UInt8 = 10
        return end > 0 && pread(descriptor, &last, 1, end - 1) == 1 && last != 10
    }

    private static func systemError() -> String { strerror(errno).map { String(cString: $0) } ?? "error \(errno)" }
}

/// `write` of the system's library, whose name the class's own method hides.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
