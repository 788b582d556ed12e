import Foundation

/// The choice of the numbers that an axis covers.
package enum AxisRange {
    /// Chooses a range that holds the data with a little room, obeys fixed ends, and is never empty.
    ///
    /// - Parameters:
    ///   - axis: the axis, with the ends that the user has fixed.
    ///   - extent: the numbers to show.
    ///   - padding: the room at each end, as a fraction of the length.
    ///   - tight: which ends get no room, because bars stand there or cells end there.
    package static func projection(
        axis: Axis, extent: PlotExtent, padding: Double, tight: (lower: Bool, upper: Bool) = (false, false)
    ) -> Projection {
        let scale = axis.categories.isEmpty ? axis.scale : .linear
        let lowerFixed = axis.lower.flatMap { usable($0, scale) }
        let upperFixed = axis.upper.flatMap { usable($0, scale) }
        var (low, high) = extent.isEmpty ? empty(scale, lowerFixed, upperFixed) : (extent.lower, extent.upper)
        low = lowerFixed ?? low
        high = upperFixed ?? high
        if lowerFixed != nil, upperFixed == nil, high <= low { high = beyond(low, scale, up: true) }
        if upperFixed != nil, lowerFixed == nil, low >= high { low = beyond(high, scale, up: false) }
        (low, high) = widened(min(low, high), max(low, high), scale)
        let padLower = lowerFixed == nil && !tight.lower && !extent.isEmpty ? padding : 0
        let padUpper = upperFixed == nil && !tight.upper && !extent.isEmpty ? padding : 0
        switch scale {
        case .linear:
            let span = high - low
            (low, high) = (low - padLower * span, high + padUpper * span)
        case .log:
            let span = log10(high) - log10(low)
            (low, high) = (low * pow(10, -padLower * span), high * pow(10, padUpper * span))
            low = max(low, .leastNormalMagnitude)
            high = min(high, 1e307)
        }
        return Projection(scale: scale, lower: low, upper: high, isReversed: axis.isReversed)
    }

    /// A number that an axis can end at, or `nil`; beyond ±1e300 the length of an axis would not be finite.
    private static func usable(_ value: Double, _ scale: AxisScale) -> Double? {
        Projection.isDrawable(value, scale: scale) ? min(1e300, max(-1e300, value)) : nil
    }

    private static func empty(_ scale: AxisScale, _ lower: Double?, _ upper: Double?) -> (Double, Double) {
        switch (lower, upper) {
        case (let lower?, nil): (lower, beyond(lower, scale, up: true))
        case (nil, let upper?): (beyond(upper, scale, up: false), upper)
        default: scale == .log ? (1, 10) : (0, 1)
        }
    }

    /// An end for an axis of which only the other end is known.
    private static func beyond(_ value: Double, _ scale: AxisScale, up: Bool) -> Double {
        if scale == .log { return up ? value * 10 : value / 10 }
        return up ? value + max(1, abs(value) * 0.1) : value - max(1, abs(value) * 0.1)
    }

    /// Gives a range of no length (all numbers alike, to within rounding) some room on both sides.
    private static func widened(_ lower: Double, _ upper: Double, _ scale: AxisScale) -> (Double, Double) {
        let low = max(-1e300, min(1e300, lower))
        let high = max(-1e300, min(1e300, upper))
        switch scale {
        case .linear:
            let size = max(abs(low), abs(high))
            if high - low > size * 1e-11, high - low > 1e-280 { return (low, high) }
            let room = size < 1e-280 ? 1 : size * 0.1
            return (low - room, high + room)
        case .log:
            let floor = max(low, 1e-300)
            let ceiling = max(high, floor)
            if log10(ceiling) - log10(floor) > 1e-9 { return (floor, ceiling) }
            return (floor / 3, ceiling * 3)
        }
    }
}
