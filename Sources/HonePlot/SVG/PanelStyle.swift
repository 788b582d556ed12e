/// The sizes of text and gaps in a panel, which are smaller where the panel is small.
struct PanelStyle {
    let title: Double
    let label: Double
    let tick: Double
    let caption: Double
    /// The empty border around everything.
    let border: Double
    /// Between two things that belong together, such as a tick and its number.
    let gap: Double
    /// By how much the lines of series are thinner.
    let lineScale: Double

    static let sansSerif = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
    static let fixedWidth = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"

    static let text = "#222222"
    static let softText = "#595959"
    static let grid = "#e8e8e8"
    static let axis = "#8c8c8c"
    static let warning = "#b34700"

    /// The style of a panel of a width in pixels.
    static func fitting(width: Double) -> PanelStyle {
        if width < 260 {
            return PanelStyle(title: 11, label: 9.5, tick: 9, caption: 8.5, border: 6, gap: 4, lineScale: 0.75)
        }
        if width < 420 {
            return PanelStyle(title: 13, label: 11, tick: 10, caption: 9.5, border: 9, gap: 5, lineScale: 0.9)
        }
        return PanelStyle(title: 16, label: 12, tick: 11, caption: 11, border: 14, gap: 6, lineScale: 1)
    }
}
