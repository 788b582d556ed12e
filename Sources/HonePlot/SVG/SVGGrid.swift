/// Draws a page of charts as SVG.
struct SVGGrid {
    private let grid: ChartGrid
    private let columns: Int
    private let rows: Int
    private let width: Double
    private let height: Double
    private let titleLines: [String]
    private let captionLines: [String]

    private static let border = 14.0
    private static let titleSize = 18.0
    private static let captionSize = 11.0

    init(_ grid: ChartGrid, width: Int, height: Int?) {
        self.grid = grid
        let columns = max(1, min(grid.columns, max(1, grid.charts.count)))
        let rows = max(1, (grid.charts.count + columns - 1) / columns)
        let width = Double(min(20_000, max(120, width)))
        let textWidth = width - 2 * Self.border
        titleLines = TextWrap.lines(grid.title, limit: 2) {
            TextMetrics.width($0, size: Self.titleSize, isBold: true) <= textWidth
        }
        captionLines = TextWrap.lines(grid.caption, limit: 6, isCode: true) {
            TextMetrics.fixedWidth($0, size: Self.captionSize) <= textWidth
        }
        let texts = Self.headHeight(titleLines) + Self.footHeight(captionLines)
        let panelWidth = width / Double(columns)
        // Wider than high, with room for text that does not shrink with the panel.
        let usual = max(110, panelWidth * 0.58 + 30) * Double(rows) + texts
        let least = 80 * Double(rows) + texts
        self.columns = columns
        self.rows = rows
        self.width = width
        self.height = min(60_000, max(least, height.map(Double.init) ?? usual))
    }

    private static func headHeight(_ lines: [String]) -> Double {
        lines.isEmpty ? 0 : border + Double(lines.count) * titleSize * 1.3
    }

    private static func footHeight(_ lines: [String]) -> Double {
        lines.isEmpty ? 0 : border + Double(lines.count) * captionSize * 1.45
    }

    /// Where the texts of the page begin: above those of its panels.
    private var textLeft: Double {
        Self.border / 2 + PanelStyle.fitting(width: (width - Self.border) / Double(columns)).border
    }

    func document() -> String {
        SVGRenderer.document(title: grid.title, width: width, height: height) { svg in
            drawTexts(into: &svg)
            let top = Self.headHeight(titleLines)
            let margin = Self.border / 2
            let panelWidth = (width - 2 * margin) / Double(columns)
            let panelHeight = (height - top - Self.footHeight(captionLines)) / Double(rows)
            let charts = grid.resolved
            if charts.isEmpty {
                svg.label(
                    "text",
                    [
                        "x": NumberText.coordinate(width / 2), "y": NumberText.coordinate(top + panelHeight / 2),
                        "font-size": "12", "text-anchor": "middle", "fill": PanelStyle.softText,
                    ], "no data")
            }
            for (index, layout) in layouts(charts, width: panelWidth, height: panelHeight).enumerated() {
                let x = NumberText.coordinate(margin + Double(index % columns) * panelWidth)
                let y = NumberText.coordinate(top + Double(index / columns) * panelHeight)
                svg.group("g", ["transform": "translate(\(x) \(y))"]) { $0.append(SVGRenderer.panel(layout)) }
            }
        }
    }

    /// Lays out the panels twice: the second time with the widest margins of each column and row for all of it.
    private func layouts(_ charts: [ResolvedChart], width: Double, height: Double) -> [PanelLayout] {
        let first = charts.map { SVGRenderer.layout($0, width: width, height: height) }
        var across = [Insets](repeating: Insets(), count: columns)
        var down = [Insets](repeating: Insets(), count: rows)
        for (index, layout) in first.enumerated() {
            let insets = layout.insets
            let (column, row) = (index % columns, index / columns)
            across[column] = across[column].union(Insets(left: insets.left, right: insets.right))
            down[row] = down[row].union(Insets(top: insets.top, bottom: insets.bottom))
        }
        return charts.enumerated().map { index, chart in
            let minimum = across[index % columns].union(down[index / columns])
            return SVGRenderer.layout(chart, width: width, height: height, minimum: minimum)
        }
    }

    private func drawTexts(into svg: inout SVGText) {
        var y = Self.border + Self.titleSize * 0.9
        for line in titleLines {
            svg.label(
                "text",
                [
                    "x": NumberText.coordinate(textLeft), "y": NumberText.coordinate(y),
                    "font-size": NumberText.coordinate(Self.titleSize), "font-weight": "600", "fill": PanelStyle.text,
                ], line)
            y += Self.titleSize * 1.3
        }
        y = height - Self.border
        for line in captionLines.reversed() {
            svg.label(
                "text",
                [
                    "x": NumberText.coordinate(textLeft), "y": NumberText.coordinate(y),
                    "font-size": NumberText.coordinate(Self.captionSize), "font-family": PanelStyle.fixedWidth,
                    "fill": PanelStyle.softText,
                ], line)
            y -= Self.captionSize * 1.45
        }
    }
}
