extension LearningRateSweep {
    /// The smoothed loss over the rate, with the suggestions marked: by dots on the curve, or by rules where it is not drawn
    /// (before its first tenth, and above the picture).
    public func plot() -> Chart {
        let curve = trimmed.rates.isEmpty ? (rates: rates, losses: smoothedLosses) : trimmed
        let top = direction == .lowerIsBetter ? LearningRateSweep.top(curve.losses) : nil
        var chart = Chart(
            title: "Learning rate finder", x: Axis("learning rate", scale: spacing == .linear ? .linear : .log),
            y: Axis(figure.description, from: nil, to: top))
        chart.add(.line(x: curve.rates, y: curve.losses))
        for kind in Suggestion.allCases {
            guard let rate = try? suggestion(kind) else { continue }
            let label = "\(kind.rawValue) \(formatRate(rate))"
            let place = curve.rates.firstIndex { $0 >= rate }
            let isDrawn = rate >= curve.rates[0] && place.map { curve.losses[$0] <= top ?? .infinity } == true
            chart.add(isDrawn ? .marker(x: rate, label: label) : .verticalLine(x: rate, label: label))
        }
        return chart
    }

    /// Where the picture ends: a little above the losses before the lowest one. The climb of a diverging sweep would
    /// flatten everything before it.
    static func top(_ losses: [Double]) -> Double? {
        let finite = losses.filter(\.isFinite)
        guard let lowest = finite.min(), let place = finite.firstIndex(of: lowest), let highest = finite[...place].max()
        else { return nil }
        let top = highest + 0.25 * (highest - lowest)
        return highest > lowest && finite.contains { $0 > top } ? top : nil
    }
}
