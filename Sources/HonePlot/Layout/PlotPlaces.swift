/// Where the numbers of series lie in a plot, in pixels from its upper left corner.
struct PlotPlaces {
    private let resolved: ResolvedChart
    private let width: Double
    private let height: Double

    init(_ layout: PanelLayout) {
        self.init(layout.resolved, width: layout.plot.width, height: layout.plot.height)
    }

    init(_ resolved: ResolvedChart, width: Double, height: Double) {
        self.resolved = resolved
        self.width = width
        self.height = height
    }

    func across(_ value: Double) -> Double? {
        resolved.x.fraction(value).map { $0 * width }
    }

    func down(_ value: Double) -> Double? {
        resolved.y.fraction(value).map { (1 - $0) * height }
    }

    func point(_ x: Double, _ y: Double) -> PlotPoint? {
        guard let across = across(x), let down = down(y) else { return nil }
        return PlotPoint(across, down)
    }

    /// The places of points, with `nil` where a point has none.
    func points(_ x: Samples, _ y: Samples) -> [PlotPoint?] {
        zip(x.values, y.values).map { point($0, $1) }
    }

    /// The places of the points of a line, split where it breaks.
    func pieces(_ x: Samples, _ y: Samples) -> [[PlotPoint]] {
        Decimation.pieces(points(x, y))
    }

    /// The edges of a band, split where one of them breaks.
    func bandPieces(_ x: Samples, _ low: Samples, _ high: Samples) -> [[(low: PlotPoint, high: PlotPoint)]] {
        var pieces: [[(low: PlotPoint, high: PlotPoint)]] = [[]]
        for (x, (low, high)) in zip(x.values, zip(low.values, high.values)) {
            if let lower = point(x, low), let upper = point(x, high) {
                pieces[pieces.count - 1].append((lower, upper))
            } else if pieces.last?.isEmpty == false {
                pieces.append([])
            }
        }
        return pieces.filter { !$0.isEmpty }
    }

    /// The rectangles of bars; those that stand side by side share four fifths of the distance between two places.
    func boxes(of bars: Bars, slot: (index: Int, count: Int)) -> [Box] {
        let total = bars.width ?? bars.pitch * 0.8
        let each = total / Double(slot.count)
        return zip(bars.places.values, bars.lengths.values).compactMap { place, length in
            let start = place - total / 2 + Double(slot.index) * each
            if bars.isHorizontal {
                guard let top = down(start), let bottom = down(start + each), let end = across(length) else {
                    return nil
                }
                let zero = across(0) ?? (resolved.x.isReversed ? width : 0)
                return Box(x: min(zero, end), y: min(top, bottom), width: abs(end - zero), height: abs(bottom - top))
            }
            guard let left = across(start), let right = across(start + each), let end = down(length) else { return nil }
            let zero = down(0) ?? (resolved.y.isReversed ? 0 : height)
            return Box(x: min(left, right), y: min(zero, end), width: abs(right - left), height: abs(end - zero))
        }
    }

    /// Marks what a series covers.
    func mark(_ item: ResolvedSeries, in occupancy: inout Occupancy) {
        switch item.series.content {
        case .line(let x, let y):
            for piece in pieces(x, y) { occupancy.mark(Decimation.thinned(piece, columnWidth: 4)) }
        case .points(let x, let y):
            for point in points(x, y).compactMap({ $0 }) { occupancy.mark(point) }
        case .band(let x, let low, let high):
            for piece in bandPieces(x, low, high) {
                occupancy.mark(Decimation.thinned(piece.map(\.low), columnWidth: 4))
                occupancy.mark(Decimation.thinned(piece.map(\.high), columnWidth: 4))
                for edge in piece { occupancy.mark(from: edge.low, to: edge.high) }
            }
        case .bars(let bars):
            for box in boxes(of: bars, slot: item.slot) { occupancy.mark(box) }
        case .heatMap, .contour:
            // A legend may lie on colours no more than on lines.
            occupancy.mark(Box(x: 0, y: 0, width: width, height: height))
        case .verticalLine(let x, _):
            guard let across = across(x) else { return }
            occupancy.mark(from: PlotPoint(across, 0), to: PlotPoint(across, height))
        case .horizontalLine(let y, _):
            guard let down = down(y) else { return }
            occupancy.mark(from: PlotPoint(0, down), to: PlotPoint(width, down))
        case .marker(let x, let y, _):
            guard let y, let point = point(x, y) else { return }
            occupancy.mark(Box(x: point.x - 5, y: point.y - 5, width: 10, height: 10))
        }
    }
}
