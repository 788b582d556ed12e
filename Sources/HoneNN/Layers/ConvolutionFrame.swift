/// How wide a convolution's frame is along one axis.
struct ConvolutionFrame {
    /// The places before the first and behind the last.
    let widths: (before: Int, after: Int)

    /// A frame of `padding` on both sides, or with `keepsLength` the one that leaves the length as it is.
    init(_ padding: Int, kernel: Int, dilation: Int, keepsLength: Bool) {
        let total = dilation * (kernel - 1)
        widths = keepsLength ? (total / 2, total - total / 2) : (padding, padding)
    }

    /// The width on each side; nil when the sides differ.
    var evenWidth: Int? { widths.before == widths.after ? widths.before : nil }
}
