/// The smallest and the largest of the numbers seen that have a place on a scale.
package struct PlotExtent: Sendable, Equatable {
    package private(set) var lower = Double.infinity
    package private(set) var upper = -Double.infinity
    package let scale: AxisScale

    package init(scale: AxisScale) {
        self.scale = scale
    }

    package var isEmpty: Bool { lower > upper }

    package mutating func include(_ value: Double) {
        guard Projection.isDrawable(value, scale: scale) else { return }
        lower = min(lower, value)
        upper = max(upper, value)
    }
}

extension PlotExtent {
    package mutating func include(_ values: [Double]) {
        for value in values { include(value) }
    }
}
