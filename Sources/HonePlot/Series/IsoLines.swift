/// Finds lines of equal height on a lattice by marching squares (Lorensen and Cline's idea in two dimensions).
package struct IsoLines {
    private let x: [Double]
    private let y: [Double]
    private let values: [Double]
    private var columns: Int { x.count }

    /// The lines of a height, as points in the lattice's own numbers; they end where the lattice ends or has holes.
    package static func lines(of lattice: Lattice, at height: Double) -> [[PlotPoint]] {
        guard lattice.columns > 1, lattice.rows > 1 else { return [] }
        let isoLines = IsoLines(x: lattice.x.values, y: lattice.y.values, values: lattice.values.values)
        return isoLines.chains(at: height, skippingHoles: true)
    }

    /// The closed borders of the areas that lie at a height or above it; `nil` borders all places with a number.
    ///
    /// The lattice is surrounded by points of no height at the same places as its own border, which closes every line.
    package static func rings(of lattice: Lattice, from height: Double?) -> [[PlotPoint]] {
        guard lattice.columns > 1, lattice.rows > 1 else { return [] }
        let low = -Double.infinity
        let x = lattice.x.values
        let y = lattice.y.values
        let empty = [Double](repeating: low, count: x.count + 2)
        var values = empty
        for row in 0..<lattice.rows {
            values.append(low)
            for column in 0..<lattice.columns {
                let value = lattice[row, column]
                values.append(value.isNaN ? low : value)
            }
            values.append(low)
        }
        values += empty
        let padded = IsoLines(x: [x[0]] + x + [x[x.count - 1]], y: [y[0]] + y + [y[y.count - 1]], values: values)
        return padded.chains(at: height ?? -.greatestFiniteMagnitude, skippingHoles: false)
    }

    /// A place between two neighbouring points where the height is passed, as a number: even for neighbours in a row,
    /// odd for neighbours in a column.
    private typealias Crossing = Int

    private func chains(at height: Double, skippingHoles: Bool) -> [[PlotPoint]] {
        var neighbours: [Crossing: [Crossing]] = [:]
        var order: [Crossing] = []
        func connect(_ first: Crossing, _ second: Crossing) {
            for (from, to) in [(first, second), (second, first)] {
                if neighbours[from] == nil { order.append(from) }
                neighbours[from, default: []].append(to)
            }
        }
        for row in 0..<(y.count - 1) {
            for column in 0..<(columns - 1) {
                let corner = row * columns + column
                let around = [
                    values[corner], values[corner + 1], values[corner + columns + 1], values[corner + columns],
                ]
                if skippingHoles, !around.allSatisfy(\.isFinite) { continue }
                let above = around.map { $0 >= height }
                // The sides in the order of the corners: below, right, above, left.
                let sides = [2 * corner, 2 * (corner + 1) + 1, 2 * (corner + columns), 2 * corner + 1]
                let crossed = (0..<4).filter { above[$0] != above[($0 + 1) % 4] }
                if crossed.count == 2 {
                    connect(sides[crossed[0]], sides[crossed[1]])
                } else if crossed.count == 4 {
                    // A saddle: the mean of the corners tells which two opposite corners belong together.
                    let isJoined = (around.reduce(0, +) / 4 >= height) == above[0]
                    connect(sides[0], isJoined ? sides[1] : sides[3])
                    connect(sides[2], isJoined ? sides[3] : sides[1])
                }
            }
        }
        return Self.chained(neighbours, order).map { chain in chain.map { point(of: $0, at: height) } }
    }

    /// Joins pairs of neighbouring places to lines: first the open ones from an end, then the closed ones.
    private static func chained(_ neighbours: [Crossing: [Crossing]], _ order: [Crossing]) -> [[Crossing]] {
        var remaining = neighbours
        var chains: [[Crossing]] = []
        func follow(from start: Crossing) {
            var chain = [start]
            var current = start
            while let next = remaining[current]?.first {
                remaining[current]?.removeFirst()
                if let back = remaining[next]?.firstIndex(of: current) { remaining[next]?.remove(at: back) }
                chain.append(next)
                current = next
            }
            if chain.count > 1 { chains.append(chain) }
        }
        for start in order where neighbours[start]?.count == 1 { follow(from: start) }
        for start in order { follow(from: start) }
        return chains
    }

    /// Where the height is passed between two neighbours, in proportion.
    private func point(of crossing: Crossing, at height: Double) -> PlotPoint {
        let index = crossing / 2
        let isAcross = crossing % 2 == 0
        let (row, column) = (index / columns, index % columns)
        let from = values[index]
        let to = values[isAcross ? index + 1 : index + columns]
        let share: Double
        switch (from.isFinite, to.isFinite) {
        case (true, true): share = to == from ? 0.5 : min(1, max(0, (height - from) / (to - from)))
        case (true, false): share = 0
        default: share = 1
        }
        if isAcross { return PlotPoint(x[column] + share * (x[column + 1] - x[column]), y[row]) }
        return PlotPoint(x[column], y[row] + share * (y[row + 1] - y[row]))
    }
}
