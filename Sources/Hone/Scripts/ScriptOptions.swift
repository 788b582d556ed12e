import Foundation

/// The options of a script: those that every notebook takes, and its own.
///
/// ```swift
/// let options = ScriptOptions.parse(
///     "first-fit", about: "Trains a small network on the bundled digits.",
///     own: [.integer("epochs", 20, "passes over the training set", atLeast: 0)])
/// let epochs = options.integer("epochs")
/// ```
///
/// `--quick`, `--out DIR`, `--seed S`, `--threads N` and `--help` are understood by every script.
public struct ScriptOptions: Sendable, Equatable {
    /// One option that a script understands.
    public struct Option: Sendable, Equatable {
        enum Value: Sendable, Equatable {
            case flag
            case integer(Int, atLeast: Int)
            case text(String)
        }

        let name: String
        let value: Value
        let help: String

        /// `--name`, which is there or not.
        public static func flag(_ name: String, _ help: String) -> Option {
            Option(name: name, value: .flag, help: help)
        }

        /// `--name N`, a whole number.
        public static func integer(_ name: String, _ value: Int, _ help: String, atLeast: Int = .min) -> Option {
            Option(name: name, value: .integer(value, atLeast: atLeast), help: help)
        }

        /// `--name TEXT`.
        public static func text(_ name: String, _ value: String, _ help: String) -> Option {
            Option(name: name, value: .text(value), help: help)
        }
    }

    /// A mistake in the arguments.
    public struct Mistake: Error, Equatable, CustomStringConvertible, LocalizedError {
        /// What was expected and what came.
        public let description: String

        /// The description, for `localizedDescription`.
        public var errorDescription: String? { description }
    }

    private let script: String
    private let about: String
    private let options: [Option]
    private var flags: Set<String> = []
    private var integers: [String: Int] = [:]
    private var texts: [String: String] = [:]

    /// Whether a short run was asked for, to see that everything works.
    public var isQuick: Bool { flags.contains("quick") }

    /// The folder that results go to.
    public var out: String { texts["out"] ?? "runs/\(script)" }

    /// Where all randomness comes from.
    public var seed: UInt64 { UInt64(max(0, integers["seed"] ?? 0)) }

    /// The value of a whole number's option; 0 for one that was not declared.
    public func integer(_ name: String) -> Int { integers[name] ?? 0 }

    /// The value of a text's option; empty for one that was not declared.
    public func text(_ name: String) -> String { texts[name] ?? "" }

    /// Whether a flag is there.
    public func has(_ name: String) -> Bool { flags.contains(name) }

    /// Whether an option was given on the command line.
    public private(set) var given: Set<String> = []

    /// Reads the program's arguments. Prints the help and exits for `--help`; prints a mistake and exits with status 2.
    public static func parse(_ script: String, about: String, own: [Option] = []) -> ScriptOptions {
        do {
            let options = try ScriptOptions(script, about: about, own: own, Array(CommandLine.arguments.dropFirst()))
            if options.has("help") {
                print(options.help)
                exit(0)
            }
            if options.given.contains("threads") { threads = options.integer("threads") }
            return options
        } catch {
            FileHandle.standardError.write(Data("\(script): \(error)\nTry --help.\n".utf8))
            exit(2)
        }
    }

    /// Reads arguments.
    ///
    /// - Throws: ``Mistake`` for an unknown option, or a missing or bad value.
    public init(_ script: String, about: String, own: [Option] = [], _ arguments: [String]) throws {
        self.script = script
        self.about = about
        options =
            own + [
                .integer("seed", 42, "where all randomness comes from", atLeast: 0),
                .text("out", "runs/\(script)", "the folder that results go to"),
                .integer("threads", threads, "the number of threads", atLeast: 1),
                .flag("quick", "a short run, to see that everything works"),
                .flag("help", "shows this help"),
            ]
        for option in options {
            switch option.value {
            case .flag: break
            case .integer(let value, _): integers[option.name] = value
            case .text(let value): texts[option.name] = value
            }
        }
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts[0].hasPrefix("--"), let option = options.first(where: { "--\($0.name)" == parts[0] }) else {
                throw Mistake(description: "unknown option '\(argument)'")
            }
            given.insert(option.name)
            if option.value == .flag {
                guard parts.count == 1 else { throw Mistake(description: "\(parts[0]) takes no value") }
                flags.insert(option.name)
                continue
            }
            // What looks like an option is not taken for a value that was forgotten; `--out=--odd` says it is meant.
            let next = rest.first?.hasPrefix("--") == true ? nil : rest.first
            guard let text = parts.count == 2 ? parts[1] : next else {
                throw Mistake(description: "\(parts[0]) needs a value")
            }
            if parts.count == 1 { rest.removeFirst() }
            switch option.value {
            case .integer(_, let least):
                guard let value = Int(text) else {
                    throw Mistake(description: "\(parts[0]) is '\(text)', expected a whole number")
                }
                guard value >= least else {
                    throw Mistake(description: "\(parts[0]) is \(value), expected at least \(least)")
                }
                integers[option.name] = value
            default: texts[option.name] = text
            }
        }
    }

    /// The help.
    public var help: String {
        let rows = options.map { option -> [String] in
            switch option.value {
            case .flag: ["  --\(option.name)", option.help]
            case .integer(let value, _): ["  --\(option.name) N", "\(option.help) (default \(value))"]
            case .text(let value):
                ["  --\(option.name) TEXT", "\(option.help)\(value.isEmpty ? "" : " (default \(value))")"]
            }
        }
        let width = rows.map { $0[0].count }.max() ?? 0
        let lines = rows.map { $0[0].padding(toLength: width + 2, withPad: " ", startingAt: 0) + $0[1] }
        return "\(about)\n\nusage: \(script) [options]\n\n" + lines.joined(separator: "\n")
    }
}
