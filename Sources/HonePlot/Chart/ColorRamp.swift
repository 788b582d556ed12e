/// A scale of colours by which a heat map or a contour shows a number.
public enum ColorRamp: Sendable, Equatable {
    /// From almost white to a dark blue: for counts and shares.
    case blues
    /// From dark violet over green to yellow, even in brightness (after matplotlib's viridis).
    case viridis
    /// From blue over white to red: for numbers with a middle, such as correlations.
    case diverging

    /// The colour at a place on the scale, from 0 to 1.
    package func color(at fraction: Double) -> ChartColor {
        let stops = anchors
        let share = fraction.isFinite ? min(1, max(0, fraction)) : 0
        let place = share * Double(stops.count - 1)
        let index = min(stops.count - 2, Int(place))
        return stops[index].mixed(with: stops[index + 1], fraction: place - Double(index))
    }

    private var anchors: [ChartColor] {
        switch self {
        case .blues: Self.bluesAnchors
        case .viridis: Self.viridisAnchors
        case .diverging: Self.divergingAnchors
        }
    }

    private static let bluesAnchors: [ChartColor] = [
        ChartColor(red: 247, green: 251, blue: 255), ChartColor(red: 222, green: 235, blue: 247),
        ChartColor(red: 158, green: 202, blue: 225), ChartColor(red: 66, green: 146, blue: 198),
        ChartColor(red: 8, green: 81, blue: 156), ChartColor(red: 8, green: 48, blue: 107),
    ]
    private static let viridisAnchors: [ChartColor] = [
        ChartColor(red: 68, green: 1, blue: 84), ChartColor(red: 70, green: 50, blue: 127),
        ChartColor(red: 54, green: 92, blue: 141), ChartColor(red: 39, green: 127, blue: 142),
        ChartColor(red: 31, green: 161, blue: 135), ChartColor(red: 74, green: 194, blue: 109),
        ChartColor(red: 159, green: 218, blue: 58), ChartColor(red: 253, green: 231, blue: 37),
    ]
    private static let divergingAnchors: [ChartColor] = [
        ChartColor(red: 33, green: 102, blue: 172), ChartColor(red: 146, green: 197, blue: 222),
        ChartColor(red: 247, green: 247, blue: 247), ChartColor(red: 244, green: 165, blue: 130),
        ChartColor(red: 178, green: 24, blue: 43),
    ]
}
