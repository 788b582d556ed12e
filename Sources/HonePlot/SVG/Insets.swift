/// The space between the edge of a panel and its plot.
struct Insets: Equatable {
    var left = 0.0
    var right = 0.0
    var top = 0.0
    var bottom = 0.0

    /// The larger of two insets, side by side.
    func union(_ other: Insets) -> Insets {
        Insets(
            left: max(left, other.left), right: max(right, other.right), top: max(top, other.top),
            bottom: max(bottom, other.bottom))
    }
}
