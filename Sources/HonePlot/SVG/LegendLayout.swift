/// How large a legend is, as a column and as rows.
struct LegendLayout {
    let entries: [LegendEntry]
    /// The width of the sign before a name.
    let signWidth: Double
    let lineHeight: Double
    /// The width and height of the legend as a column.
    let columnWidth: Double
    let columnHeight: Double
    /// The entries of each row when the legend stands above the plot, with their places from the left.
    let rows: [[(entry: LegendEntry, x: Double)]]

    var rowsHeight: Double { Double(rows.count) * lineHeight }

    init(_ entries: [LegendEntry], style: PanelStyle, width: Double) {
        self.entries = entries
        signWidth = style.label * 1.7
        lineHeight = style.label * 1.5
        let sign = signWidth
        let widths = entries.map { sign + style.gap + TextMetrics.width($0.name, size: style.label) }
        columnWidth = widths.max() ?? 0
        columnHeight = Double(entries.count) * lineHeight
        var rows: [[(entry: LegendEntry, x: Double)]] = []
        var x = 0.0
        for (entry, entryWidth) in zip(entries, widths) {
            if rows.isEmpty || x + entryWidth > width {
                rows.append([])
                x = 0
            }
            rows[rows.count - 1].append((entry, x))
            x += entryWidth + style.label * 1.5
        }
        self.rows = rows
    }
}
