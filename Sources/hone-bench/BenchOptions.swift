import Foundation

/// What the program was asked to measure.
struct BenchOptions {
    var section = ""
    var cases: [String] = []
    var threads: Int?
    var repetitions = 7
    var asTable = false
    /// Do one step, and say when its loss is known: start-up is measured from outside.
    var isFirstStep = false

    struct Mistake: Error, CustomStringConvertible {
        let description: String
    }

    init(_ arguments: [String], sections: [String]) throws {
        var rest = arguments[...]
        func number(_ name: String) throws -> Int {
            guard let text = rest.popFirst(), let value = Int(text), value > 0 else {
                throw Mistake(description: "\(name) needs a whole number above 0")
            }
            return value
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--threads": threads = try number(argument)
            case "--reps": repetitions = try number(argument)
            case "--table": asTable = true
            case "--first": isFirstStep = true
            case let option where option.hasPrefix("--"): throw Mistake(description: "unknown option '\(option)'")
            case let word where section.isEmpty: section = word
            default: cases.append(argument)
            }
        }
        guard sections.contains(section) else {
            let came = section.isEmpty ? "no section given" : "unknown section '\(section)'"
            throw Mistake(description: "\(came), expected one of \(sections.joined(separator: ", "))")
        }
    }
}
