/// A chart with everything decided that the size of the picture does not change: colours, ranges, legend, notes.
///
/// Both renderers draw from this, so that they agree.
package struct ResolvedChart {
    package let chart: Chart
    package let items: [ResolvedSeries]
    package let x: Projection
    package let y: Projection
    package let legend: [LegendEntry]
    /// What the reader must know: columns of unequal length, ends of an axis that it cannot have.
    package let notes: [String]
    /// Whether nothing at all can be drawn.
    package let isEmpty: Bool

    /// Decides; a grid passes the ranges that its charts share.
    package init(_ chart: Chart, sharedX: PlotExtent? = nil, sharedY: PlotExtent? = nil) {
        self.chart = chart
        let bounds = Bounds(chart)
        isEmpty = bounds.isEmpty
        let xExtent = sharedX.flatMap { $0.scale == bounds.x.scale && !$0.isEmpty ? $0 : nil } ?? bounds.x
        let yExtent = sharedY.flatMap { $0.scale == bounds.y.scale && !$0.isEmpty ? $0 : nil } ?? bounds.y
        x = AxisRange.projection(
            axis: chart.x, extent: xExtent, padding: bounds.isTight ? 0 : 0.02,
            tight: (bounds.barsFromZero.x && xExtent.lower == 0, false))
        y = AxisRange.projection(
            axis: chart.y, extent: yExtent, padding: bounds.isTight ? 0 : 0.06,
            tight: (bounds.barsFromZero.y && yExtent.lower == 0, bounds.barsFromZero.y && yExtent.upper == 0))
        let styled = Self.styled(chart.series)
        let projections = (x, y)
        items = styled.map { item in
            var item = item
            if case .marker(let x, nil, let label) = item.series.content {
                let place = Self.height(at: x, in: chart.series, projections)
                item.series.content = .marker(x: x, y: place, label: label)
            }
            return item
        }
        legend = chart.legend == .hidden ? [] : LegendEntry.entries(of: styled)
        notes = Self.notes(chart)
    }

    /// The middle of the place where a point is drawn, as fractions of the plot's width and height.
    package func place(_ x: Double, _ y: Double) -> (x: Double, y: Double)? {
        guard let across = self.x.fraction(x), let up = self.y.fraction(y) else { return nil }
        return (across, up)
    }

    // MARK: - Decisions

    /// Gives colours to the series that name none; those of one name share one, and so do bars that stand side by side.
    private static func styled(_ series: [Series]) -> [ResolvedSeries] {
        var colors: [String: (color: ChartColor, dash: LineStyle.Dash)] = [:]
        for item in series {
            if let name = item.name, let color = item.color, colors[name] == nil { colors[name] = (color, .solid) }
        }
        let groupCount = series.filter { $0.isGrouped }.count
        var next = 0
        var group = 0
        return series.map { item in
            var style = item.style
            var slot = (index: 0, count: 1)
            if item.isGrouped {
                slot = (group, groupCount)
                group += 1
            }
            let color: ChartColor
            if let own = item.color {
                color = own
            } else if let shared = item.name.flatMap({ colors[$0] }) {
                color = shared.color
                if style.dash == .solid { style.dash = shared.dash }
            } else if item.takesColor {
                color = Palette.color(at: next)
                if style.dash == .solid { style.dash = Palette.dash(at: next) }
                if let name = item.name { colors[name] = (color, Palette.dash(at: next)) }
                next += 1
            } else {
                color = item.isRule ? .grey : .ink
            }
            return ResolvedSeries(series: item, color: color, style: style, slot: slot)
        }
    }

    /// Where the first line that passes a place does so, measured along the drawn line.
    private static func height(at x: Double, in series: [Series], _ axes: (x: Projection, y: Projection)) -> Double? {
        guard let target = axes.x.fraction(x) else { return nil }
        for item in series {
            guard case .line(let xs, let ys) = item.content else { continue }
            var previous: (place: Double, value: Double)?
            for (x, y) in zip(xs.values, ys.values) {
                guard let place = axes.x.fraction(x), axes.y.fraction(y) != nil else {
                    previous = nil
                    continue
                }
                if place == target { return y }
                if let before = previous, (before.place < target) != (place < target) {
                    let share = (target - before.place) / (place - before.place)
                    if axes.y.scale == .linear { return before.value + share * (y - before.value) }
                    return Projection.geometric(from: before.value, to: y, share: share)
                }
                previous = (place, y)
            }
        }
        return nil
    }

    private static func notes(_ chart: Chart) -> [String] {
        var notes: [String] = []
        for item in chart.series {
            let counts = item.columnCounts
            if let least = counts.min(), let most = counts.max(), least != most {
                let name = item.name.map { " “\($0)”" } ?? ""
                notes.append("series\(name): columns of \(least) and \(most) values, drawn up to \(least)")
            }
        }
        for (axis, name) in [(chart.x, "x"), (chart.y, "y")] {
            for end in [axis.lower, axis.upper].compactMap({ $0 }) where !Projection.isDrawable(end, scale: axis.scale)
            {
                notes.append("the \(name) axis cannot end at \(NumberText.compact(end))")
            }
        }
        return notes
    }
}

/// A series with the colour and dashes it is drawn in.
package struct ResolvedSeries {
    package var series: Series
    package let color: ChartColor
    package let style: LineStyle
    /// Which of the bars that stand side by side this is, and how many they are.
    package let slot: (index: Int, count: Int)
}

extension Series {
    /// Whether the series takes the next colour of the palette.
    fileprivate var takesColor: Bool {
        switch content {
        case .line, .points, .band, .bars: true
        case .heatMap, .contour, .marker, .verticalLine, .horizontalLine: false
        }
    }

    fileprivate var isRule: Bool {
        switch content {
        case .verticalLine, .horizontalLine: true
        default: false
        }
    }

    /// Whether the series is bars that stand beside those of other series; a histogram overlaps them.
    fileprivate var isGrouped: Bool {
        if case .bars(let bars) = content { return bars.width == nil }
        return false
    }

    /// The lengths of the columns that ought to be equal.
    fileprivate var columnCounts: [Int] {
        switch content {
        case .line(let x, let y), .points(let x, let y): [x.values.count, y.values.count]
        case .band(let x, let low, let high): [x.values.count, low.values.count, high.values.count]
        case .bars(let bars): [bars.places.values.count, bars.lengths.values.count]
        case .heatMap, .contour, .marker, .verticalLine, .horizontalLine: []
        }
    }
}
