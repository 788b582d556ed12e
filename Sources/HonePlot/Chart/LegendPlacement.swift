/// Where a chart has its legend.
public enum LegendPlacement: Sendable, Equatable {
    /// In a corner of the plot that is empty, else above the plot, or to the right of it if there are many entries.
    case automatic
    /// In a corner of the plot.
    case inside(Corner)
    /// In a row between the title and the plot.
    case top
    /// In a column to the right of the plot.
    case right
    /// There is none.
    case hidden

    /// A corner of the plot.
    public enum Corner: Sendable, Equatable, CaseIterable {
        /// The upper right.
        case topRight
        /// The upper left.
        case topLeft
        /// The lower right.
        case bottomRight
        /// The lower left.
        case bottomLeft
    }
}
