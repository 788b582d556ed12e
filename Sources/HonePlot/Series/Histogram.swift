import Foundation

/// Counts of values in equally wide bins.
package struct Histogram: Sendable, Equatable {
    /// Where the first bin begins.
    package let lower: Double
    /// The width of each bin.
    package let binWidth: Double
    /// How many values each bin holds; a bin includes its lower end, the last one both ends.
    package let counts: [Int]

    /// The middle of each bin.
    package var middles: [Double] {
        counts.indices.map { lower + (Double($0) + 0.5) * binWidth }
    }

    package init(_ values: [Double], bins: Int? = nil, range: ClosedRange<Double>? = nil) {
        // The limit keeps the difference of two values finite.
        let finite = values.filter { abs($0) < 1e300 }.sorted()
        let inside = range.map { range in finite.filter(range.contains) } ?? finite
        guard let smallest = inside.first, let largest = inside.last else {
            lower = 0
            binWidth = 1
            counts = []
            return
        }
        var low = range?.lowerBound ?? smallest
        var high = range?.upperBound ?? largest
        if !low.isFinite { low = smallest }
        if !high.isFinite { high = largest }
        if !(high - low > max(abs(low), abs(high)) * 1e-12) {
            // All values are the same: one bin of width one around them, or of a tenth of a large value.
            let half = max(0.5, abs(low) * 0.05)
            low -= half
            high += half
        }
        let count = min(1000, max(1, bins ?? Self.binCount(of: inside, span: high - low)))
        let width = (high - low) / Double(count)
        var counts = [Int](repeating: 0, count: count)
        for value in inside {
            counts[min(count - 1, max(0, Int((value - low) / width)))] += 1
        }
        lower = low
        binWidth = width
        self.counts = counts
    }

    /// The number of bins after Freedman and Diaconis: a bin is 2 · (interquartile range) / ∛n wide.
    private static func binCount(of sorted: [Double], span: Double) -> Int {
        let count = Double(sorted.count)
        let spread = sorted[(sorted.count * 3) / 4] - sorted[sorted.count / 4]
        // Sturges' rule for data of which half is one value, where the other rule knows no width.
        guard spread > 0 else { return Int(log2(count).rounded(.up)) + 1 }
        return Int(min(100, max(1, (span * cbrt(count) / (2 * spread)).rounded(.up))))
    }
}
