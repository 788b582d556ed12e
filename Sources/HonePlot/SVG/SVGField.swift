/// Draws what covers a whole rectangle with colours: heat maps and contours.
struct SVGField {
    private let layout: PanelLayout
    private let places: PlotPlaces
    /// How many different colours a heat map has; neighbours of the same one become one rectangle.
    private static let shadeCount = 64

    init(_ layout: PanelLayout) {
        self.layout = layout
        places = PlotPlaces(layout)
    }

    // MARK: - Heat map

    func draw(_ map: HeatMap, into svg: inout SVGText) {
        let lattice = map.lattice.pooled(limit: 80)
        let columns = Lattice.borders(around: lattice.x.values).map { places.across($0) }
        let rows = Lattice.borders(around: lattice.y.values).map { places.down($0) }
        guard columns.count > 1, rows.count > 1 else { return }
        let range = map.colorRange
        var paths = [SVGPath](repeating: SVGPath(), count: Self.shadeCount)
        for row in 0..<lattice.rows {
            guard let top = rows[row], let bottom = rows[row + 1] else { continue }
            var column = 0
            while column < lattice.columns {
                guard let shade = Self.shade(lattice[row, column], in: range), let left = columns[column] else {
                    column += 1
                    continue
                }
                var end = column + 1
                while end < lattice.columns, Self.shade(lattice[row, end], in: range) == shade { end += 1 }
                if let right = columns[end] {
                    paths[shade].polygon([
                        PlotPoint(left, top), PlotPoint(right, top), PlotPoint(right, bottom), PlotPoint(left, bottom),
                    ])
                }
                column = end
            }
        }
        svg.group("g", ["shape-rendering": "crispEdges"]) { svg in
            for (shade, path) in paths.enumerated() where !path.data.isEmpty {
                svg.element("path", ["d": path.data, "fill": color(shade, map.ramp).hex])
            }
        }
        if map.showsValues { drawValues(map, into: &svg) }
    }

    private func drawValues(_ map: HeatMap, into svg: inout SVGText) {
        let lattice = map.lattice
        let columns = Lattice.borders(around: lattice.x.values).map { places.across($0) }
        let rows = Lattice.borders(around: lattice.y.values).map { places.down($0) }
        let widest = lattice.values.values.map { TextMetrics.width(Self.text($0), size: 1) }.max() ?? 1
        guard columns.count > 1, rows.count > 1, let left = columns[0], let right = columns[1], let top = rows[0],
            let bottom = rows[1]
        else { return }
        // As large as the cells allow; not at all where nobody could read it.
        let size = min(layout.style.label * 1.1, abs(right - left) * 0.85 / widest, abs(bottom - top) * 0.7)
        guard size >= 6 else { return }
        svg.group("g", ["font-size": NumberText.coordinate(size), "text-anchor": "middle"]) { svg in
            for row in 0..<lattice.rows {
                for column in 0..<lattice.columns {
                    let value = lattice[row, column]
                    guard let shade = Self.shade(value, in: map.colorRange),
                        let point = places.point(lattice.x.values[column], lattice.y.values[row])
                    else { continue }
                    let isDark = color(shade, map.ramp).brightness < 0.55
                    svg.label(
                        "text",
                        [
                            "x": NumberText.coordinate(point.x), "y": NumberText.coordinate(point.y + size * 0.35),
                            "fill": isDark ? "#ffffff" : value == 0 ? "#a0a0a0" : PanelStyle.text,
                        ], Self.text(value))
                }
            }
        }
    }

    private static func text(_ value: Double) -> String {
        value.isFinite ? NumberText.compact(value, digits: 2) : ""
    }

    private static func shade(_ value: Double, in range: ClosedRange<Double>) -> Int? {
        guard value.isFinite else { return nil }
        let span = range.upperBound - range.lowerBound
        let fraction = span > 0 && span.isFinite ? (value - range.lowerBound) / span : 0
        return Int((min(1, max(0, fraction)) * Double(shadeCount - 1)).rounded())
    }

    private func color(_ shade: Int, _ ramp: ColorRamp) -> ChartColor {
        ramp.color(at: Double(shade) / Double(Self.shadeCount - 1))
    }

    // MARK: - Contour

    func draw(_ contour: Contour, into svg: inout SVGText) {
        let heights = contour.heights
        let lattice = contour.lattice.pooled(limit: 160)
        let areaCount = heights.count + 1
        if contour.isFilled {
            // Each area is painted over the one below it, so that no seam can show between two neighbours.
            for index in 0..<areaCount {
                let rings = IsoLines.rings(of: lattice, from: index == 0 ? nil : heights[index - 1])
                var path = SVGPath()
                for ring in rings { path.polygon(Decimation.simplified(pixels(ring))) }
                guard !path.data.isEmpty else { continue }
                svg.element(
                    "path", ["d": path.data, "fill": contour.color(above: index - 1).hex, "fill-rule": "evenodd"])
            }
        }
        for (index, height) in heights.enumerated() {
            let lines = IsoLines.lines(of: lattice, at: height).map { Decimation.simplified(pixels($0)) }
            SVGSeries.stroke(
                lines, color: contour.isFilled ? .white : contour.color(above: index),
                style: contour.isFilled ? LineStyle(width: 0.7, opacity: 0.5) : LineStyle(width: 1.2),
                scale: layout.style.lineScale, into: &svg)
        }
    }

    private func pixels(_ line: [PlotPoint]) -> [PlotPoint] {
        line.compactMap { places.point($0.x, $0.y) }
    }
}

extension Lattice {
    /// The lattice with neighbours averaged until neither side has more places than a limit.
    func pooled(limit: Int) -> Lattice {
        guard columns > limit || rows > limit else { return self }
        let across = Self.groups(columns, limit)
        let down = Self.groups(rows, limit)
        func mean(_ values: [Double]) -> Double {
            let finite = values.filter(\.isFinite)
            return finite.isEmpty ? .nan : finite.reduce(0) { $0 + $1 / Double(finite.count) }
        }
        let pooled = down.map { rows in
            across.map { columns in mean(rows.flatMap { row in columns.map { self[row, $0] } }) }
        }
        return Lattice(
            pooled, x: across.map { range in mean(range.map { x.values[$0] }) },
            y: down.map { range in mean(range.map { y.values[$0] }) })
    }

    private static func groups(_ count: Int, _ limit: Int) -> [Range<Int>] {
        let parts = min(count, limit)
        return (0..<parts).map { $0 * count / parts..<($0 + 1) * count / parts }
    }
}
