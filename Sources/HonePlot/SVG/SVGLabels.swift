/// Places and draws the dots and labels of markers and the labels of rules.
struct SVGLabels {
    private struct RuleLabel {
        let text: String
        let box: Box
        let color: ChartColor
    }

    private struct Dot {
        let point: PlotPoint
        let label: String
        let color: ChartColor
    }

    private let style: PanelStyle
    private var rules: [RuleLabel] = []
    private var dots: [Dot] = []
    private var placed: [LabelPlacement.Placed] = []

    /// Where labels stand.
    var boxes: [Box] { rules.map(\.box) + placed.map(\.box) }

    init(_ layout: PanelLayout, occupancy: Occupancy) {
        style = layout.style
        let places = PlotPlaces(layout)
        let plot = layout.plot
        var taken: [Box] = []
        if case .inside(let corner) = layout.legend, !layout.resolved.legend.isEmpty {
            taken.append(layout.legendBox(in: corner))
        }
        for item in layout.resolved.items {
            guard case .marker(let x, let y?, let label) = item.series.content, let point = places.point(x, y),
                point.x >= -1, point.y >= -1, point.x <= plot.width + 1, point.y <= plot.height + 1
            else { continue }
            dots.append(Dot(point: point, label: label, color: item.color))
        }
        placeRuleLabels(layout, places, occupancy, &taken)
        let placement = LabelPlacement(
            width: plot.width, height: plot.height, occupancy: occupancy, taken: taken, dots: dots.map(\.point))
        let size = style.label
        let labels = dots.filter { !$0.label.isEmpty }.map { dot in
            let text = TextMetrics.oneLine(dot.label)
            return LabelPlacement.Label(
                text: text, anchor: dot.point, width: TextMetrics.width(text, size: size), height: size * 1.25)
        }
        placed = placement.places(for: labels)
    }

    /// Vertical rules have their labels at the top, in as many rows as it takes; horizontal ones at an end.
    private mutating func placeRuleLabels(
        _ layout: PanelLayout, _ places: PlotPlaces, _ occupancy: Occupancy, _ taken: inout [Box]
    ) {
        let plot = layout.plot
        var vertical: [(x: Double, text: String, color: ChartColor)] = []
        for item in layout.resolved.items {
            let text = TextMetrics.oneLine(item.series.label)
            guard !text.isEmpty else { continue }
            // Thin letters need a darker colour than lines.
            let color = item.color == .grey ? .ink : item.color.mixed(with: .ink, fraction: 0.3)
            switch item.series.content {
            case .verticalLine(let x, _):
                guard let across = places.across(x), across >= 0, across <= plot.width else { continue }
                vertical.append((across, text, color))
            case .horizontalLine(let y, _):
                guard let down = places.down(y), down >= 0, down <= plot.height else { continue }
                placeHorizontal(text, color, at: down, in: plot, occupancy, &taken)
            default: continue
            }
        }
        vertical.sort { $0.x < $1.x }
        for rule in vertical {
            placeVertical(rule.text, rule.color, at: rule.x, in: plot, others: vertical.map(\.x), &taken)
        }
    }

    /// Of the places above and below a rule, at its right and its left end, takes the one that hides least.
    private mutating func placeHorizontal(
        _ text: String, _ color: ChartColor, at down: Double, in plot: Box, _ occupancy: Occupancy, _ taken: inout [Box]
    ) {
        let width = TextMetrics.width(text, size: style.tick)
        let height = style.tick * 1.35
        var best: (cost: Double, box: Box)?
        for (index, x) in [plot.width - width - 4, 4, (plot.width - width) / 2].enumerated() {
            for (side, y) in [down - height - 1, down + 2].enumerated() where y >= 0 && y + height <= plot.height {
                let box = Box(x: max(2, x), y: y, width: width, height: height)
                guard taken.allSatisfy({ $0.overlap(with: box) == 0 }) else { continue }
                let cost = occupancy.share(of: box) + 0.02 * Double(index) + 0.01 * Double(side)
                if cost < best?.cost ?? .infinity { best = (cost, box) }
            }
        }
        guard let box = best?.box else { return }
        rules.append(RuleLabel(text: text, box: box, color: color))
        taken.append(box)
    }

    /// Takes the highest row in which nothing stands beside a rule: to its right, or to its left if the label would
    /// reach across another rule or the edge.
    private mutating func placeVertical(
        _ text: String, _ color: ChartColor, at x: Double, in plot: Box, others: [Double], _ taken: inout [Box]
    ) {
        let width = TextMetrics.width(text, size: style.tick)
        let height = style.tick * 1.35
        let right = Box(x: x + 4, y: 0, width: width, height: height)
        let left = Box(x: x - 4 - width, y: 0, width: width, height: height)
        func isCrossed(_ box: Box) -> Bool { others.contains { $0 > box.x && $0 < box.right } }
        let sides = [right, left].filter { $0.x >= 2 && $0.right <= plot.width }
        let ranked = sides.filter { !isCrossed($0) } + sides.filter(isCrossed)
        for row in 0..<max(1, Int(plot.height * 0.6 / height)) {
            for side in ranked {
                let box = Box(x: side.x, y: 2 + Double(row) * height, width: width, height: height - 0.5)
                guard taken.allSatisfy({ $0.overlap(with: box) == 0 }) else { continue }
                rules.append(RuleLabel(text: text, box: box, color: color))
                taken.append(box)
                return
            }
        }
    }

    func draw(into svg: inout SVGText) {
        for label in placed where label.hasLeader {
            let (from, to) = (label.anchor, label.leaderEnd)
            var path = SVGPath()
            path.polyline([from, to])
            svg.element("path", ["d": path.data, "stroke": "#9a9a9a", "stroke-width": "0.9", "fill": "none"])
        }
        for dot in dots {
            svg.group(
                "circle",
                [
                    "cx": text(dot.point.x), "cy": text(dot.point.y), "r": text(4.5 * style.lineScale),
                    "fill": dot.color.hex, "stroke": "#ffffff", "stroke-width": "1.3",
                ]
            ) { $0.label("title", [:], dot.label.isEmpty ? "marker" : dot.label) }
        }
        drawTexts(rules.map { ($0.text, $0.box, $0.color) }, size: style.tick, into: &svg)
        drawTexts(placed.map { ($0.text, $0.box, ChartColor.ink) }, size: style.label, into: &svg)
    }

    /// Texts with a white edge, which keeps them readable on lines.
    private func drawTexts(_ texts: [(String, Box, ChartColor)], size: Double, into svg: inout SVGText) {
        svg.group(
            "g",
            [
                "font-size": text(size), "stroke": "#ffffff", "stroke-width": "3", "stroke-linejoin": "round",
                "paint-order": "stroke",
            ]
        ) { svg in
            for (label, box, color) in texts {
                svg.label(
                    "text",
                    [
                        "x": text(box.x + box.width / 2), "y": text(box.y + box.height / 2 + size * 0.35),
                        "text-anchor": "middle", "fill": color.hex,
                    ], label)
            }
        }
    }

    private func text(_ value: Double) -> String {
        NumberText.coordinate(value)
    }
}
