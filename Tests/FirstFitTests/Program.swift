import Foundation
import Testing

/// A run of the program that a notebook is built into: the package's first, if no other is named.
final class Program {
    /// A folder that goes with its last reference.
    final class Folder {
        let url: URL

        init() throws {
            url = FileManager.default.temporaryDirectory.appendingPathComponent("first-fit-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(at: url) }

        subscript(name: String) -> URL { url.appendingPathComponent(name) }
    }

    /// What a run left behind.
    struct Result {
        let status: Int32
        let wasKilled: Bool
        let output: String
        let errors: String
        fileprivate let folder: Folder

        /// Where the program's results are.
        var results: URL { folder["results"] }

        /// The last line of the output.
        var lastLine: String { output.split(separator: "\n").last.map(String.init) ?? "" }

        /// The value of `name=` in the last line.
        func value(_ name: String) -> String? {
            lastLine.split(separator: " ").first { $0.hasPrefix("\(name)=") }.map {
                String($0.dropFirst(name.count + 1))
            }
        }
    }

    private let process = Process()
    private let folder: Folder

    /// Starts the program with `--out` in a temporary folder.
    init(_ arguments: [String], of notebook: String = "first-fit") throws {
        folder = try Folder()
        process.executableURL = try Program.locate(notebook)
        process.arguments = arguments + ["--out", folder["results"].path]
        process.currentDirectoryURL = folder.url
        for name in ["stdout", "stderr"] { try Data().write(to: folder[name]) }
        process.standardOutput = try FileHandle(forWritingTo: folder["stdout"])
        process.standardError = try FileHandle(forWritingTo: folder["stderr"])
        try Program.withSignals { try process.run() }
    }

    /// Runs the program to its end.
    static func run(_ arguments: String...) throws -> Result { try Program(arguments).finish() }

    /// What was written so far.
    var output: String { (try? String(contentsOf: folder["stdout"], encoding: .utf8)) ?? "" }

    /// Sends SIGINT.
    func interrupt() { process.interrupt() }

    /// Waits for the program's end; one that takes minutes is killed.
    func finish() throws -> Result {
        _ = wait(seconds: 120) { !process.isRunning }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal, output: output,
            errors: try String(contentsOf: folder["stderr"], encoding: .utf8), folder: folder)
    }

    /// Waits until the output holds some words, for as long as half a minute.
    func wait(for words: String) -> Bool {
        wait(seconds: 30) { output.contains(words) || !process.isRunning } && output.contains(words)
    }

    private func wait(seconds: Double, until isOver: () -> Bool) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end {
            if isOver() { return true }
            Thread.sleep(forTimeInterval: 0.005)
        }
        return isOver()
    }

    /// A child inherits which signals are blocked, and tests run on threads that block all of them.
    private static func withSignals(_ body: () throws -> Void) rethrows {
        var (interrupt, former) = (sigset_t(), sigset_t())
        sigemptyset(&interrupt)
        sigaddset(&interrupt, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &interrupt, &former)
        defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
        try body()
    }

    /// The program lies beside the test bundle, in the folder that the package manager builds into.
    private static func locate(_ notebook: String) throws -> URL {
        let bundles =
            [Bundle.main.bundleURL, Bundle.main.executableURL].compactMap { $0 } + Bundle.allBundles.map(\.bundleURL)
        let folders = bundles.flatMap { [$0, $0.deletingLastPathComponent()] }
        let candidates = folders.map { $0.appendingPathComponent(notebook) }
        return try #require(
            candidates.first { candidate in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder)
                    && !isFolder.boolValue
            }, "no \(notebook) in \(folders.map(\.path))")
    }
}
