/// Draws heat maps and contours with blocks of shade, or with coloured grounds.
struct TerminalField {
    private let cells: PlotPlaces
    private let columns: Int
    private let rows: Int
    private let hasColor: Bool
    private static let shades = Array(" ░▒▓█")

    init(_ cells: PlotPlaces, columns: Int, rows: Int, hasColor: Bool) {
        self.cells = cells
        self.columns = columns
        self.rows = rows
        self.hasColor = hasColor
    }

    func draw(_ map: HeatMap, on canvas: inout TerminalCanvas) {
        let range = map.colorRange
        let span = range.upperBound - range.lowerBound
        fill(map.lattice, map.ramp, on: &canvas) { value in
            span > 0 && span.isFinite ? (value - range.lowerBound) / span : 0
        }
        guard map.showsValues else { return }
        let borders = Lattice.borders(around: map.lattice.x.values).compactMap { cells.across($0) }
        guard borders.count > 1 else { return }
        let room = Int(abs(borders[1] - borders[0]))
        for row in 0..<map.lattice.rows {
            for column in 0..<map.lattice.columns {
                let value = map.lattice[row, column]
                guard value.isFinite, let point = cells.point(map.lattice.x.values[column], map.lattice.y.values[row])
                else { continue }
                let text = NumberText.compact(value, digits: 2)
                guard text.count <= room, point.x.isFinite, point.y.isFinite else { continue }
                let start = Int(max(-1e6, min(1e6, (point.x - Double(text.count) / 2).rounded())))
                let line = Int(max(-1e6, min(1e6, point.y.rounded(.down))))
                for (index, character) in text.enumerated() {
                    canvas.put(character, row: line, column: start + index, color: nil)
                }
            }
        }
    }

    func draw(_ contour: Contour, on canvas: inout TerminalCanvas) {
        let heights = contour.heights
        fill(contour.lattice, contour.ramp, on: &canvas) { value in
            Double(heights.filter { $0 <= value }.count) / Double(max(1, heights.count))
        }
    }

    /// Shades each character by the number of the lattice that is nearest to its middle.
    private func fill(
        _ lattice: Lattice, _ ramp: ColorRamp, on canvas: inout TerminalCanvas, fraction: (Double) -> Double
    ) {
        let across = Self.nearest(Lattice.borders(around: lattice.x.values).map { cells.across($0) }, count: columns)
        let down = Self.nearest(Lattice.borders(around: lattice.y.values).map { cells.down($0) }, count: rows)
        for row in 0..<rows {
            for column in 0..<columns {
                guard let latticeRow = down[row], let latticeColumn = across[column] else { continue }
                let value = lattice[latticeRow, latticeColumn]
                guard value.isFinite else { continue }
                let share = min(1, max(0, fraction(value)))
                if hasColor {
                    canvas.fill(row: row, column: column, ground: ramp.color(at: share))
                } else {
                    let shade = Int((share * Double(Self.shades.count - 1)).rounded())
                    canvas.put(Self.shades[shade], row: row, column: column, color: nil)
                }
            }
        }
    }

    /// For each character the cell of the lattice in which its middle lies.
    private static func nearest(_ borders: [Double?], count: Int) -> [Int?] {
        var result = [Int?](repeating: nil, count: count)
        for (index, pair) in zip(borders, borders.dropFirst()).enumerated() {
            guard let from = pair.0, let to = pair.1 else { continue }
            let first = max(0, Int(min(1e6, max(-1e6, min(from, to) + 0.5)).rounded(.down)))
            let last = min(count, Int(min(1e6, max(-1e6, max(from, to) + 0.5)).rounded(.down)))
            for place in first..<max(first, last) { result[place] = index }
        }
        return result
    }
}
