/// The numbers that the series of a chart reach, on both axes.
package struct Bounds {
    package private(set) var x: PlotExtent
    package private(set) var y: PlotExtent
    /// Whether cells fill the plot to its edges, so that there is no room around the data.
    package private(set) var isTight = false
    /// Along which axis bars grow from zero.
    package private(set) var barsFromZero = (x: false, y: false)
    /// Whether nothing can be drawn.
    package private(set) var isEmpty = true

    private let xAxis: Axis
    private let yAxis: Axis

    package init(_ chart: Chart) {
        xAxis = chart.x
        yAxis = chart.y
        x = PlotExtent(scale: chart.x.categories.isEmpty ? chart.x.scale : .linear)
        y = PlotExtent(scale: chart.y.categories.isEmpty ? chart.y.scale : .linear)
        for series in chart.series { include(series) }
        if !isEmpty {
            // Half a place on both sides of the names, so that bars and cells have their full width.
            if !xAxis.categories.isEmpty { x.include([-0.5, Double(xAxis.categories.count) - 0.5]) }
            if !yAxis.categories.isEmpty { y.include([-0.5, Double(yAxis.categories.count) - 0.5]) }
        }
    }

    private mutating func include(_ series: Series) {
        switch series.content {
        case .line(let xs, let ys), .points(let xs, let ys):
            for (x, y) in zip(xs.values, ys.values) { include(x, y) }
        case .band(let xs, let lows, let highs):
            for (x, (low, high)) in zip(xs.values, zip(lows.values, highs.values)) {
                include(x, low)
                include(x, high)
            }
        case .bars(let bars):
            include(bars)
        case .heatMap(let map):
            include(cells: map.lattice)
        case .contour(let contour):
            isTight = true
            include(x: contour.lattice.x.values, y: contour.lattice.y.values)
        case .marker(let x, let y, _):
            if let y { include(x, y) } else { self.x.include(x) }
        case .verticalLine(let place, _):
            if Projection.isDrawable(place, scale: x.scale) { isEmpty = false }
            x.include(place)
        case .horizontalLine(let place, _):
            if Projection.isDrawable(place, scale: y.scale) { isEmpty = false }
            y.include(place)
        }
    }

    private mutating func include(_ place: Double, _ height: Double) {
        guard Projection.isDrawable(place, scale: x.scale), Projection.isDrawable(height, scale: y.scale) else {
            return
        }
        isEmpty = false
        // What an axis with fixed ends does not show has no say in the range of the other one.
        if xAxis.shows(place) { y.include(height) }
        if yAxis.shows(height) { x.include(place) }
    }

    private mutating func include(_ bars: Bars) {
        let half = (bars.width ?? bars.pitch) / 2
        for (place, length) in zip(bars.places.values, bars.lengths.values) {
            let ends = bars.isHorizontal ? (x: length, y: place) : (x: place, y: length)
            guard Projection.isDrawable(ends.x, scale: x.scale), Projection.isDrawable(ends.y, scale: y.scale) else {
                continue
            }
            isEmpty = false
            if bars.isHorizontal {
                x.include([0, length])
                y.include([place - half, place + half])
                barsFromZero.x = true
            } else {
                x.include([place - half, place + half])
                y.include([0, length])
                barsFromZero.y = true
            }
        }
    }

    private mutating func include(cells lattice: Lattice) {
        isTight = true
        include(x: Lattice.borders(around: lattice.x.values), y: Lattice.borders(around: lattice.y.values))
        // On a logarithmic axis the border below the first cell may not be positive.
        x.include(lattice.x.values)
        y.include(lattice.y.values)
    }

    private mutating func include(x places: [Double], y heights: [Double]) {
        x.include(places)
        y.include(heights)
        if !x.isEmpty, !y.isEmpty, !places.isEmpty, !heights.isEmpty { isEmpty = false }
    }
}

extension Axis {
    /// Whether a number lies between the ends that the user has fixed.
    fileprivate func shows(_ value: Double) -> Bool {
        if let lower, lower.isFinite, value < min(lower, upper ?? lower) { return false }
        if let upper, upper.isFinite, value > max(upper, lower ?? upper) { return false }
        return true
    }
}
