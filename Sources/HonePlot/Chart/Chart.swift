/// A chart as a value: a title, two axes and the series drawn between them.
///
/// ```swift
/// var chart = Chart(title: "Learning rate finder", x: Axis("learning rate", scale: .log), y: Axis("loss"))
/// chart.add(.line(x: rates, y: losses, name: "smoothed loss"))
/// chart.add(.marker(x: 3e-3, label: "valley 3.0e-3"))
/// try chart.write(to: "lr-find.svg")
/// print(chart.terminal(color: true))
/// ```
///
/// The same chart always gives the same bytes. Any data give a valid picture: what cannot be drawn is left out, and a
/// chart without anything to draw says "no data".
public struct Chart: Sendable, Equatable {
    /// The heading; empty for none.
    public var title: String
    /// What is written below the chart in a fixed-width font, such as the expression that made it; empty for none.
    public var caption: String
    /// The horizontal axis.
    public var x: Axis
    /// The vertical axis.
    public var y: Axis
    /// Where the legend stands.
    public var legend: LegendPlacement
    /// What is drawn, in the order in which it was added.
    public var series: [Series]

    /// Creates a chart; series can be given at once or added later.
    public init(
        title: String = "", caption: String = "", x: Axis = Axis(), y: Axis = Axis(),
        legend: LegendPlacement = .automatic, series: [Series] = []
    ) {
        self.title = title
        self.caption = caption
        self.x = x
        self.y = y
        self.legend = legend
        self.series = series
    }

    /// Adds a series on top of those there are.
    public mutating func add(_ series: Series) {
        self.series.append(series)
    }

    /// Returns the chart as the text of an SVG picture.
    ///
    /// - Parameters:
    ///   - width: the width in pixels, at least 120.
    ///   - height: the height in pixels, at least 100.
    public func svg(width: Int = 720, height: Int = 420) -> String {
        SVGRenderer.document(chart: self, width: width, height: height)
    }

    /// Returns the chart as text for a terminal, without a line break at its end.
    ///
    /// - Parameters:
    ///   - width: the number of columns that no line exceeds, at least 24.
    ///   - height: the number of lines, at least 8.
    ///   - color: whether series are told apart by ANSI colours rather than by their glyphs.
    public func terminal(width: Int = 80, height: Int = 20, color: Bool = false) -> String {
        TerminalRenderer.lines(chart: self, width: width, height: height, color: color).joined(separator: "\n")
    }

    /// Writes the chart to a file: as SVG, or as text for a terminal if the path ends in `.txt`.
    ///
    /// Missing folders are made. The file appears complete or not at all: it is written under a temporary name and then
    /// renamed.
    ///
    /// - Throws: `ChartFileError`, which names the path, if the file cannot be written or the path ends in the name of
    ///   a format other than these.
    public func write(to path: String, width: Int = 720, height: Int = 420) throws {
        try ChartFile.write(to: path, svg: { svg(width: width, height: height) }, text: { terminal() })
    }
}
