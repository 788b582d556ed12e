/// Breaks text into lines.
package enum TextWrap {
    /// A part of a text that stays on one line if it fits at all.
    private struct Piece {
        let text: Substring
        /// Whether a space stands before it.
        let isWord: Bool
    }

    /// Returns lines that fit, at most so many; the last one ends with "…" if there is more text than lines.
    ///
    /// - Parameters:
    ///   - isCode: whether a line may also end between two calls, as in `a(1).b(2)`.
    ///   - fits: whether a line is short enough.
    package static func lines(
        _ text: String, limit: Int, isCode: Bool = false, fits: (String) -> Bool
    ) -> [String] {
        var lines: [String] = []
        var line = ""
        for piece in pieces(TextMetrics.oneLine(text), isCode: isCode) {
            let longer = line.isEmpty ? String(piece.text) : line + (piece.isWord ? " " : "") + piece.text
            if fits(longer) {
                line = longer
                continue
            }
            if !line.isEmpty { lines.append(line) }
            var rest = piece.text
            while rest.count > 1, !fits(String(rest)) {
                let head = longestPrefix(rest, fits: fits)
                lines.append(String(rest.prefix(head)))
                rest = rest.dropFirst(head)
            }
            line = String(rest)
        }
        if !line.isEmpty { lines.append(line) }
        guard lines.count > limit else { return lines }
        guard limit > 0 else { return [] }
        var last = lines[limit - 1]
        while !last.isEmpty, !fits(last + "…") { last.removeLast() }
        return lines.prefix(limit - 1) + [last + "…"]
    }

    private static func pieces(_ text: String, isCode: Bool) -> [Piece] {
        var pieces: [Piece] = []
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            var start = word.startIndex
            var isWord = true
            for index in word.indices.dropFirst() where isCode && word[index] == "." {
                guard word[word.index(before: index)] == ")" else { continue }
                pieces.append(Piece(text: word[start..<index], isWord: isWord))
                start = index
                isWord = false
            }
            pieces.append(Piece(text: word[start...], isWord: isWord))
        }
        return pieces
    }

    private static func longestPrefix(_ text: Substring, fits: (String) -> Bool) -> Int {
        var low = 1
        var high = text.count
        while low < high {
            let middle = (low + high + 1) / 2
            if fits(String(text.prefix(middle))) { low = middle } else { high = middle - 1 }
        }
        return low
    }
}
