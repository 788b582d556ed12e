import Foundation

/// A chart could not be written to a file; the description names the path and the reason.
public struct ChartFileError: Error, Sendable, Equatable, CustomStringConvertible, LocalizedError {
    /// The path of the file.
    public let path: String
    /// What went wrong.
    public let reason: String

    /// The path and the reason as one sentence.
    public var description: String { "chart not written to \(path): \(reason)" }
    /// The same sentence, for `localizedDescription`.
    public var errorDescription: String? { description }
}

/// Puts pictures into files.
enum ChartFile {
    /// Writes one of two texts, by the ending of the path, so that the file is never seen half written.
    static func write(to path: String, svg: () -> String, text: () -> String) throws {
        let url = URL(fileURLWithPath: path)
        let contents: String
        switch url.pathExtension.lowercased() {
        case "svg", "": contents = svg()
        case "txt": contents = text() + "\n"
        case let other: throw ChartFileError(path: path, reason: "a chart is written as .svg or .txt, not as .\(other)")
        }
        do {
            let folder = url.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            // Atomic: a temporary file in the same folder, renamed when it is complete.
            try Data(contents.utf8).write(to: url, options: .atomic)
        } catch {
            throw ChartFileError(path: path, reason: reason(of: error))
        }
    }

    /// The system's own words (such as "Permission denied") where Foundation keeps them, else Foundation's.
    private static func reason(of error: any Error) -> String {
        var innermost = error as NSError
        while let next = innermost.userInfo[NSUnderlyingErrorKey] as? NSError { innermost = next }
        if innermost.domain == NSPOSIXErrorDomain, let text = strerror(Int32(truncatingIfNeeded: innermost.code)) {
            return String(cString: text)
        }
        return innermost.localizedDescription
    }
}
