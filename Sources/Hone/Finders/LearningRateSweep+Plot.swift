extension LearningRateSweep {
    /// The smoothed loss over the rate, with the suggestions marked.
    public func plot() -> Chart {
        var chart = Chart(
            title: "Learning rate finder", x: Axis("learning rate", scale: .log), y: Axis("loss (smoothed)"))
        // The last steps of a diverging sweep would flatten everything before them.
        let curve = trimmed.rates.isEmpty ? (rates: rates, losses: smoothedLosses) : trimmed
        chart.add(.line(x: curve.rates, y: curve.losses))
        for kind in Suggestion.allCases {
            guard let rate = try? suggestion(kind) else { continue }
            chart.add(.marker(x: rate, label: "\(kind.rawValue) \(formatRate(rate))"))
        }
        return chart
    }
}
