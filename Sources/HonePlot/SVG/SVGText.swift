/// Builds the text of an SVG, element by element.
struct SVGText {
    private(set) var text = ""

    /// Adds an element without contents.
    mutating func element(_ name: String, _ attributes: KeyValuePairs<String, String>) {
        text += "<\(name)\(Self.joined(attributes))/>\n"
    }

    /// Adds an element around others.
    mutating func group(
        _ name: String = "g", _ attributes: KeyValuePairs<String, String>, _ contents: (inout SVGText) -> Void
    ) {
        var inner = SVGText()
        contents(&inner)
        guard !inner.text.isEmpty else { return }
        text += "<\(name)\(Self.joined(attributes))>\n\(inner.text)</\(name)>\n"
    }

    /// Adds an element with text.
    mutating func label(_ name: String = "text", _ attributes: KeyValuePairs<String, String>, _ contents: String) {
        text += "<\(name)\(Self.joined(attributes))>\(Self.escaped(contents))</\(name)>\n"
    }

    /// Adds elements that were built elsewhere.
    mutating func append(_ other: SVGText) {
        text += other.text
    }

    private static func joined(_ attributes: KeyValuePairs<String, String>) -> String {
        attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
    }

    /// Text with the characters that mean something in XML written as entities, and those that XML forbids replaced.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\u{00}"..."\u{1F}", "\u{7F}"..."\u{9F}": result += " "
            case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
