import Foundation

/// A value in a log. Numbers that are none are written as `nan`, `inf` and `-inf`.
enum LogValue {
    case number(Double)
    case integer(Int)
    case text(String)
    case flag(Bool)
    case missing

    init(_ value: Double?) { self = value.map { .number($0) } ?? .missing }

    /// As JSON, where what is no number is a text.
    var json: String {
        switch self {
        case .number(let value): value.isFinite ? "\(value)" : "\"\(LogValue.text(of: value))\""
        case .integer(let value): "\(value)"
        case .text(let text): text.jsonQuoted
        case .flag(let value): "\(value)"
        case .missing: "null"
        }
    }

    /// As a cell of a table with commas; nothing when it is missing.
    var csv: String {
        switch self {
        case .number(let value): LogValue.text(of: value)
        case .integer(let value): "\(value)"
        case .text(let text):
            text.contains { ",\"\n\r".contains($0) }
                ? "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : text
        case .flag(let value): "\(value)"
        case .missing: ""
        }
    }

    /// A number's shortest text that gives it back; a NaN's sign means nothing.
    private static func text(of value: Double) -> String { value.isNaN ? "nan" : "\(value)" }

    /// A JSON object on one line, its keys in the order given.
    static func object(_ fields: [(String, LogValue)]) -> String {
        "{" + fields.map { "\($0.0.jsonQuoted):\($0.1.json)" }.joined(separator: ",") + "}"
    }
}
