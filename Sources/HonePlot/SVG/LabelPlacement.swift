/// Puts labels beside dots so that they hide neither each other nor, where there is room, the data.
struct LabelPlacement {
    /// A label with the place it has found.
    struct Placed {
        let text: String
        let box: Box
        let anchor: PlotPoint
        /// Whether a line leads from the dot to the label, because it is too far away to belong to it by sight.
        let hasLeader: Bool

        /// Where the leader ends: the point of the label that is nearest to the dot.
        var leaderEnd: PlotPoint {
            PlotPoint(min(max(anchor.x, box.x), box.right), min(max(anchor.y, box.y), box.bottom))
        }
    }

    private let width: Double
    private let height: Double
    private let occupancy: Occupancy
    private var taken: [Box]
    private let dots: [PlotPoint]
    private var leaders: [(PlotPoint, PlotPoint)] = []

    /// Prepares the placement in a plot of a size.
    ///
    /// - Parameters:
    ///   - occupancy: what the series cover; labels avoid it if they can.
    ///   - taken: where no label may go.
    ///   - dots: the places of all markers, which no label may hide.
    init(width: Double, height: Double, occupancy: Occupancy, taken: [Box], dots: [PlotPoint]) {
        self.width = width
        self.height = height
        self.occupancy = occupancy
        self.taken = taken
        self.dots = dots
    }

    /// A label that needs a place.
    struct Label {
        let text: String
        let anchor: PlotPoint
        let width: Double
        let height: Double
    }

    /// Finds places for labels; one for which every place would hide another label gets none.
    ///
    /// A label that is placed early may take the place that a later one needs, so several orders are tried.
    func places(for labels: [Label]) -> [Placed] {
        let rising = labels.sorted { $0.anchor.x < $1.anchor.x }
        let lowest = labels.sorted { $0.anchor.y > $1.anchor.y }
        var best: (cost: Double, placed: [Placed])?
        for order in [rising, rising.reversed(), lowest, lowest.reversed()] {
            var trial = self
            var cost = 0.0
            var placed: [Placed] = []
            for label in order {
                if let (next, price) = trial.place(label) {
                    placed.append(next)
                    cost += price
                } else {
                    cost += 10_000
                }
            }
            if cost < best?.cost ?? .infinity { best = (cost, placed) }
        }
        return best?.placed ?? []
    }

    private mutating func place(_ label: Label) -> (Placed, cost: Double)? {
        let (anchor, textWidth, textHeight) = (label.anchor, label.width, label.height)
        var best: (cost: Double, box: Box)?
        // Among dots that lie close together only a line shows which one a label belongs to.
        let neighbours = dots.filter { abs($0.x - anchor.x) < 14 && abs($0.y - anchor.y) < 14 }
        let isCrowded = neighbours.count > 1
        for distance in [7.0, 12, 20, 32, 48, 68, 92, 120, 160] where !isCrowded || distance > 14 {
            for (across, down) in Self.directions {
                // The label's nearest edge or corner is at the distance from the dot.
                let x = anchor.x + across * distance + (across - 1) / 2 * textWidth
                let y = anchor.y + down * distance + (down - 1) / 2 * textHeight
                let box = Box(x: x, y: y, width: textWidth, height: textHeight)
                guard let cost = cost(of: box, anchor: anchor, distance: distance) else { continue }
                if cost < best?.cost ?? .infinity { best = (cost, box) }
            }
        }
        guard let (cost, box) = best else { return nil }
        let end = PlotPoint(min(max(anchor.x, box.x), box.right), min(max(anchor.y, box.y), box.bottom))
        let gap = max(abs(end.x - anchor.x), abs(end.y - anchor.y))
        let placed = Placed(text: label.text, box: box, anchor: anchor, hasLeader: gap > 14)
        taken.append(box)
        if placed.hasLeader { leaders.append((anchor, end)) }
        return (placed, cost)
    }

    /// Right and left first, then the corners, then above and below.
    private static let directions: [(Double, Double)] = [
        (1, 0), (-1, 0), (1, -1), (1, 1), (-1, -1), (-1, 1), (0, -1), (0, 1),
    ]

    /// How bad a place is, or `nil` if the label may not go there.
    private func cost(of box: Box, anchor: PlotPoint, distance: Double) -> Double? {
        guard box.x >= 1, box.y >= 1, box.right <= width - 1, box.bottom <= height - 1 else { return nil }
        let roomy = box.grown(by: 2)
        if taken.contains(where: { $0.overlap(with: roomy) > 0 }) { return nil }
        let end = PlotPoint(min(max(anchor.x, box.x), box.right), min(max(anchor.y, box.y), box.bottom))
        for dot in dots {
            let around = Box(x: dot.x - 5, y: dot.y - 5, width: 10, height: 10)
            if around.overlap(with: box) > 0 { return nil }
        }
        if leaders.contains(where: { Self.crosses($0.0, $0.1, box) }) { return nil }
        var cost = distance + 400 * occupancy.share(of: roomy)
        // Without a leader, a label that is as near to another dot seems to be that one's.
        let reach = distance > 14 ? 0 : Self.distance(from: anchor, to: box) + 12
        for dot in dots where dot != anchor && Self.distance(from: dot, to: box) < reach { cost += 40 }
        if distance > 14 {
            cost += 6
            if taken.contains(where: { Self.crosses(anchor, end, $0) }) { return nil }
            if leaders.contains(where: { Self.crosses(anchor, end, $0.0, $0.1) }) { cost += 200 }
            // A leader along a line of the data cannot be seen.
            for share in [0.4, 0.6, 0.8, 1] {
                let x = anchor.x + (end.x - anchor.x) * share
                let y = anchor.y + (end.y - anchor.y) * share
                cost += 15 * occupancy.share(of: Box(x: x - 1, y: y - 1, width: 2, height: 2))
            }
        }
        return cost
    }

    /// How far a point is from a rectangle.
    private static func distance(from point: PlotPoint, to box: Box) -> Double {
        let across = max(box.x - point.x, point.x - box.right, 0)
        let down = max(box.y - point.y, point.y - box.bottom, 0)
        return (across * across + down * down).squareRoot()
    }

    /// Whether a line runs through a rectangle.
    private static func crosses(_ start: PlotPoint, _ end: PlotPoint, _ box: Box) -> Bool {
        for step in 0...12 {
            let share = Double(step) / 12
            let x = start.x + (end.x - start.x) * share
            let y = start.y + (end.y - start.y) * share
            if x > box.x, x < box.right, y > box.y, y < box.bottom { return true }
        }
        return false
    }

    /// Whether two lines cross.
    private static func crosses(_ a: PlotPoint, _ b: PlotPoint, _ c: PlotPoint, _ d: PlotPoint) -> Bool {
        func side(_ p: PlotPoint, _ q: PlotPoint, _ r: PlotPoint) -> Double {
            (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x)
        }
        return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0
    }
}
