/// A line of a legend: a name and the signs of the series that bear it.
package struct LegendEntry: Sendable, Equatable {
    /// The sign of a series, in its colour.
    package struct Sign: Sendable, Equatable {
        package let shape: Shape
        package let color: ChartColor
    }

    /// The sign of a kind of series.
    package enum Shape: Sendable, Equatable {
        case line(LineStyle)
        case points(LineStyle)
        case area(opacity: Double)
    }

    package let name: String
    package private(set) var signs: [Sign]

    /// The entries of series in the order in which their names first occur.
    package static func entries(of items: [ResolvedSeries]) -> [LegendEntry] {
        var entries: [LegendEntry] = []
        var index: [String: Int] = [:]
        for item in items {
            guard let name = item.series.name, !name.isEmpty, let shape = shape(of: item) else { continue }
            let sign = Sign(shape: shape, color: item.color)
            if let known = index[name] {
                if !entries[known].signs.contains(sign) { entries[known].signs.append(sign) }
            } else {
                index[name] = entries.count
                entries.append(LegendEntry(name: name, signs: [sign]))
            }
        }
        return entries
    }

    /// How strongly bands cover what lies below, for two of them to be seen where they overlap.
    static let bandOpacity = 0.2

    /// How strongly bars cover what lies below: histograms may overlap.
    static func opacity(of bars: Bars) -> Double {
        bars.width == nil ? 1 : 0.65
    }

    private static func shape(of item: ResolvedSeries) -> Shape? {
        switch item.series.content {
        case .line: .line(item.style)
        case .points: .points(item.style)
        case .band: .area(opacity: item.style.opacity * bandOpacity)
        case .bars(let bars): .area(opacity: item.style.opacity * opacity(of: bars))
        case .heatMap, .contour, .marker, .verticalLine, .horizontalLine: nil
        }
    }
}
