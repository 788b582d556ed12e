/// Draws the legend and the scale of colours.
struct SVGLegend {
    let layout: PanelLayout

    private var style: PanelStyle { layout.style }

    /// The legend in a corner of the plot, from the corner of the plot.
    func drawInside(into svg: inout SVGText) {
        guard case .inside(let corner) = layout.legend, !layout.legendLayout.entries.isEmpty else { return }
        let box = layout.legendBox(in: corner)
        svg.element(
            "rect",
            [
                "x": text(box.x), "y": text(box.y), "width": text(box.width), "height": text(box.height), "rx": "3",
                "fill": "#ffffff", "fill-opacity": "0.85",
            ])
        drawColumn(x: box.x + style.gap, y: box.y + style.gap / 2, into: &svg)
    }

    /// The legend above or to the right of the plot, and the scale of colours, from the corner of the panel.
    func drawOutside(into svg: inout SVGText) {
        let plot = layout.plot
        var x = plot.right + 2 * style.gap
        if let bar = layout.colorBar {
            draw(bar, x: x, into: &svg)
            x += bar.width + 2 * style.gap
        }
        switch layout.legend {
        case .right:
            drawColumn(x: x, y: plot.y, into: &svg)
        case .top:
            let below = layout.titleLines.isEmpty ? style.tick * 0.4 : style.gap * 1.5
            let top = style.border + Double(layout.titleLines.count) * style.title * 1.3 + below
            for (index, row) in layout.legendLayout.rows.enumerated() {
                for item in row {
                    let y = top + Double(index) * layout.legendLayout.lineHeight - style.gap / 2
                    draw(item.entry, x: style.border + item.x, y: y, into: &svg)
                }
            }
        case .automatic, .inside, .hidden: break
        }
    }

    private func drawColumn(x: Double, y: Double, into svg: inout SVGText) {
        for (index, entry) in layout.legendLayout.entries.enumerated() {
            draw(entry, x: x, y: y + Double(index) * layout.legendLayout.lineHeight, into: &svg)
        }
    }

    private func draw(_ entry: LegendEntry, x: Double, y: Double, into svg: inout SVGText) {
        let middle = y + layout.legendLayout.lineHeight / 2
        let width = layout.legendLayout.signWidth
        for sign in entry.signs {
            let color = sign.color
            switch sign.shape {
            case .area(let opacity):
                svg.element(
                    "rect",
                    [
                        "x": text(x), "y": text(middle - style.label * 0.4), "width": text(width),
                        "height": text(style.label * 0.8), "fill": color.hex,
                        "fill-opacity": NumberText.compact(opacity),
                    ])
            case .line(let line):
                SVGSeries.stroke(
                    [[PlotPoint(x, middle), PlotPoint(x + width, middle)]], color: color, style: line,
                    scale: style.lineScale, into: &svg)
            case .points(let dots):
                svg.element(
                    "circle",
                    [
                        "cx": text(x + width / 2), "cy": text(middle),
                        "r": text(min(style.label * 0.4, dots.width * 1.6 * style.lineScale)), "fill": color.hex,
                    ])
            }
        }
        svg.label(
            "text",
            [
                "x": text(x + width + style.gap), "y": text(middle + style.label * 0.35),
                "font-size": text(style.label), "fill": PanelStyle.text,
            ], entry.name)
    }

    private func draw(_ bar: ColorBar, x: Double, into svg: inout SVGText) {
        let plot = layout.plot
        // Lines are drawn as thin areas, each at the place of its number.
        let parts = bar.isLines ? bar.colors.count + 1 : bar.colors.count
        let edge = bar.isLines ? 1.0 : 0
        for (index, color) in bar.colors.enumerated() {
            let place = { (part: Int) in plot.bottom - plot.height * Double(part) / Double(parts) }
            let low = (bar.isLines ? place(index + 1) : place(index)) + edge
            let high = place(index + 1) - edge
            // Paths rather than rectangles, for neighbours then end at the very same place.
            var path = SVGPath()
            path.polygon([
                PlotPoint(x, low), PlotPoint(x, high), PlotPoint(x + ColorBar.barWidth, high),
                PlotPoint(x + ColorBar.barWidth, low),
            ])
            svg.element("path", ["d": path.data, "fill": color.hex, "shape-rendering": "crispEdges"])
        }
        svg.group("g", ["font-size": text(style.tick), "fill": PanelStyle.softText]) { svg in
            for tick in bar.ticks {
                let y = plot.bottom - plot.height * tick.fraction + style.tick * 0.35
                svg.label("text", ["x": text(x + ColorBar.barWidth + style.gap), "y": text(y)], tick.label)
            }
        }
    }

    private func text(_ value: Double) -> String {
        NumberText.coordinate(value)
    }
}
