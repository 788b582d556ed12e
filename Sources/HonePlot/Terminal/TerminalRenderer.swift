/// Draws charts with the characters of a terminal.
enum TerminalRenderer {
    /// The lines of a chart: exactly `height` of them, none wider than `width`.
    static func lines(chart: Chart, width: Int, height: Int, color: Bool) -> [String] {
        lines(ResolvedChart(chart), width: width, height: height, color: color)
    }

    static func lines(_ resolved: ResolvedChart, width: Int, height: Int, color: Bool) -> [String] {
        let width = min(1000, max(24, width))
        let height = min(1000, max(8, height))
        let chart = resolved.chart
        let signs = TerminalSigns(resolved, color: color)
        var head: [String] = []
        if !chart.title.isEmpty { head.append(TerminalText.fitted(chart.title, width: width)) }
        var key = signs.legend
        if !chart.y.label.isEmpty {
            key.insert("↑ " + TerminalText.fitted(chart.y.label, width: width - 2), at: 0)
        }
        head += TerminalText.flowed(key, width: width, limit: 3)
        var foot = TerminalText.flowed(signs.key, width: width, limit: 4)
        foot += resolved.notes.map { TerminalText.fitted("! " + $0, width: width) }
        if !chart.caption.isEmpty { foot.append(TerminalText.fitted(chart.caption, width: width)) }
        // What is least needed goes first where there is little room: below a plot of at least four lines is its axis.
        let hasLabel = !chart.x.label.isEmpty
        let free = height - 2 - (hasLabel ? 1 : 0) - 4
        while head.count + foot.count > free, !foot.isEmpty { foot.removeLast() }
        while head.count > free, !head.isEmpty { head.removeLast() }
        let rows = max(1, height - head.count - foot.count - 2 - (hasLabel ? 1 : 0))
        let body = plot(resolved, signs: signs, width: width, rows: rows, color: color)
        return head + body + foot
    }

    /// The plot with both axes: so many lines, then the axis, its numbers and, if it has one, its label.
    private static func plot(
        _ resolved: ResolvedChart, signs: TerminalSigns, width: Int, rows: Int, color: Bool
    ) -> [String] {
        let chart = resolved.chart
        let yTicks = resolved.isEmpty ? [] : Ticks.chosen(chart.y, resolved.y, count: max(2, rows / 3)).major
        var marks: [Int: String] = [:]
        for tick in yTicks {
            guard let fraction = resolved.y.fraction(tick.value) else { continue }
            let row = min(rows - 1, max(0, Int(((1 - fraction) * Double(rows)).rounded(.down))))
            if marks[row] == nil { marks[row] = TerminalText.fitted(tick.label, width: width / 3) }
        }
        let margin = marks.values.map(TextMetrics.columns).max() ?? 0
        let columns = max(4, width - margin - 2)
        var canvas = TerminalCanvas(columns: columns, rows: rows)
        if resolved.isEmpty {
            let words = "no data"
            let start = max(0, (columns - words.count) / 2)
            for (index, character) in words.enumerated() {
                canvas.put(character, row: rows / 2, column: start + index, color: nil)
            }
        } else {
            TerminalSeries(resolved, signs: signs, columns: columns, rows: rows, color: color).draw(on: &canvas)
        }
        var lines = (0..<rows).map { row in
            let label = marks[row] ?? ""
            let space = String(repeating: " ", count: max(0, margin - TextMetrics.columns(label)))
            return TerminalText.trimmed(space + label + (marks[row] == nil ? " │" : " ┤") + canvas.text(row: row))
        }
        let labels = resolved.isEmpty ? [] : xLabels(resolved, columns: columns)
        var axis = [Character](repeating: "─", count: columns)
        for label in labels { axis[min(columns - 1, max(0, Int(label.middle.rounded(.down))))] = "┬" }
        let indent = String(repeating: " ", count: margin + 1)
        lines.append(indent + "└" + String(axis))
        lines.append(TerminalText.trimmed(indent + " " + TerminalText.row(labels, width: columns)))
        if !chart.x.label.isEmpty {
            let label = TerminalText.fitted(chart.x.label, width: width)
            let space = max(0, min(width - TextMetrics.columns(label), margin + 2 + (columns - label.count) / 2))
            lines.append(String(repeating: " ", count: space) + label)
        }
        return lines
    }

    /// The most numbers below the plot that do not touch each other.
    private static func xLabels(_ resolved: ResolvedChart, columns: Int) -> [(middle: Double, text: String)] {
        var labels: [(middle: Double, text: String)] = []
        let names = resolved.chart.x.categories
        // Names are shortened before they are left out.
        let most = names.isEmpty || columns / names.count < 5 ? columns / 2 : columns / names.count - 1
        for count in stride(from: min(12, max(2, columns / 8)), through: 1, by: -1) {
            labels = Ticks.chosen(resolved.chart.x, resolved.x, count: count).major.compactMap { tick in
                resolved.x.fraction(tick.value).map {
                    ($0 * Double(columns), TerminalText.fitted(tick.label, width: most))
                }
            }.sorted { $0.middle < $1.middle }
            if fits(labels) { return labels }
        }
        // Names are not fewer for a smaller count: every second one, every third one …
        var every = 2
        while every < labels.count {
            let fewer = labels.enumerated().filter { $0.offset % every == 0 }.map(\.element)
            if fits(fewer) { return fewer }
            every += 1
        }
        return Array(labels.prefix(1))
    }

    private static func fits(_ labels: [(middle: Double, text: String)]) -> Bool {
        zip(labels, labels.dropFirst()).allSatisfy { left, right in
            let room = Double(TextMetrics.columns(left.text) + TextMetrics.columns(right.text)) / 2 + 1
            return right.middle - left.middle >= room
        }
    }
}
