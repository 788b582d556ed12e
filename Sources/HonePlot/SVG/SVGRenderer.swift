/// Draws charts as SVG.
enum SVGRenderer {
    /// A whole picture with one chart.
    static func document(chart: Chart, width: Int, height: Int) -> String {
        let width = Double(min(20_000, max(120, width)))
        let height = Double(min(20_000, max(100, height)))
        let layout = layout(ResolvedChart(chart), width: width, height: height)
        return document(title: chart.title, width: width, height: height) { svg in
            svg.append(panel(layout))
        }
    }

    /// The frame of a picture: its size, its title for readers that speak, and a white ground also in dark viewers.
    static func document(
        title: String, width: Double, height: Double, _ contents: (inout SVGText) -> Void
    ) -> String {
        let (w, h) = (NumberText.coordinate(width), NumberText.coordinate(height))
        let title = title.isEmpty ? "Chart" : TextMetrics.oneLine(title)
        var svg = SVGText()
        svg.group(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "width": w, "height": h, "viewBox": "0 0 \(w) \(h)",
                "role": "img", "aria-label": title, "font-family": PanelStyle.sansSerif,
            ]
        ) { svg in
            svg.label("title", [:], title)
            svg.element("rect", ["width": w, "height": h, "fill": "#ffffff"])
            contents(&svg)
        }
        return svg.text
    }

    /// Lays out a panel and finds a place for its legend.
    static func layout(
        _ resolved: ResolvedChart, width: Double, height: Double, minimum: Insets = Insets()
    ) -> PanelLayout {
        func layout(_ legend: LegendPlacement) -> PanelLayout {
            PanelLayout(resolved, width: width, height: height, legend: legend, minimum: minimum)
        }
        guard !resolved.legend.isEmpty, !resolved.isEmpty else { return layout(.hidden) }
        guard resolved.chart.legend == .automatic else { return layout(resolved.chart.legend) }
        let free = layout(.automatic)
        let series = SVGSeries(free)
        for corner in LegendPlacement.Corner.allCases {
            let box = free.legendBox(in: corner)
            let fits = box.width < free.plot.width * 0.6 && box.height < free.plot.height * 0.6
            if fits, series.occupancy.share(of: box.grown(by: 4)) == 0 { return layout(.inside(corner)) }
        }
        let above = layout(.top)
        let isTall = above.legendLayout.rowsHeight > height * 0.15
        return isTall && width > 2.5 * above.legendLayout.columnWidth ? layout(.right) : above
    }

    /// Everything of a panel, from its own upper left corner.
    static func panel(_ layout: PanelLayout) -> SVGText {
        var svg = SVGText()
        SVGFrame(layout: layout).drawTexts(into: &svg)
        let plot = layout.plot
        let frame = SVGFrame(layout: layout)
        if layout.resolved.isEmpty {
            frame.drawEmpty(into: &svg)
            return svg
        }
        let series = SVGSeries(layout)
        if !series.hidesGrid { frame.drawGrid(into: &svg) }
        // A nested picture cuts off what reaches beyond the plot, and needs no name that could occur twice on a page.
        svg.group(
            "svg",
            [
                "x": NumberText.coordinate(plot.x), "y": NumberText.coordinate(plot.y),
                "width": NumberText.coordinate(plot.width), "height": NumberText.coordinate(plot.height),
                "overflow": "hidden",
            ]
        ) { series.draw(into: &$0) }
        frame.drawAxes(into: &svg)
        let move = "translate(\(NumberText.coordinate(plot.x)) \(NumberText.coordinate(plot.y)))"
        svg.group("g", ["transform": move]) { svg in
            series.drawMarkers(into: &svg)
            SVGLegend(layout: layout).drawInside(into: &svg)
        }
        SVGLegend(layout: layout).drawOutside(into: &svg)
        return svg
    }
}

extension PanelLayout {
    /// Where a legend in a corner stands, from the corner of the plot.
    func legendBox(in corner: LegendPlacement.Corner) -> Box {
        let gap = style.gap
        let width = legendLayout.columnWidth + 2 * gap
        let height = legendLayout.columnHeight + gap
        let right = plot.width - width - gap
        let bottom = plot.height - height - gap
        switch corner {
        case .topRight: return Box(x: right, y: gap, width: width, height: height)
        case .topLeft: return Box(x: gap, y: gap, width: width, height: height)
        case .bottomRight: return Box(x: right, y: bottom, width: width, height: height)
        case .bottomLeft: return Box(x: gap, y: bottom, width: width, height: height)
        }
    }
}
