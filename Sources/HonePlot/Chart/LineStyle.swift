/// How a line is drawn: its width, its dashes and how strongly it covers what lies below.
public struct LineStyle: Sendable, Equatable {
    /// The pattern of a line.
    public enum Dash: Sendable, Equatable {
        /// Drawn without gaps.
        case solid
        /// Drawn in strokes.
        case dashed
        /// Drawn in dots.
        case dotted
    }

    /// The width in pixels of the SVG.
    public var width: Double
    /// The opacity, from 0 (cannot be seen) to 1 (covers what lies below).
    public var opacity: Double
    /// The pattern.
    public var dash: Dash

    /// Creates a style from a width in pixels, an opacity from 0 to 1 and a pattern.
    public init(width: Double = 1.8, opacity: Double = 1, dash: Dash = .solid) {
        self.width = width.isFinite ? min(20, max(0.1, width)) : 1.8
        self.opacity = opacity.isFinite ? min(1, max(0, opacity)) : 1
        self.dash = dash
    }

    /// The usual line.
    public static let solid = LineStyle()
    /// The usual line in strokes.
    public static let dashed = LineStyle(dash: .dashed)
    /// The usual line in dots.
    public static let dotted = LineStyle(dash: .dotted)
    /// A thin, pale line, such as the raw losses behind the smoothed ones.
    public static let faint = LineStyle(width: 1, opacity: 0.35)
    /// A thin line in strokes, as rules across a chart have it.
    public static let rule = LineStyle(width: 1.2, dash: .dashed)
    /// A heavier line.
    public static let thick = LineStyle(width: 2.8)
}
