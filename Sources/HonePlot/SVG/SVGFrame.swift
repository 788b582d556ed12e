/// Draws what surrounds the series: title, caption, axes and grid.
struct SVGFrame {
    let layout: PanelLayout

    private var plot: Box { layout.plot }
    private var style: PanelStyle { layout.style }
    private var chart: Chart { layout.resolved.chart }

    /// The title, and below the plot from above to below: the label of the axis, the caption and the notes.
    func drawTexts(into svg: inout SVGText) {
        var y = style.border + style.title * 0.95
        for line in layout.titleLines {
            svg.label(
                "text",
                [
                    "x": text(style.border), "y": text(y), "font-size": text(style.title), "font-weight": "600",
                    "fill": PanelStyle.text,
                ], line)
            y += style.title * 1.3
        }
        y = plot.bottom + style.gap + 2 + layout.tickHeight
        if let label = fitted(chart.x.label, size: style.label, width: layout.width - 2 * style.border) {
            let half = TextMetrics.width(label, size: style.label) / 2
            let middle = max(style.border + half, min(layout.width - style.border - half, plot.x + plot.width / 2))
            svg.label(
                "text",
                [
                    "x": text(middle), "y": text(y + style.gap * 0.5 + style.label),
                    "font-size": text(style.label), "text-anchor": "middle", "fill": PanelStyle.text,
                ], label)
            y += style.gap * 0.5 + style.label * 1.3
        }
        y += style.gap + style.caption
        for line in layout.captionLines {
            svg.label(
                "text",
                [
                    "x": text(style.border), "y": text(y), "font-size": text(style.caption),
                    "font-family": PanelStyle.fixedWidth, "fill": PanelStyle.softText,
                ], line)
            y += style.caption * 1.45
        }
        for line in layout.noteLines {
            svg.label(
                "text",
                [
                    "x": text(style.border), "y": text(y), "font-size": text(style.caption),
                    "fill": PanelStyle.warning,
                ], line)
            y += style.caption * 1.45
        }
        drawVerticalLabel(into: &svg)
    }

    private func drawVerticalLabel(into svg: inout SVGText) {
        guard let label = fitted(chart.y.label, size: style.label, width: max(plot.height, layout.height * 0.8)) else {
            return
        }
        let half = TextMetrics.width(label, size: style.label) / 2
        let middle = max(half + 2, min(layout.height - half - 2, plot.y + plot.height / 2))
        let left = style.border + style.label * 0.8
        svg.label(
            "text",
            [
                "transform": "translate(\(text(left)) \(text(middle))) rotate(-90)",
                "font-size": text(style.label), "text-anchor": "middle", "fill": PanelStyle.text,
            ], label)
    }

    private func fitted(_ label: String, size: Double, width: Double) -> String? {
        TextWrap.lines(label, limit: 1) { TextMetrics.width($0, size: size) <= width + 0.01 }.first
    }

    /// The lines across the plot at each number.
    func drawGrid(into svg: inout SVGText) {
        var path = SVGPath()
        let showsX = chart.x.categories.isEmpty
        let showsY = chart.y.categories.isEmpty
        for tick in layout.xTicks.major where showsX {
            guard let x = across(tick.value) else { continue }
            path.polyline([PlotPoint(x, plot.y), PlotPoint(x, plot.bottom)])
        }
        for tick in layout.yTicks.major where showsY {
            guard let y = down(tick.value) else { continue }
            path.polyline([PlotPoint(plot.x, y), PlotPoint(plot.right, y)])
        }
        if !path.data.isEmpty {
            svg.element("path", ["d": path.data, "stroke": PanelStyle.grid, "fill": "none"])
        }
        // Zero is worth a line that can be told from the others.
        if layout.resolved.y.scale == .linear, layout.resolved.y.lower < 0, layout.resolved.y.upper > 0, showsY,
            let y = down(0)
        {
            var zero = SVGPath()
            zero.polyline([PlotPoint(plot.x, y), PlotPoint(plot.right, y)])
            svg.element("path", ["d": zero.data, "stroke": "#bdbdbd", "fill": "none"])
        }
    }

