/// Several charts on one page, in rows and columns, with their plots aligned.
///
/// ```swift
/// try ChartGrid(title: "Schedule", columns: 2, charts: [rate, momentum]).write(to: "schedule.svg")
/// ```
public struct ChartGrid: Sendable, Equatable {
    /// The heading of the page; empty for none.
    public var title: String
    /// What is written below the page in a fixed-width font; empty for none.
    public var caption: String
    /// How many charts stand side by side.
    public var columns: Int
    /// Whether all charts cover the same numbers horizontally, so that they can be compared.
    public var sharesX: Bool
    /// Whether all charts cover the same numbers vertically.
    public var sharesY: Bool
    /// The charts, row by row.
    public var charts: [Chart]

    /// Creates a page.
    public init(
        title: String = "", caption: String = "", columns: Int = 2, sharesX: Bool = false, sharesY: Bool = false,
        charts: [Chart] = []
    ) {
        self.title = title
        self.caption = caption
        self.columns = columns
        self.sharesX = sharesX
        self.sharesY = sharesY
        self.charts = charts
    }

    /// Adds a chart after those there are.
    public mutating func add(_ chart: Chart) {
        charts.append(chart)
    }

    /// Returns the page as the text of an SVG picture.
    ///
    /// - Parameters:
    ///   - width: the width in pixels, at least 120.
    ///   - height: the height in pixels; chosen to the number of rows when `nil`.
    public func svg(width: Int = 960, height: Int? = nil) -> String {
        SVGGrid(self, width: width, height: height).document()
    }

    /// Returns the page as text for a terminal, without a line break at its end.
    ///
    /// Where the charts would become too narrow to read, fewer stand side by side.
    ///
    /// - Parameters:
    ///   - width: the number of columns that no line exceeds, at least 24.
    ///   - panelHeight: the number of lines of each chart, at least 8.
    ///   - color: whether series are told apart by ANSI colours rather than by their glyphs.
    public func terminal(width: Int = 80, panelHeight: Int = 14, color: Bool = false) -> String {
        let width = min(1000, max(24, width))
        let across = min(max(1, columns), max(1, charts.count), max(1, (width + 2) / 34))
        let panelWidth = (width - 2 * (across - 1)) / across
        var lines: [String] = []
        if !title.isEmpty { lines.append(TerminalText.fitted(title, width: width)) }
        let resolved = resolved
        for start in stride(from: 0, to: resolved.count, by: across) {
            if !lines.isEmpty { lines.append("") }
            let panels = resolved[start..<min(start + across, resolved.count)].map {
                TerminalRenderer.lines($0, width: panelWidth, height: panelHeight, color: color)
            }
            for row in 0..<(panels.map(\.count).max() ?? 0) {
                let parts = panels.map { TerminalText.padded(row < $0.count ? $0[row] : "", width: panelWidth) }
                lines.append(TerminalText.trimmed(parts.joined(separator: "  ")))
            }
        }
        if !caption.isEmpty { lines += ["", TerminalText.fitted(caption, width: width)] }
        return lines.isEmpty ? "no data" : lines.joined(separator: "\n")
    }

    /// Writes the page to a file: as SVG, or as text for a terminal if the path ends in `.txt`.
    ///
    /// Missing folders are made. The file appears complete or not at all: it is written under a temporary name and then
    /// renamed.
    ///
    /// - Throws: `ChartFileError`, which names the path, if the file cannot be written or the path ends in the name of
    ///   a format other than these.
    public func write(to path: String, width: Int = 960, height: Int? = nil) throws {
        try ChartFile.write(to: path, svg: { svg(width: width, height: height) }, text: { terminal() })
    }

    /// The charts with the ranges that they share.
    package var resolved: [ResolvedChart] {
        let bounds = charts.map(Bounds.init)
        return charts.map { chart in
            ResolvedChart(
                chart, sharedX: sharesX ? Self.union(bounds.map(\.x)) : nil,
                sharedY: sharesY ? Self.union(bounds.map(\.y)) : nil)
        }
    }

    /// The extent that holds all others of the first one's scale.
    private static func union(_ extents: [PlotExtent]) -> PlotExtent? {
        guard var union = extents.first else { return nil }
        for extent in extents where !extent.isEmpty {
            union.include(extent.lower)
            union.include(extent.upper)
        }
        return union
    }
}
