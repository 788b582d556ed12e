/// The colours that a chart hands out to series which name none.
package enum Palette {
    /// The colours in the order in which they are given out; yellow is left out, for it is hard to see on white.
    static let colors: [ChartColor] = [.blue, .vermillion, .green, .purple, .orange, .sky, .grey]

    /// The colour of the series at a position.
    static func color(at index: Int) -> ChartColor {
        colors[index % colors.count]
    }

    /// The dashes of the series at a position: when the colours are used up they come again, dashed and then dotted.
    static func dash(at index: Int) -> LineStyle.Dash {
        switch (index / colors.count) % 3 {
        case 0: .solid
        case 1: .dashed
        default: .dotted
        }
    }
}
