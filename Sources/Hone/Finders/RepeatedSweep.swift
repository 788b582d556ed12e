/// Several range tests of one setting: the median curve, a band around it, and suggestions with their spread.
public struct RepeatedSweep: Equatable, Sendable, Codable {
    /// The single sweeps.
    public let sweeps: [LearningRateSweep]

    /// Takes the sweeps, which are of one setting.
    public init(_ sweeps: [LearningRateSweep]) { self.sweeps = sweeps }

    /// The rates that every sweep has left after trimming.
    public var rates: [Double] { Array((sweeps.first?.trimmed.rates ?? []).prefix(commonCount)) }

    /// The median of the (smoothed) losses at each rate.
    public var median: [Double] { quantile(0.5) }

    /// Their lower quartile.
    public var lower: [Double] { quantile(0.25) }

    /// Their upper quartile.
    public var upper: [Double] { quantile(0.75) }

    private var commonCount: Int { sweeps.map(\.trimmed.losses.count).min() ?? 0 }

    private func quantile(_ share: Double) -> [Double] {
        let curves = sweeps.map(\.trimmed.losses)
        return (0..<commonCount).map { index in RepeatedSweep.quantile(share, of: curves.map { $0[index] }) }
    }

    /// The quantile of some numbers, between neighbours by a line; NaN of none.
    private static func quantile(_ share: Double, of values: [Double]) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.last else { return .nan }
        let place = share * Double(sorted.count - 1)
        let index = Int(place)
        return index + 1 < sorted.count
            ? sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index]) : last
    }

    /// The median of the rates that the sweeps suggest.
    ///
    /// - Throws: `NoSuggestion` with the reason, when less than half of the sweeps suggest any.
    public func suggestion(_ kind: LearningRateSweep.Suggestion = .valley) throws -> Double {
        let rates = suggested(kind)
        guard 2 * rates.count >= max(1, sweeps.count) else {
            var reason = "there is no sweep"
            for sweep in sweeps {
                do { _ = try sweep.suggestion(kind) } catch let error as LearningRateSweep.NoSuggestion {
                    reason = "\(sweeps.count - rates.count) of \(sweeps.count) sweeps have none: \(error.reason)"
                }
            }
            throw LearningRateSweep.NoSuggestion(suggestion: kind, reason: reason)
        }
        return RepeatedSweep.quantile(0.5, of: rates)
    }

    /// The lowest and the highest rate that a sweep suggests, or nil when none does.
    public func spread(_ kind: LearningRateSweep.Suggestion = .valley) -> ClosedRange<Double>? {
        let rates = suggested(kind)
        guard let low = rates.min(), let high = rates.max() else { return nil }
        return low...high
    }

    private func suggested(_ kind: LearningRateSweep.Suggestion) -> [Double] {
        sweeps.compactMap { try? $0.suggestion(kind) }
    }

    /// The median curve in its band, with the median suggestions marked.
    public func plot() -> Chart {
        let first = sweeps.first
        var chart = Chart(
            title: "Learning rate finder, \(sweeps.count) times",
            x: Axis("learning rate", scale: first?.spacing == .linear ? .linear : .log),
            y: Axis(
                first?.figure.description ?? "", from: nil,
                to: first?.direction == .higherIsBetter ? nil : LearningRateSweep.top(upper)))
        chart.add(.band(x: rates, low: lower, high: upper, name: "median and quartiles"))
        chart.add(.line(x: rates, y: median, name: "median and quartiles"))
        for kind in LearningRateSweep.Suggestion.allCases {
            guard let rate = try? suggestion(kind) else { continue }
            chart.add(.marker(x: rate, label: "\(kind.rawValue) \(formatRate(rate))"))
        }
        return chart
    }
}
