/// Thins out lines that have more points than a picture can show, without losing a peak.
package enum Decimation {
    /// Keeps of each run of points in the same column of pixels the lowest and the highest, and the ends of the line.
    ///
    /// The result covers the same pixels as the whole line, to within the width of a column; runs of up to three points
    /// stay as they are.
    package static func thinned(_ points: [PlotPoint], columnWidth: Double = 1) -> [PlotPoint] {
        guard points.count > 4 else { return points }
        var kept: [PlotPoint] = []
        var start = 0
        while start < points.count {
            let column = (points[start].x / columnWidth).rounded(.down)
            var end = start + 1
            var lowest = start
            var highest = start
            while end < points.count, (points[end].x / columnWidth).rounded(.down) == column {
                if points[end].y < points[lowest].y { lowest = end }
                if points[end].y > points[highest].y { highest = end }
                end += 1
            }
            if end - start <= 3 {
                kept += points[start..<end]
            } else {
                if start == 0, min(lowest, highest) > 0 { kept.append(points[0]) }
                kept.append(points[min(lowest, highest)])
                if lowest != highest { kept.append(points[max(lowest, highest)]) }
                if end == points.count, max(lowest, highest) < end - 1 { kept.append(points[end - 1]) }
            }
            start = end
        }
        return kept
    }

    /// Splits places at those that do not exist.
    package static func pieces(_ points: [PlotPoint?]) -> [[PlotPoint]] {
        points.split(separator: nil, omittingEmptySubsequences: true).map { $0.compactMap { $0 } }
    }

    /// Leaves one point in each square of so many pixels.
    package static func distinct(_ points: [PlotPoint], cell: Double) -> [PlotPoint] {
        var seen: Set<Int> = []
        return points.filter { point in
            let column = Int((min(1e6, max(-1e6, point.x)) / cell).rounded(.down))
            let row = Int((min(1e6, max(-1e6, point.y)) / cell).rounded(.down))
            return seen.insert(column &* 100_000_007 &+ row).inserted
        }
    }
}

extension Decimation {
    /// Leaves out the points of a smooth curve that lie within a third of a pixel of the line between their
    /// neighbours.
    package static func simplified(_ points: [PlotPoint]) -> [PlotPoint] {
        guard points.count > 2 else { return points }
        var kept = [points[0]]
        for index in 1..<(points.count - 1) {
            let (from, point, to) = (kept[kept.count - 1], points[index], points[index + 1])
            let length = max(abs(to.x - from.x), abs(to.y - from.y))
            let area = abs((to.x - from.x) * (point.y - from.y) - (to.y - from.y) * (point.x - from.x))
            let step = max(abs(point.x - from.x), abs(point.y - from.y))
            if area > 0.3 * length || step > 12 { kept.append(point) }
        }
        kept.append(points[points.count - 1])
        return kept
    }
}
