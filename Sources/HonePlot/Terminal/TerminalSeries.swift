/// Draws the series of a chart on a canvas of characters.
struct TerminalSeries {
    private let resolved: ResolvedChart
    private let signs: TerminalSigns
    private let columns: Int
    private let rows: Int
    private let hasColor: Bool
    /// Places in characters, and in braille dots.
    private let cells: PlotPlaces
    private let dots: PlotPlaces

    init(_ resolved: ResolvedChart, signs: TerminalSigns, columns: Int, rows: Int, color: Bool) {
        self.resolved = resolved
        self.signs = signs
        self.columns = columns
        self.rows = rows
        hasColor = color
        cells = PlotPlaces(resolved, width: Double(columns), height: Double(rows))
        dots = PlotPlaces(resolved, width: Double(columns * 2), height: Double(rows * 4))
    }

    /// Draws areas lowest, then bars, rules, lines, points and markers.
    func draw(on canvas: inout TerminalCanvas) {
        for layer in 0...6 {
            for (index, item) in resolved.items.enumerated() {
                draw(item, glyph: signs.glyphs[index], color: signs.colors[index], layer: layer, on: &canvas)
            }
        }
    }

    private func draw(
        _ item: ResolvedSeries, glyph: Character?, color: Int?, layer: Int, on canvas: inout TerminalCanvas
    ) {
        switch (layer, item.series.content) {
        case (0, .heatMap(let map)):
            TerminalField(cells, columns: columns, rows: rows, hasColor: hasColor).draw(map, on: &canvas)
        case (0, .contour(let contour)):
            TerminalField(cells, columns: columns, rows: rows, hasColor: hasColor).draw(contour, on: &canvas)
        case (1, .band(let x, let low, let high)):
            drawBand(x, low, high, glyph ?? "░", color, on: &canvas)
        case (2, .bars(let bars)):
            for box in cells.boxes(of: bars, slot: item.slot) {
                drawBar(box, isHorizontal: bars.isHorizontal, glyph ?? "█", color, on: &canvas)
            }
        case (3, .verticalLine(let x, _)):
            guard let column = cells.across(x).map(Self.index), column >= 0, column < columns else { return }
            for row in 0..<rows where canvas.isBlank(row: row, column: column) {
                canvas.put("┊", row: row, column: column, color: color)
            }
        case (3, .horizontalLine(let y, _)):
            guard let row = cells.down(y).map(Self.index), row >= 0, row < rows else { return }
            for column in 0..<columns where canvas.isBlank(row: row, column: column) {
                canvas.put("╌", row: row, column: column, color: color)
            }
        case (4, .line(let x, let y)):
            drawLine(x, y, glyph, color, on: &canvas)
        case (5, .points(let x, let y)):
            for point in cells.points(x, y).compactMap({ $0 }) {
                put(glyph ?? "•", at: point, color, on: &canvas)
            }
        case (6, .marker(let x, let y?, _)):
            if let point = cells.point(x, y) { put(glyph ?? "◆", at: point, color, on: &canvas) }
        case (6, .verticalLine(let x, _)):
            if let glyph, let across = cells.across(x) { put(glyph, at: PlotPoint(across, 0), color, on: &canvas) }
        case (6, .horizontalLine(let y, _)):
            let end = Double(columns) - 0.5
            if let glyph, let down = cells.down(y) { put(glyph, at: PlotPoint(end, down), color, on: &canvas) }
        default: break
        }
    }

    private func drawLine(
        _ x: Samples, _ y: Samples, _ glyph: Character?, _ color: Int?, on canvas: inout TerminalCanvas
    ) {
        let places = glyph == nil ? dots : cells
        for piece in places.pieces(x, y).map({ Decimation.thinned($0) }) {
            let ends = piece.count == 1 ? [(piece[0], piece[0])] : Array(zip(piece, piece.dropFirst()))
            for (start, end) in ends {
                if let glyph {
                    TerminalCanvas.trace(from: start, to: end) { canvas.put(glyph, row: $1, column: $0, color: color) }
                } else {
                    TerminalCanvas.trace(from: start, to: end) { canvas.dot($0, $1, color: color) }
                }
            }
        }
    }

    private func drawBand(
        _ x: Samples, _ low: Samples, _ high: Samples, _ glyph: Character, _ color: Int?,
        on canvas: inout TerminalCanvas
    ) {
        for piece in cells.bandPieces(x, low, high) {
            let ends = piece.count == 1 ? [(piece[0], piece[0])] : Array(zip(piece, piece.dropFirst()))
            for (start, end) in ends {
                let left = max(0, Self.index(min(start.low.x, end.low.x)))
                let right = min(columns - 1, Self.index(max(start.low.x, end.low.x)))
                guard left <= right else { continue }
                for column in left...right {
                    let width = end.low.x - start.low.x
                    let share = width == 0 ? 0 : min(1, max(0, (Double(column) + 0.5 - start.low.x) / width))
                    let top = start.high.y + (end.high.y - start.high.y) * share
                    let bottom = start.low.y + (end.low.y - start.low.y) * share
                    let first = max(0, Self.index(min(top, bottom)))
                    let last = min(rows - 1, Self.index(max(top, bottom)))
                    guard first <= last else { continue }
                    for row in first...last { canvas.put(glyph, row: row, column: column, color: color) }
                }
            }
        }
    }

    /// Draws a bar with eighths of characters at its end; at least one character wide.
    private func drawBar(
        _ box: Box, isHorizontal: Bool, _ glyph: Character, _ color: Int?, on canvas: inout TerminalCanvas
    ) {
        let (across, down) = (Self.span(box.x, box.right, columns), Self.span(box.y, box.bottom, rows))
        if isHorizontal {
            let eighths: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
            let full = Int((min(Double(columns), max(0, box.right)) * 8).rounded())
            let first = max(0, Int(box.x.rounded()))
            for row in down {
                for column in first..<max(first, full / 8) { canvas.put(glyph, row: row, column: column, color: color) }
                guard full % 8 > 0, glyph == "█", full / 8 >= first else { continue }
                canvas.put(eighths[full % 8 - 1], row: row, column: full / 8, color: color)
            }
        } else {
            let eighths: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇"]
            let last = min(rows, Int(box.bottom.rounded()))
            let full = Int(((Double(last) - min(Double(rows), max(0, box.y))) * 8).rounded())
            for column in across {
                for row in max(0, last - full / 8)..<max(last, 0) {
                    canvas.put(glyph, row: row, column: column, color: color)
                }
                guard full > 0, full % 8 > 0, glyph == "█" else { continue }
                canvas.put(eighths[full % 8 - 1], row: last - full / 8 - 1, column: column, color: color)
            }
        }
    }

    private func put(_ glyph: Character, at point: PlotPoint, _ color: Int?, on canvas: inout TerminalCanvas) {
        // A point on the very edge of the plot belongs to the last character.
        let column = point.x == Double(columns) ? columns - 1 : Self.index(point.x)
        let row = point.y == Double(rows) ? rows - 1 : Self.index(point.y)
        canvas.put(glyph, row: row, column: column, color: color)
    }

    private static func index(_ place: Double) -> Int {
        Int(min(1e6, max(-1e6, place)).rounded(.down))
    }

    /// The characters between two places, at least the one in the middle.
    private static func span(_ from: Double, _ to: Double, _ limit: Int) -> Range<Int> {
        let start = index(from + 0.5)
        let end = max(index(to + 0.5), start + 1)
        let low = min(limit, max(0, start))
        return low..<max(low, min(limit, end))
    }
}
