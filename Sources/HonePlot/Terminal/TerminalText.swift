/// Handles text for a terminal, whose characters take one column or two.
package enum TerminalText {
    static let reset = "\u{1B}[0m"

    /// Text in a colour, or as it is where there is none.
    static func colored(_ text: String, _ color: Int?) -> String {
        color.map { "\u{1B}[38;5;\($0)m\(text)\(reset)" } ?? text
    }

    /// Text on one line that takes no more than so many columns; what is left out shows as "…".
    static func fitted(_ text: String, width: Int) -> String {
        let line = TextMetrics.oneLine(text)
        guard TextMetrics.columns(line) > width else { return line }
        var kept = ""
        var used = 0
        for character in line {
            let next = TextMetrics.columns(of: character)
            if used + next > width - 1 { break }
            kept.append(character)
            used += next
        }
        return width > 0 ? kept + "…" : ""
    }

    /// How many columns text takes, not counting the codes of colours.
    package static func visibleWidth(_ text: String) -> Int {
        var width = 0
        var isCode = false
        for character in text {
            if character == "\u{1B}" {
                isCode = true
            } else if isCode {
                if character == "m" { isCode = false }
            } else {
                width += TextMetrics.columns(of: character)
            }
        }
        return width
    }

    /// Text with spaces added until it takes so many columns.
    static func padded(_ text: String, width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - visibleWidth(text)))
    }

    /// Text without the spaces at its end.
    static func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// Puts texts around places on a line, leaving out those that would touch the one before.
    static func row(_ labels: [(middle: Double, text: String)], width: Int) -> String {
        var line = ""
        var used = 0
        for label in labels.sorted(by: { $0.middle < $1.middle }) {
            let size = TextMetrics.columns(label.text)
            let start = min(width - size, max(0, Int((label.middle - Double(size) / 2).rounded(.down))))
            guard start >= (used == 0 ? 0 : used + 1) else { continue }
            line += String(repeating: " ", count: start - used) + label.text
            used = start + size
        }
        return line
    }

    /// Joins pieces to lines of at most so many columns.
    static func flowed(_ pieces: [String], width: Int, limit: Int) -> [String] {
        var lines: [String] = []
        for piece in pieces {
            let size = visibleWidth(piece)
            if let last = lines.last, visibleWidth(last) + 3 + size <= width {
                lines[lines.count - 1] = last + "   " + piece
            } else if size <= width {
                lines.append(piece)
            }
        }
        return Array(lines.prefix(limit))
    }
}
