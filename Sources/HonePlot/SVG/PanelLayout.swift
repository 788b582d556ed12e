/// Where everything of a panel stands: computed from the widths of its texts before anything is drawn.
struct PanelLayout {
    let resolved: ResolvedChart
    let width: Double
    let height: Double
    let style: PanelStyle
    let titleLines: [String]
    let captionLines: [String]
    let noteLines: [String]
    let insets: Insets
    let xTicks: Ticks
    let yTicks: Ticks
    /// Whether the names below the plot are turned, because they do not fit side by side.
    let hasTurnedNames: Bool
    /// How high the numbers or names below the plot are.
    let tickHeight: Double
    let legend: LegendPlacement
    let legendLayout: LegendLayout
    let colorBar: ColorBar?
    /// The room between the plot and the edge of the panel that a legend on the right takes, without the colour bar.
    let rightLegendWidth: Double

    /// The rectangle in which the series are drawn.
    var plot: Box {
        Box(
            x: insets.left, y: insets.top, width: max(10, width - insets.left - insets.right),
            height: max(10, height - insets.top - insets.bottom))
    }

    /// Lays out a panel.
    ///
    /// - Parameters:
    ///   - legend: where the legend goes; `.automatic` keeps no room for it, for it is not known yet whether it fits.
    ///   - minimum: insets that are at least kept, by which a grid aligns its plots.
    init(
        _ resolved: ResolvedChart, width: Double, height: Double, legend: LegendPlacement, minimum: Insets = Insets()
    ) {
        let chart = resolved.chart
        let style = PanelStyle.fitting(width: width)
        self.resolved = resolved
        self.width = width
        self.height = height
        self.style = style
        self.legend = legend

        let textWidth = width - 2 * style.border
        titleLines = TextWrap.lines(chart.title, limit: 2) {
            TextMetrics.width($0, size: style.title, isBold: true) <= textWidth
        }
        captionLines = TextWrap.lines(chart.caption, limit: 4, isCode: true) {
            TextMetrics.fixedWidth($0, size: style.caption) <= textWidth
        }
        noteLines = resolved.notes.flatMap { note in
            TextWrap.lines(note, limit: 2) { TextMetrics.width($0, size: style.caption) <= textWidth }
        }
        legendLayout = LegendLayout(resolved.legend, style: style, width: textWidth)
        colorBar = ColorBar(resolved, style: style)

        var insets = Insets()
        insets.top = style.border + Double(titleLines.count) * style.title * 1.3
        insets.top += titleLines.isEmpty ? style.tick * 0.4 : style.gap * 1.5
        if legend == .top { insets.top += legendLayout.rowsHeight + style.gap }
        let footLines = Double(captionLines.count + noteLines.count) * style.caption * 1.45
        insets.bottom = style.border + footLines + (footLines > 0 ? style.gap : 0)
        if !chart.x.label.isEmpty { insets.bottom += style.label * 1.3 + style.gap * 0.5 }
        rightLegendWidth = legend == .right ? legendLayout.columnWidth + 2 * style.gap : 0
        let rightExtra = rightLegendWidth + (colorBar.map { $0.width + 2 * style.gap } ?? 0)

        // The names below a plot are turned if they are wider than their places, which needs a guess of its width.
        let names = chart.x.categories.map { TextMetrics.width($0, size: style.tick) }
        let widest = names.max() ?? 0
        let guess = max(40, width - 5 * style.tick - 2 * style.border - rightExtra)
        hasTurnedNames = widest + style.gap > guess / Double(max(1, names.count)) && names.count <= 60
        tickHeight = hasTurnedNames ? min(height * 0.3, widest * 0.66 + style.tick) : style.tick * 1.2
        insets.bottom += tickHeight + style.gap + 2

        let aligned = insets.union(minimum)
        let plotHeight = max(10, height - aligned.top - aligned.bottom)
        yTicks = Self.ticks(chart.y, resolved.y, wanted: 1 + plotHeight / (style.tick * 5.2)) { ticks in
            Double(ticks.count) * style.tick * 1.3 <= plotHeight || ticks.count <= 2
        }
        let numbers = yTicks.major.map { TextMetrics.width($0.label, size: style.tick) }.max() ?? 0
        insets.left = style.border + min(numbers, width * 0.35) + style.gap + 2
        if !chart.y.label.isEmpty { insets.left += style.label * 1.25 + style.gap }
        insets.right = style.border + rightExtra
        let left = max(insets.left, minimum.left)
        let plotWidth = max(10, width - left - max(insets.right, minimum.right))
        let isTurned = hasTurnedNames
        xTicks = Self.ticks(chart.x, resolved.x, wanted: plotWidth / (style.tick * 6.5)) { ticks in
            if isTurned { return Double(ticks.count) * style.tick * 1.1 <= plotWidth }
            // Neighbours must not touch: half of both labels fits between their places.
            return zip(ticks, ticks.dropFirst()).allSatisfy { first, second in
                let both =
                    TextMetrics.width(first.label, size: style.tick)
                    + TextMetrics.width(second.label, size: style.tick)
                let gap = Self.place(second, resolved.x) - Self.place(first, resolved.x)
                return both / 2 + style.tick <= abs(gap) * plotWidth
            }
        }
        // The last number is centred under its tick and may reach beyond the plot.
        if !isTurned, let last = xTicks.major.max(by: { Self.place($0, resolved.x) < Self.place($1, resolved.x) }) {
            let overhang =
                TextMetrics.width(last.label, size: style.tick) / 2 - (1 - Self.place(last, resolved.x)) * plotWidth
            insets.right = max(insets.right, overhang + style.border / 2)
        }
        self.insets = insets.union(minimum)
    }

    private static func place(_ tick: Tick, _ axis: Projection) -> Double {
        axis.fraction(tick.value) ?? 0
    }

    /// The most ticks that are about as many as wanted and whose labels fit.
    private static func ticks(
        _ axis: Axis, _ projection: Projection, wanted: Double, fits: ([Tick]) -> Bool
    ) -> Ticks {
        let most = min(20, max(2, Int(wanted.rounded())))
        var ticks = Ticks()
        for count in stride(from: most, through: 1, by: -1) {
            ticks = Ticks.chosen(axis, projection, count: count)
            if fits(ticks.major) { return ticks }
        }
        // Names that still do not fit are thinned out.
        var every = 2
        while every < ticks.major.count {
            let thinned = ticks.major.enumerated().filter { $0.offset % every == 0 }.map(\.element)
            if fits(thinned) { return Ticks(major: thinned) }
            every += 1
        }
        return Ticks(major: Array(ticks.major.prefix(1)))
    }
}

extension Ticks {
    /// The ticks of an axis: its names, or about so many round numbers.
    package static func chosen(_ axis: Axis, _ projection: Projection, count: Int) -> Ticks {
        if !axis.categories.isEmpty {
            let names = axis.categories.enumerated().map { Tick(value: Double($0.offset), label: $0.element) }
            return Ticks(major: names.filter { projection.lower <= $0.value && $0.value <= projection.upper })
        }
        switch projection.scale {
        case .linear: return Ticks(major: linear(from: projection.lower, to: projection.upper, count: count))
        case .log: return logarithmic(from: projection.lower, to: projection.upper, count: count)
        }
    }
}
