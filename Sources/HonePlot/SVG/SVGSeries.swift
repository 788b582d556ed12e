/// Draws the series of a chart, in pixels from the upper left corner of its plot.
struct SVGSeries {
    private let layout: PanelLayout
    private let width: Double
    private let height: Double
    private let labels: SVGLabels
    /// What the series and their labels cover.
    let occupancy: Occupancy
    /// Whether colours fill the plot, so that a grid could not be seen.
    let hidesGrid: Bool
    /// How wide the columns are of which a line keeps the extremes: wider than a pixel where there are many lines.
    private let columnWidth: Double
    /// How many points all lines of a chart may have together, for the file to stay small.
    private static let pointLimit = 16_000.0

    init(_ layout: PanelLayout) {
        self.layout = layout
        width = layout.plot.width
        height = layout.plot.height
        let places = PlotPlaces(layout)
        hidesGrid = layout.resolved.items.contains { item in
            switch item.series.content {
            case .heatMap: true
            case .contour(let contour): contour.isFilled
            default: false
            }
        }
        let most = min(3 * width, 60_000)
        let total = layout.resolved.items.reduce(0.0) { sum, item in
            guard case .line(_, let y) = item.series.content else { return sum }
            return sum + min(most, Double(y.values.count))
        }
        columnWidth = max(1, total / Self.pointLimit)
        var occupancy = Occupancy(width: width, height: height)
        for item in layout.resolved.items { places.mark(item, in: &occupancy) }
        labels = SVGLabels(layout, occupancy: occupancy)
        for box in labels.boxes { occupancy.mark(box) }
        self.occupancy = occupancy
    }

    /// Draws everything but markers: areas lowest, then bars, rules, lines and points.
    func draw(into svg: inout SVGText) {
        let places = PlotPlaces(layout)
        for layer in 0...5 {
            for item in layout.resolved.items where Self.layer(of: item) == layer {
                draw(item, places, into: &svg)
            }
        }
    }

    /// Draws the dots of markers and the labels of markers and rules.
    func drawMarkers(into svg: inout SVGText) {
        labels.draw(into: &svg)
    }

    private static func layer(of item: ResolvedSeries) -> Int {
        switch item.series.content {
        case .heatMap, .contour: 0
        case .band: 1
        case .bars: 2
        case .verticalLine, .horizontalLine: 3
        case .line: 4
        case .points: 5
        case .marker: 6
        }
    }

    private func draw(_ item: ResolvedSeries, _ places: PlotPlaces, into svg: inout SVGText) {
        switch item.series.content {
        case .line(let x, let y):
            drawLine(places.pieces(x, y).map { Decimation.thinned($0, columnWidth: columnWidth) }, item, into: &svg)
        case .points(let x, let y):
            drawPoints(places.points(x, y).compactMap { $0 }, item, into: &svg)
        case .band(let x, let low, let high):
            drawBand(places, x, low, high, item, into: &svg)
        case .bars(let bars):
            drawBars(places.boxes(of: bars, slot: item.slot), bars, item, into: &svg)
        case .verticalLine(let x, _):
            guard let across = places.across(x) else { return }
            Self.stroke(
                [[PlotPoint(across, 0), PlotPoint(across, height)]], color: item.color, style: item.style,
                scale: layout.style.lineScale, into: &svg)
        case .horizontalLine(let y, _):
            guard let down = places.down(y) else { return }
            Self.stroke(
                [[PlotPoint(0, down), PlotPoint(width, down)]], color: item.color, style: item.style,
                scale: layout.style.lineScale, into: &svg)
        case .heatMap(let map):
            SVGField(layout).draw(map, into: &svg)
        case .contour(let contour):
            SVGField(layout).draw(contour, into: &svg)
        case .marker: break
        }
    }

    private func drawLine(_ pieces: [[PlotPoint]], _ item: ResolvedSeries, into svg: inout SVGText) {
        let scale = layout.style.lineScale
        if hidesGrid {
            // A white edge keeps a line apart from whatever colour lies below it.
            let edge = LineStyle(width: item.style.width + 2 / scale)
            Self.stroke(pieces, color: .white, style: edge, scale: scale, into: &svg)
        }
        Self.stroke(pieces.filter { $0.count > 1 }, color: item.color, style: item.style, scale: scale, into: &svg)
        // A point with a gap on both sides would be as small as the line is thin.
        var dots = item.style
        dots.dash = .solid
        dots.width *= 2.2
        Self.stroke(pieces.filter { $0.count == 1 }, color: item.color, style: dots, scale: scale, into: &svg)
    }

