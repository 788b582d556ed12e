/// Which parts of a plot have something drawn in them, in squares of a few pixels.
///
/// Legends and labels look here for an empty place.
struct Occupancy {
    private let columns: Int
    private let rows: Int
    private var weights: [UInt8]
    private static let cell = 4.0

    init(width: Double, height: Double) {
        columns = max(1, Int((width / Self.cell).rounded(.up)))
        rows = max(1, Int((height / Self.cell).rounded(.up)))
        weights = [UInt8](repeating: 0, count: columns * rows)
    }

    /// Marks the square around a point.
    mutating func mark(_ point: PlotPoint, weight: UInt8 = 1) {
        let column = Int((min(1e6, max(-1e6, point.x)) / Self.cell).rounded(.down))
        let row = Int((min(1e6, max(-1e6, point.y)) / Self.cell).rounded(.down))
        guard column >= 0, row >= 0, column < columns, row < rows else { return }
        weights[row * columns + column] = max(weights[row * columns + column], weight)
    }

    /// Marks the squares along a line.
    mutating func mark(from start: PlotPoint, to end: PlotPoint) {
        let length = max(abs(end.x - start.x), abs(end.y - start.y))
        let steps = min(2000, max(1, Int((min(1e6, length) / Self.cell).rounded(.up))))
        for step in 0...steps {
            let share = Double(step) / Double(steps)
            mark(PlotPoint(start.x + (end.x - start.x) * share, start.y + (end.y - start.y) * share))
        }
    }

    /// Marks the squares along a line through points.
    mutating func mark(_ line: [PlotPoint]) {
        if line.count == 1 { mark(line[0]) }
        for (start, end) in zip(line, line.dropFirst()) { mark(from: start, to: end) }
    }

    /// Marks the squares of a rectangle.
    mutating func mark(_ box: Box, weight: UInt8 = 1) {
        for (row, column) in cells(of: box) {
            weights[row * columns + column] = max(weights[row * columns + column], weight)
        }
    }

    /// How much of a rectangle is taken, from 0 (empty) to 1.
    func share(of box: Box) -> Double {
        var sum = 0
        var count = 0
        for (row, column) in cells(of: box) {
            sum += Int(weights[row * columns + column])
            count += 1
        }
        return count == 0 ? 0 : Double(sum) / Double(count)
    }

    private func cells(of box: Box) -> [(row: Int, column: Int)] {
        func index(_ place: Double, _ limit: Int) -> Int {
            min(limit - 1, max(0, Int((min(1e6, max(-1e6, place)) / Self.cell).rounded(.down))))
        }
        guard box.width > 0, box.height > 0, box.right > 0, box.bottom > 0 else { return [] }
        let across = index(box.x, columns)...index(max(box.x, box.right), columns)
        let down = index(box.y, rows)...index(max(box.y, box.bottom), rows)
        return down.flatMap { row in across.map { (row, $0) } }
    }
}
