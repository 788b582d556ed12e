/// The scale of colours beside a heat map or a contour.
struct ColorBar {
    /// The colours from the bottom to the top.
    let colors: [ChartColor]
    /// Whether the colours are lines between two areas, rather than areas.
    let isLines: Bool
    /// The marked places, as fractions from the bottom, with their numbers.
    let ticks: [(fraction: Double, label: String)]
    /// The width of the bar with its numbers.
    let width: Double

    static let barWidth = 12.0

    /// The scale of the first heat map or contour of a chart, or `nil` where there is none that needs one.
    init?(_ resolved: ResolvedChart, style: PanelStyle) {
        for item in resolved.items {
            switch item.series.content {
            case .heatMap(let map) where !map.showsValues && map.lattice.extent != nil:
                self.init(map, style: style)
                return
            case .contour(let contour) where !contour.heights.isEmpty:
                self.init(contour, style: style)
                return
            default: continue
            }
        }
        return nil
    }

    private init?(_ map: HeatMap, style: PanelStyle) {
        let range = map.colorRange
        let axis = Projection(scale: .linear, lower: range.lowerBound, upper: range.upperBound)
        let marks = Ticks.linear(from: range.lowerBound, to: range.upperBound, count: 5).compactMap { tick in
            axis.fraction(tick.value).map { (fraction: $0, label: tick.label) }
        }
        // So many that the steps between them cannot be seen.
        let colors = (0..<48).map { map.ramp.color(at: Double($0) / 47) }
        self.init(colors: colors, isLines: false, ticks: marks, style: style)
    }

    private init?(_ contour: Contour, style: PanelStyle) {
        let heights = contour.heights
        let every = (heights.count + 11) / 12
        let marks = heights.enumerated().filter { $0.offset % every == 0 }.map { index, height in
            let fraction = Double(index + 1) / Double(heights.count + 1)
            return (fraction: fraction, label: NumberText.compact(height, digits: 3))
        }
        let colors = (contour.isFilled ? -1..<heights.count : 0..<heights.count).map(contour.color)
        self.init(colors: colors, isLines: !contour.isFilled, ticks: marks, style: style)
    }

    private init?(
        colors: [ChartColor], isLines: Bool, ticks: [(fraction: Double, label: String)], style: PanelStyle
    ) {
        guard !ticks.isEmpty else { return nil }
        self.colors = colors
        self.isLines = isLines
        self.ticks = ticks
        let numbers = ticks.map { TextMetrics.width($0.label, size: style.tick) }.max() ?? 0
        width = Self.barWidth + style.gap + numbers
    }
}