    /// Draws lines through points.
    static func stroke(
        _ pieces: [[PlotPoint]], color: ChartColor, style: LineStyle, scale: Double, into svg: inout SVGText
    ) {
        var path = SVGPath()
        for piece in pieces { path.polyline(piece) }
        guard !path.data.isEmpty else { return }
        let width = style.width * scale
        let dashes: String
        switch style.dash {
        case .solid: dashes = "none"
        case .dashed: dashes = "\(NumberText.coordinate(width * 3.5)) \(NumberText.coordinate(width * 2.5))"
        case .dotted: dashes = "\(NumberText.coordinate(max(0.1, width * 0.1))) \(NumberText.coordinate(width * 2.2))"
        }
        svg.element(
            "path",
            [
                "d": path.data, "fill": "none", "stroke": color.hex, "stroke-width": NumberText.compact(width),
                "stroke-opacity": NumberText.compact(style.opacity), "stroke-dasharray": dashes,
                "stroke-linejoin": "round", "stroke-linecap": style.dash == .dashed ? "butt" : "round",
            ])
    }

    private func drawPoints(_ points: [PlotPoint], _ item: ResolvedSeries, into svg: inout SVGText) {
        let radius = item.style.width * 1.6 * layout.style.lineScale
        let inside = points.filter {
            $0.x >= -radius && $0.y >= -radius && $0.x <= width + radius && $0.y <= height + radius
        }
        if hidesGrid {
            // All white edges lie below all dots, so that dots close together are not lost in each other's edges.
            Self.stroke(
                inside.map { [$0] }, color: .white, style: LineStyle(width: item.style.width * 3.2 + 2),
                scale: layout.style.lineScale, into: &svg)
        }
        guard inside.count > 300 else {
            svg.group(
                "g",
                [
                    "fill": item.color.hex, "fill-opacity": NumberText.compact(item.style.opacity),
                    "stroke": hidesGrid ? "none" : "#ffffff", "stroke-width": "0.8",
                ]
            ) { svg in
                for point in inside {
                    svg.element(
                        "circle",
                        [
                            "cx": NumberText.coordinate(point.x), "cy": NumberText.coordinate(point.y),
                            "r": NumberText.coordinate(radius),
                        ])
                }
            }
            return
        }
        // Dots that lie within a pixel of each other look like one; a crowd is thinned until the file stays small.
        var cell = 1.0
        var kept = Decimation.distinct(inside, cell: cell)
        while kept.count > 8000 {
            cell *= 1.5
            kept = Decimation.distinct(inside, cell: cell)
        }
        var path = SVGPath()
        for point in kept {
            path.move(to: point)
            path.dot()
        }
        svg.element(
            "path",
            [
                "d": path.data, "fill": "none", "stroke": item.color.hex,
                "stroke-width": NumberText.compact(radius * (kept.count > 2000 ? 1.1 : 1.6)),
                "stroke-opacity": NumberText.compact(item.style.opacity * 0.7), "stroke-linecap": "round",
            ])
    }

    private func drawBand(
        _ places: PlotPlaces, _ x: Samples, _ low: Samples, _ high: Samples, _ item: ResolvedSeries,
        into svg: inout SVGText
    ) {
        var path = SVGPath()
        for piece in places.bandPieces(x, low, high) {
            let upper = Decimation.thinned(piece.map(\.high))
            let lower = Decimation.thinned(piece.map(\.low))
            path.polygon(upper + lower.reversed())
        }
        guard !path.data.isEmpty else { return }
        svg.element(
            "path",
            [
                "d": path.data, "fill": item.color.hex,
                "fill-opacity": NumberText.compact(LegendEntry.bandOpacity * item.style.opacity),
                "stroke": "none",
            ])
    }

    private func drawBars(_ boxes: [Box], _ bars: Bars, _ item: ResolvedSeries, into svg: inout SVGText) {
        var path = SVGPath()
        for box in boxes {
            path.polygon([
                PlotPoint(box.x, box.y), PlotPoint(box.right, box.y), PlotPoint(box.right, box.bottom),
                PlotPoint(box.x, box.bottom),
            ])
        }
        guard !path.data.isEmpty else { return }
        svg.element(
            "path",
            [
                "d": path.data, "fill": item.color.hex,
                "fill-opacity": NumberText.compact(LegendEntry.opacity(of: bars) * item.style.opacity),
                "stroke": bars.width == nil ? "none" : "#ffffff", "stroke-width": "0.6",
            ])
    }
}
