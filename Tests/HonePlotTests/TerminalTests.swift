import HonePlot
import Testing

@Suite struct TerminalTests {
    private var chart: Chart {
        var chart = Chart(title: "Loss", caption: "x", x: Axis("step"), y: Axis("loss"))
        let steps = (0..<200).map(Double.init)
        chart.add(.band(x: steps, low: steps.map { 200 - $0 }, high: steps.map { 260 - $0 }, name: "quartiles"))
        chart.add(.line(x: steps, y: steps.map { 230 - $0 }, name: "median"))
        chart.add(.line(x: steps, y: steps.map { 10 + $0 }, name: "another"))
        chart.add(.points(x: [10, 100], y: [50, 100], name: "valid"))
        chart.add(.bars(x: [20, 60], heights: [30, 40], name: "bars"))
        chart.add(.marker(x: 100, label: "valley"))
        chart.add(.verticalLine(x: 150, label: "saved"))
        chart.add(.horizontalLine(y: 120, label: "target"))
        return chart
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test(
        "a chart has as many lines as asked for and none is too wide",
        arguments: [(80, 20), (60, 12), (24, 8), (100, 40), (-1, -1), (2000, 8)], [true, false])
    func aChartHasAsManyLinesAsAskedForAndNoneIsTooWide(size: (Int, Int), color: Bool) {
        let lines = Self.lines(chart.terminal(width: size.0, height: size.1, color: color))
        #expect(lines.count == max(8, size.1))
        let widest = lines.map { TerminalText.visibleWidth(String($0)) }.max() ?? 0
        #expect(widest <= max(24, size.0))
    }

    @Test(
        "wide and strange characters do not break the layout",
        arguments: ["日本語のとても長い題名がここにあります、もっともっと長く", "line\nbreak", "e\u{301}\u{301}", "👩‍🚀👩‍🚀"])
    func wideAndStrangeCharactersDoNotBreakTheLayout(text: String) {
        let chart = Chart(
            title: text, caption: text, x: Axis(text, categories: [text, text, text]), y: Axis(text),
            series: [.bars(heights: [1, 2, 3], name: text), .marker(x: 1, y: 1, label: text)])
        let lines = Self.lines(chart.terminal(width: 40, height: 14))
        #expect(lines.count == 14)
        #expect(lines.allSatisfy { TerminalText.visibleWidth(String($0)) <= 40 })
    }

    @Test("wide characters count as two columns and codes of colours as none")
    func wideCharactersCountAsTwoColumns() {
        #expect(TerminalText.visibleWidth("日本 go") == 7)
        #expect(TerminalText.visibleWidth("\u{1B}[0;38;5;12mred\u{1B}[0m") == 3)
        #expect(TerminalText.visibleWidth("e\u{301}") == 1)
    }

    @Test("colours are written only when they are wanted") func coloursAreWrittenOnlyWhenTheyAreWanted() {
        #expect(!chart.terminal(color: false).contains("\u{1B}"))
        let colored = chart.terminal(color: true)
        #expect(colored.contains("\u{1B}[0;38;5;"))
        for line in Self.lines(colored) where line.contains("\u{1B}") {
            // Nothing that is printed afterwards is coloured too.
            #expect(line.contains("\u{1B}[0m"))
        }
    }

    @Test("without colours each line has a glyph of its own") func withoutColoursEachLineHasAGlyphOfItsOwn() {
        let chart = Chart(series: [
            .line(y: [1, 1], name: "one"), .line(y: [2, 2], name: "two"), .line(y: [3, 3], name: "three"),
        ])
        let text = chart.terminal()
        for glyph in ["⠒", "•", "+"] { #expect(text.contains(glyph)) }
        #expect(text.contains("• two"))
        #expect(text.contains("+ three"))
    }

    @Test("a rising line rises") func aRisingLineRises() throws {
        let text = Chart(series: [.line(y: [0, 1, 2, 3])]).terminal(width: 40, height: 12)
        let places = Self.lines(text).compactMap { line in
            line.firstIndex { ("\u{2801}"..."\u{28FF}").contains($0) }.map {
                line.distance(from: line.startIndex, to: $0)
            }
        }
        #expect(places.count >= 8)
        #expect(places == places.sorted(by: >))
    }

    @Test("markers and rules are explained by letters") func markersAndRulesAreExplainedByLetters() {
        let text = chart.terminal(height: 24)
        #expect(text.contains("A valley"))
        #expect(text.contains("B saved"))
        #expect(text.contains("C target"))
    }

    @Test("bars are as high as their numbers") func barsAreAsHighAsTheirNumbers() {
        let chart = Chart(y: Axis(range: 0...8), series: [.bars(heights: [8, 4, 0])])
        let rows = Self.lines(chart.terminal(width: 40, height: 18)).filter { $0.contains("│") || $0.contains("┤") }
        func height(_ column: Int) -> Int {
            rows.filter { row in
                let index = row.index(row.startIndex, offsetBy: column, limitedBy: row.endIndex)
                return index.map { $0 < row.endIndex && row[$0] == "█" } ?? false
            }.count
        }
        #expect(height(8) == rows.count)
        #expect(height(20) == rows.count / 2)
        #expect(height(34) == 0)
    }

    @Test("a heat map is shaded by its numbers") func aHeatMapIsShadedByItsNumbers() {
        let chart = Chart(series: [.heatMap([[0, 4], [2, 1]])])
        let text = chart.terminal(width: 40, height: 14)
        for shade in ["█", "▒", "░"] { #expect(text.contains(shade)) }
        let colored = chart.terminal(width: 40, height: 14, color: true)
        #expect(colored.contains(";48;5;") || colored.contains("[0;48;5;"))
        #expect(!colored.contains("█"))
    }

    @Test("a grid puts charts side by side") func aGridPutsChartsSideBySide() {
        let small = Chart(title: "Panel", series: [.line(y: [1, 2])])
        let grid = ChartGrid(title: "Page", columns: 2, charts: [small, small, small])
        let lines = Self.lines(grid.terminal(width: 80, panelHeight: 10))
        #expect(lines.allSatisfy { TerminalText.visibleWidth(String($0)) <= 80 })
        #expect(lines.filter { $0.contains("Panel") }.count == 2)
        #expect(lines.count == 1 + 2 * 11)
        // Too narrow for two: one below the other.
        let narrow = Self.lines(grid.terminal(width: 40, panelHeight: 10))
        #expect(narrow.filter { $0.contains("Panel") }.count == 3)
    }

    @Test("the same chart gives the same text") func theSameChartGivesTheSameText() {
        #expect(chart.terminal(color: true) == chart.terminal(color: true))
    }
}
