/// A table of numbers, each shown as a coloured cell.
package struct HeatMap: Sendable, Equatable {
    package var lattice: Lattice
    package var ramp: ColorRamp
    package var range: ClosedRange<Double>?
    package var showsValues: Bool

    /// The numbers that the two ends of the colours stand for.
    package var colorRange: ClosedRange<Double> {
        if let range, range.lowerBound.isFinite, range.upperBound.isFinite { return range }
        guard let extent = lattice.extent else { return 0...1 }
        if ramp == .diverging {
            let reach = max(abs(extent.lowerBound), abs(extent.upperBound))
            return -reach...reach
        }
        // Counts and shares begin at zero, so that an empty cell is the palest one.
        return min(0, extent.lowerBound)...extent.upperBound
    }
}

extension Series {
    /// A table of numbers as coloured cells: row `r` lies at `y[r]`, column `c` at `x[c]`.
    ///
    /// A confusion matrix has the names of the classes on both axes and its first row at the top:
    /// `Axis("actual", categories: names, reversed: true)`.
    ///
    /// - Parameters:
    ///   - rows: the numbers, row by row; short rows are filled up with empty cells.
    ///   - x: the middle of each column; 0, 1, 2 … when `nil`.
    ///   - y: the middle of each row; 0, 1, 2 … when `nil`.
    ///   - colors: the scale of colours.
    ///   - range: the numbers for which the ends of the scale stand; chosen to the data when `nil`.
    ///   - showsValues: whether the numbers are written into the cells, where there is room.
    public static func heatMap(
        _ rows: [[Double]], x: [Double]? = nil, y: [Double]? = nil, colors: ColorRamp = .blues,
        range: ClosedRange<Double>? = nil, showsValues: Bool = false
    ) -> Series {
        let lattice = Lattice(rows, x: x, y: y)
        return Series(.heatMap(HeatMap(lattice: lattice, ramp: colors, range: range, showsValues: showsValues)))
    }
}
