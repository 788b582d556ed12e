/// One thing drawn in a chart: a line, points, a band, bars, a marker, a rule, a heat map or a contour.
///
/// Series are made by the functions of this type, so that a chart reads as
/// `chart.add(.line(x: rates, y: losses, name: "smoothed loss"))`. Series of the same name share a colour and one entry
/// of the legend.
///
/// A place that cannot be drawn (not a finite number, or not positive on a logarithmic axis) breaks a line and is left
/// out elsewhere. Columns of unequal length are drawn as far as the shortest goes, and the chart says so in a note.
public struct Series: Sendable, Equatable {
    /// What the legend calls the series; it has no entry when `nil`.
    public var name: String?
    /// The colour; the chart gives out one of its palette when `nil`.
    public var color: ChartColor?
    /// How lines are drawn, and how strongly areas and points cover what lies below.
    public var style: LineStyle
    /// What is drawn, with its numbers.
    package var content: Content

    /// The kinds of series with their numbers.
    package enum Content: Sendable, Equatable {
        case line(x: Samples, y: Samples)
        case points(x: Samples, y: Samples)
        case band(x: Samples, low: Samples, high: Samples)
        case bars(Bars)
        case heatMap(HeatMap)
        case contour(Contour)
        case marker(x: Double, y: Double?, label: String)
        case verticalLine(x: Double, label: String)
        case horizontalLine(y: Double, label: String)
    }

    package init(_ content: Content, name: String? = nil, color: ChartColor? = nil, style: LineStyle = .solid) {
        self.name = name
        self.color = color
        self.style = style
        self.content = content
    }

    /// The horizontal places of the series; those of the columns of a heat map or a contour.
    public var x: [Double] {
        switch content {
        case .line(let x, _), .points(let x, _), .band(let x, _, _): x.values
        case .bars(let bars): bars.isHorizontal ? bars.lengths.values : bars.places.values
        case .heatMap(let map): map.lattice.x.values
        case .contour(let contour): contour.lattice.x.values
        case .marker(let x, _, _), .verticalLine(let x, _): [x]
        case .horizontalLine: []
        }
    }

    /// The vertical places of the series: the heights of bars, the upper edge of a band, the rows of a heat map.
    public var y: [Double] {
        switch content {
        case .line(_, let y), .points(_, let y), .band(_, _, let y): y.values
        case .bars(let bars): bars.isHorizontal ? bars.places.values : bars.lengths.values
        case .heatMap(let map): map.lattice.y.values
        case .contour(let contour): contour.lattice.y.values
        case .marker(_, let y, _): y.map { [$0] } ?? []
        case .horizontalLine(let y, _): [y]
        case .verticalLine: []
        }
    }

    /// The text written beside a marker or a rule; empty for every other series.
    public var label: String {
        switch content {
        case .marker(_, _, let label), .verticalLine(_, let label), .horizontalLine(_, let label): label
        default: ""
        }
    }
}

// MARK: - Lines and points

extension Series {
    /// A line through points, in the order given.
    ///
    /// - Parameters:
    ///   - x: the horizontal places; 0, 1, 2 … when `nil`.
    ///   - y: the vertical places.
    ///   - name: what the legend calls it.
    ///   - color: its colour; the next one of the palette when `nil`.
    ///   - style: its width, dashes and opacity.
    public static func line(
        x: [Double]? = nil, y: [Double], name: String? = nil, color: ChartColor? = nil, style: LineStyle = .solid
    ) -> Series {
        Series(.line(x: places(x, count: y.count), y: Samples(y)), name: name, color: color, style: style)
    }

    /// Dots at points.
    ///
    /// - Parameters:
    ///   - x: the horizontal places; 0, 1, 2 … when `nil`.
    ///   - y: the vertical places.
    ///   - name: what the legend calls them.
    ///   - color: their colour; the next one of the palette when `nil`.
    ///   - style: their opacity, and their size: a dot is three times as wide as a line would be.
    public static func points(
        x: [Double]? = nil, y: [Double], name: String? = nil, color: ChartColor? = nil, style: LineStyle = .solid
    ) -> Series {
        Series(.points(x: places(x, count: y.count), y: Samples(y)), name: name, color: color, style: style)
    }

    /// A shaded area between two lines, such as the quartiles around a median.
    ///
    /// Give the line in the middle the same name, and both share a colour and an entry of the legend.
    ///
    /// - Parameters:
    ///   - x: the horizontal places; 0, 1, 2 … when `nil`.
    ///   - low: the lower edge.
    ///   - high: the upper edge.
    ///   - name: what the legend calls it.
    ///   - color: its colour, which is drawn pale; the next one of the palette when `nil`.
    public static func band(
        x: [Double]? = nil, low: [Double], high: [Double], name: String? = nil, color: ChartColor? = nil
    ) -> Series {
        let count = min(low.count, high.count)
        return Series(
            .band(x: places(x, count: count), low: Samples(low), high: Samples(high)), name: name, color: color)
    }

    private static func places(_ x: [Double]?, count: Int) -> Samples {
        Samples(x ?? (0..<count).map(Double.init))
    }
}

// MARK: - Markers and rules

extension Series {
    /// A dot with a label that says what is there.
    ///
    /// - Parameters:
    ///   - x: the horizontal place.
    ///   - y: the vertical place; when `nil`, the dot sits on the chart's first line.
    ///   - label: the text beside the dot.
    ///   - color: the colour of the dot; that of text when `nil`.
    public static func marker(x: Double, y: Double? = nil, label: String, color: ChartColor? = nil) -> Series {
        Series(.marker(x: x, y: y, label: label), color: color)
    }

    /// A vertical rule over the whole height, such as the moment at which a callback acted.
    public static func verticalLine(
        x: Double, label: String = "", color: ChartColor? = nil, style: LineStyle = .rule
    ) -> Series {
        Series(.verticalLine(x: x, label: label), color: color, style: style)
    }

    /// A horizontal rule over the whole width, such as a target or a baseline.
    public static func horizontalLine(
        y: Double, label: String = "", color: ChartColor? = nil, style: LineStyle = .rule
    ) -> Series {
        Series(.horizontalLine(y: y, label: label), color: color, style: style)
    }
}
