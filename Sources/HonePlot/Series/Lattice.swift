/// Numbers over a rectangle of places: row `r`, column `c` belongs to `y[r]` and `x[c]`.
package struct Lattice: Sendable, Equatable {
    package let x: Samples
    package let y: Samples
    /// The numbers row by row; NaN where a row was too short.
    package let values: Samples

    package var columns: Int { x.values.count }
    package var rows: Int { y.values.count }

    /// Creates a lattice from rows of numbers; places that are not given are 0, 1, 2 ….
    package init(_ rows: [[Double]], x: [Double]?, y: [Double]?) {
        let width = rows.map(\.count).max() ?? 0
        let columnCount = min(width, x?.count ?? width)
        let rowCount = min(rows.count, y?.count ?? rows.count)
        self.x = Samples(x.map { Array($0.prefix(columnCount)) } ?? (0..<columnCount).map(Double.init))
        self.y = Samples(y.map { Array($0.prefix(rowCount)) } ?? (0..<rowCount).map(Double.init))
        var flat: [Double] = []
        flat.reserveCapacity(rowCount * columnCount)
        for row in rows.prefix(rowCount) {
            for column in 0..<columnCount {
                flat.append(column < row.count ? row[column] : .nan)
            }
        }
        values = Samples(flat)
    }

    package subscript(row: Int, column: Int) -> Double {
        values.values[row * columns + column]
    }

    /// The smallest and the largest finite number.
    package var extent: ClosedRange<Double>? {
        var low = Double.infinity
        var high = -Double.infinity
        for value in values.values where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        return low <= high ? low...high : nil
    }

    /// The borders of the cells around places: half-way to each neighbour, and as far out at both ends.
    package static func borders(around places: [Double]) -> [Double] {
        guard let first = places.first, let last = places.last else { return [] }
        guard places.count > 1 else { return [first - 0.5, first + 0.5] }
        let inner = zip(places, places.dropFirst()).map { ($0 + $1) / 2 }
        return [2 * first - inner[0]] + inner + [2 * last - inner[inner.count - 1]]
    }
}
