import Foundation

/// Which heights a contour draws.
public enum ContourLevels: Sendable, Equatable {
    /// About ten: equally far apart, or by ratio where all numbers are positive and span more than a factor of 100.
    case automatic
    /// About so many, equally far apart at round numbers.
    case linear(Int)
    /// About so many round numbers, about equally far apart by ratio; for a loss, whose bowl is steep at the rim.
    case logarithmic(Int)
    /// These.
    case values([Double])
}

/// A surface shown by lines of equal height.
package struct Contour: Sendable, Equatable {
    package var lattice: Lattice
    package var levels: ContourLevels
    package var ramp: ColorRamp
    package var isFilled: Bool

    /// The colour of the line or the lower end of the area at the height of an index, or of the lowest area for -1.
    package func color(above index: Int) -> ChartColor {
        let share = Double(index + 1) / Double(max(1, heights.count))
        // The brightest end of the scale would be lost on white.
        return ramp.color(at: isFilled ? share : share * 0.85)
    }

    /// The heights at which lines are drawn, ascending.
    package var heights: [Double] {
        guard let extent = lattice.extent, extent.lowerBound < extent.upperBound else { return [] }
        let low = extent.lowerBound
        let high = extent.upperBound
        switch levels {
        case .values(let values):
            return Set(values.filter(\.isFinite)).sorted()
        case .linear(let count):
            return Self.linear(low, high, count)
        case .logarithmic(let count):
            return Self.logarithmic(low, high, count)
        case .automatic:
            return low > 0 && high > 100 * low ? Self.logarithmic(low, high, 12) : Self.linear(low, high, 10)
        }
    }

    private static func linear(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
        Ticks.linear(from: low, to: high, count: min(60, max(1, count))).map(\.value).filter { low < $0 && $0 < high }
    }

    /// Round numbers, of each power of ten as many as come nearest to the count.
    private static func logarithmic(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
        let start = low > 0 ? low : high > 0 ? high * 1e-4 : 0
        guard start > 0, start < high else { return linear(low, high, count) }
        let wanted = min(60, max(1, count))
        let powers = Int(log10(start).rounded(.down))...Int(log10(high).rounded(.up))
        let choices = [
            [1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7], [1, 1.2, 1.5, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9],
        ]
        .map { mantissas in
            powers.flatMap { power in mantissas.map { $0 * pow(10, Double(power)) } }
                .filter { start < $0 && $0 < high }
        }
        let best = choices.min { abs($0.count - wanted) < abs($1.count - wanted) } ?? []
        if best.count < 2 { return linear(low, high, count) }
        let every = (best.count + wanted - 1) / wanted
        return every > 1 ? best.enumerated().filter { $0.offset % every == 0 }.map(\.element) : best
    }
}

extension Series {
    /// A surface over a rectangle, such as a loss over two weights, as areas or lines of equal height.
    ///
    /// Paths that an optimizer takes are lines that are added after it.
    ///
    /// - Parameters:
    ///   - rows: the heights, row by row: row `r`, column `c` belongs to `y[r]` and `x[c]`.
    ///   - x: the places of the columns, ascending; 0, 1, 2 … when `nil`.
    ///   - y: the places of the rows, ascending; 0, 1, 2 … when `nil`.
    ///   - levels: the heights to draw.
    ///   - colors: the scale of colours.
    ///   - filled: whether the areas between the lines are coloured.
    public static func contour(
        _ rows: [[Double]], x: [Double]? = nil, y: [Double]? = nil, levels: ContourLevels = .automatic,
        colors: ColorRamp = .viridis, filled: Bool = true
    ) -> Series {
        let lattice = Lattice(rows, x: x, y: y)
        return Series(.contour(Contour(lattice: lattice, levels: levels, ramp: colors, isFilled: filled)))
    }
}
