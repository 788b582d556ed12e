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

/// Builds the `d` attribute of a path from whole tenths of pixels, relative to the point before, which is short.
struct SVGPath {
    private(set) var data = ""
    private var current = (x: 0, y: 0)
    private var command: Character = " "

    /// Begins a new piece at a point.
    mutating func move(to point: PlotPoint) {
        current = (NumberText.tenths(of: point.x), NumberText.tenths(of: point.y))
        data += "M" + NumberText.tenths(current.x) + Self.separated(NumberText.tenths(current.y))
        command = "M"
    }

    /// Draws a straight line to a point; one to the place where the pen is already adds nothing.
    mutating func line(to point: PlotPoint) {
        let next = (x: NumberText.tenths(of: point.x), y: NumberText.tenths(of: point.y))
        let step = (x: next.x - current.x, y: next.y - current.y)
        guard step != (0, 0) else { return }
        let across = NumberText.tenths(step.x)
        data += command == "l" ? Self.separated(across) : "l" + across
        data += Self.separated(NumberText.tenths(step.y))
        command = "l"
        current = next
    }

    /// Draws a dot where the pen is: a line of no length, which round ends make visible.
    mutating func dot() {
        data += "h0"
        command = "h"
    }

    /// Closes the piece.
    mutating func close() {
        data += "z"
        command = "z"
    }

    /// Draws through points; a single one becomes a dot.
    mutating func polyline(_ points: [PlotPoint]) {
        guard let first = points.first else { return }
        move(to: first)
        for point in points.dropFirst() { line(to: point) }
        if command == "M" { dot() }
    }

    /// Draws a closed shape through points.
    mutating func polygon(_ points: [PlotPoint]) {
        guard let first = points.first, points.count > 2 else { return }
        move(to: first)
        for point in points.dropFirst() { line(to: point) }
        close()
    }

    /// A sign separates two numbers as well as a space does.
    private static func separated(_ number: String) -> String {
        number.hasPrefix("-") ? number : " " + number
    }
}
