/// Bars that stand on zero, or the columns of a histogram.
package struct Bars: Sendable, Equatable {
    /// The middle of each bar.
    package var places: Samples
    /// How far each bar reaches from zero.
    package var lengths: Samples
    /// How wide each bar is; `nil` leaves it to the gaps between them and makes room for bars of other series.
    package var width: Double?
    /// Whether the bars grow to the right instead of upwards.
    package var isHorizontal: Bool

    /// The smallest distance between two places, which is what one bar may take.
    package var pitch: Double {
        let sorted = places.values.filter(\.isFinite).sorted()
        let gaps = zip(sorted.dropFirst(), sorted).map { $0 - $1 }.filter { $0 > 0 }
        return gaps.min() ?? 1
    }
}

extension Series {
    /// Bars that stand on zero; the bars of several series stand side by side.
    ///
    /// Named places are those of `Axis(_:categories:reversed:)`, where the first name is at 0.
    ///
    /// - Parameters:
    ///   - x: the middle of each bar; 0, 1, 2 … when `nil`.
    ///   - heights: how far each bar reaches from zero.
    ///   - name: what the legend calls them.
    ///   - color: their colour; the next one of the palette when `nil`.
    ///   - horizontal: whether the bars grow to the right, and `x` says where on the vertical axis they are.
    public static func bars(
        x: [Double]? = nil, heights: [Double], name: String? = nil, color: ChartColor? = nil, horizontal: Bool = false
    ) -> Series {
        let places = Samples(x ?? (0..<heights.count).map(Double.init))
        let bars = Bars(places: places, lengths: Samples(heights), width: nil, isHorizontal: horizontal)
        return Series(.bars(bars), name: name, color: color)
    }

    /// A histogram: how many values fall into each of equally wide bins.
    ///
    /// - Parameters:
    ///   - values: the values; those that are not finite, or not in `range`, are left out.
    ///   - bins: the number of bins; chosen by the rule of Freedman and Diaconis (1981) when `nil`.
    ///   - range: what the bins cover together; from the smallest to the largest value when `nil`.
    ///   - name: what the legend calls it.
    ///   - color: its colour; the next one of the palette when `nil`.
    public static func histogram(
        _ values: [Double], bins: Int? = nil, range: ClosedRange<Double>? = nil, name: String? = nil,
        color: ChartColor? = nil
    ) -> Series {
        let histogram = Histogram(values, bins: bins, range: range)
        let bars = Bars(
            places: Samples(histogram.middles), lengths: Samples(histogram.counts.map(Double.init)),
            width: histogram.binWidth, isHorizontal: false)
        return Series(.bars(bars), name: name, color: color)
    }
}
