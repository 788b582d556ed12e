import Foundation

/// The way from a number to its place on an axis, as a fraction from 0 (the beginning) to 1 (the end).
package struct Projection: Sendable, Equatable {
    package let scale: AxisScale
    package let lower: Double
    package let upper: Double
    package let isReversed: Bool
    /// The beginning and the length on the scale, so that a place costs one logarithm at most.
    private let origin: Double
    private let length: Double

    /// Creates the projection of a range, which must be positive on a logarithmic scale.
    package init(scale: AxisScale, lower: Double, upper: Double, isReversed: Bool = false) {
        self.scale = scale
        self.lower = lower
        self.upper = upper
        self.isReversed = isReversed
        origin = scale == .log ? log10(lower) : lower
        length = (scale == .log ? log10(upper) : upper) - origin
    }

    /// Whether a number has a place at all.
    package static func isDrawable(_ value: Double, scale: AxisScale) -> Bool {
        value.isFinite && (scale == .linear || value > 0)
    }

    /// The place of a number, or `nil` if it has none; numbers beyond the ends have places beyond 0 and 1.
    package func fraction(_ value: Double) -> Double? {
        guard Self.isDrawable(value, scale: scale) else { return nil }
        // Far outside is far enough: no picture needs more, and the arithmetic on it stays finite.
        let along = ((scale == .log ? log10(value) : value) - origin) / length
        let place = min(50, max(-50, along))
        return isReversed ? 1 - place : place
    }

    /// Numbers from the first to the last, each the same multiple of the one before.
    package static func geometric(from first: Double, to last: Double, count: Int) -> [Double] {
        guard count > 1 else { return [first] }
        let low = log10(first)
        let high = log10(last)
        return (0..<count).map { pow(10, low + (high - low) * Double($0) / Double(count - 1)) }
    }
}

extension Projection {
    /// The number that lies a share of the way between two positive numbers on a logarithmic scale.
    package static func geometric(from first: Double, to last: Double, share: Double) -> Double {
        pow(10, log10(first) + share * (log10(last) - log10(first)))
    }
}