    /// The axes with their strokes and numbers.
    func drawAxes(into svg: inout SVGText) {
        var lines = SVGPath()
        lines.polyline([PlotPoint(plot.x, plot.y), PlotPoint(plot.x, plot.bottom), PlotPoint(plot.right, plot.bottom)])
        let stroke = style.gap * 0.7
        // Names need no stroke: what they name stands right beside them.
        for tick in layout.xTicks.major where chart.x.categories.isEmpty {
            guard let x = across(tick.value) else { continue }
            lines.polyline([PlotPoint(x, plot.bottom), PlotPoint(x, plot.bottom + stroke)])
        }
        for value in layout.xTicks.minor {
            guard let x = across(value) else { continue }
            lines.polyline([PlotPoint(x, plot.bottom), PlotPoint(x, plot.bottom + stroke * 0.55)])
        }
        for tick in layout.yTicks.major where chart.y.categories.isEmpty {
            guard let y = down(tick.value) else { continue }
            lines.polyline([PlotPoint(plot.x, y), PlotPoint(plot.x - stroke, y)])
        }
        for value in layout.yTicks.minor {
            guard let y = down(value) else { continue }
            lines.polyline([PlotPoint(plot.x, y), PlotPoint(plot.x - stroke * 0.55, y)])
        }
        svg.element("path", ["d": lines.data, "stroke": PanelStyle.axis, "fill": "none"])
        let size = text(style.tick)
        let anchor = layout.hasTurnedNames ? "end" : "middle"
        svg.group("g", ["font-size": size, "fill": PanelStyle.softText, "text-anchor": anchor]) { svg in
            for tick in layout.xTicks.major {
                guard let x = across(tick.value) else { continue }
                let y = plot.bottom + style.gap + style.tick * 0.9
                if layout.hasTurnedNames {
                    let place = "translate(\(text(x + style.tick * 0.3)) \(text(y - style.tick * 0.2))) rotate(-40)"
                    let name = fitted(tick.label, size: style.tick, width: layout.tickHeight / 0.66)
                    svg.label("text", ["transform": place], name ?? "")
                } else {
                    svg.label("text", ["x": text(x), "y": text(y)], tick.label)
                }
            }
        }
        let room = plot.x - style.gap - style.border - (chart.y.label.isEmpty ? 0 : style.label * 1.25 + style.gap)
        svg.group("g", ["font-size": size, "fill": PanelStyle.softText, "text-anchor": "end"]) { svg in
            for tick in layout.yTicks.major {
                guard let y = down(tick.value) else { continue }
                let name = fitted(tick.label, size: style.tick, width: room)
                svg.label("text", ["x": text(plot.x - style.gap), "y": text(y + style.tick * 0.35)], name ?? "")
            }
        }
    }

    /// The frame of a chart without data, which says so.
    func drawEmpty(into svg: inout SVGText) {
        svg.element(
            "rect",
            [
                "x": text(plot.x), "y": text(plot.y), "width": text(plot.width), "height": text(plot.height),
                "fill": "#fafafa", "stroke": PanelStyle.grid,
            ])
        svg.label(
            "text",
            [
                "x": text(plot.x + plot.width / 2), "y": text(plot.y + plot.height / 2 + style.label * 0.35),
                "font-size": text(style.label), "text-anchor": "middle", "fill": PanelStyle.softText,
            ], "no data")
    }

    private func across(_ value: Double) -> Double? {
        layout.resolved.x.fraction(value).map { plot.x + $0 * plot.width }
    }

    private func down(_ value: Double) -> Double? {
        layout.resolved.y.fraction(value).map { plot.bottom - $0 * plot.height }
    }

    private func text(_ value: Double) -> String {
        NumberText.coordinate(value)
    }
}
