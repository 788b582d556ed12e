extension LearningRateSweep {
    /// The smoothed loss over the rate, with the suggestions marked.
    public func plot() -> Chart {
        let curve = trimmed.rates.isEmpty ? (rates: rates, losses: smoothedLosses) : trimmed
        var chart = Chart(
            title: "Learning rate finder", x: Axis("learning rate", scale: spacing == .linear ? .linear : .log),
            y: Axis(
                figure.description, from: nil,
                to: direction == .lowerIsBetter ? LearningRateSweep.top(curve.losses) : nil))
        chart.add(.line(x: curve.rates, y: curve.losses))
        for kind in Suggestion.allCases {
            guard let rate = try? suggestion(kind) else { continue }
            chart.add(.marker(x: rate, label: "\(kind.rawValue) \(formatRate(rate))"))
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
