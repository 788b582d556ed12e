import Foundation

/// A learning rate range test: losses at rising rates, and what they suggest. A pure value.
///
/// The course of smoothing, stopping and trimming and the rules of suggestion are fastai's.
public struct LearningRateSweep: Equatable, Sendable, Codable {
    /// The ways to read a rate off the curve.
    public enum Suggestion: String, CaseIterable, Sendable, Codable {
        /// The middle of the longest valley: of the longest run of falling losses.
        case valley
        /// Where the loss falls most steeply per logarithm of the rate.
        case steep
        /// A tenth of the rate with the lowest loss.
        case minimum
        /// The last rate before the slope, followed down from high rates, settles.
        case slide
        /// Where the loss begins to fall, or the accuracy to rise: the lower end of Smith's cycle (2015, section 3.3). The
        /// first rate after which less than 95 % of the way to the best value are left for good.
        case base
        /// Where the loss begins to rise, or the accuracy to flatten: the upper end of Smith's cycle. The rate of the lowest
        /// loss, or the first with 95 % of the way to the best accuracy behind it.
        case max
    }

    /// How rates follow each other.
    public enum Spacing: String, CaseIterable, Sendable, Codable {
        /// In equal ratios, as fastai does.
        case exponential
        /// In equal differences, as Smith does.
        case linear
    }

    /// What is written down at each rate.
    public enum Figure: Hashable, Sendable, Codable, CustomStringConvertible {
        /// The loss of the step's own samples before the step, smoothed.
        case batchLoss
        /// The loss over the validation set after the step, as it is.
        case validLoss
        /// A metric of the validation set after the step, by its name.
        case metric(String)

        /// `loss (smoothed)`, `valid loss`, or the metric's name.
        public var description: String {
            switch self {
            case .batchLoss: "loss (smoothed)"
            case .validLoss: "valid loss"
            case .metric(let name): name
            }
        }
    }

    /// Why a curve suggests nothing.
    public struct NoSuggestion: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
        /// Which suggestion was asked for.
        public let suggestion: Suggestion
        /// What the curve lacks.
        public let reason: String

        /// Both in words.
        public var description: String { "no \(suggestion.rawValue) suggestion: \(reason)" }

        /// The description, for `localizedDescription`.
        public var errorDescription: String? { description }
    }

    /// The rate of the first step.
    public let start: Double
    /// The rate that the sweep rises towards.
    public let end: Double
    /// The steps that were asked for.
    public let stepCount: Int
    /// Whether the sweep ends when the loss has risen to four times its best; see ``hasDiverged``.
    public let stopsWhenDiverging: Bool
    /// How rates follow each other.
    public let spacing: Spacing
    /// What is written down at each rate.
    public let figure: Figure
    /// Which way the figure gets better.
    public private(set) var direction = Direction.lowerIsBetter

    /// The rates that were tried, in order.
    public private(set) var rates: [Double] = []
    /// The loss (or other figure) at each.
    public private(set) var losses: [Double] = []
    /// The smoothed loss at each: the mean that the latest dominate, β = 0.98, without bias. Figures of the validation set
    /// are not smoothed.
    public private(set) var smoothedLosses: [Double] = []
    /// Whether the loss has risen to more than four times its best; from a best below 0, by more than three times its size.
    public private(set) var hasDiverged = false

    private var smoothing: SmoothedMean
    private var best = Double.infinity

    /// fastai's setting: from 1e-7 to 10 in 100 steps, until the loss is four times its best.
    public static var standard: LearningRateSweep {
        LearningRateSweep(
            checked: 1e-7, end: 10, steps: 100, stopsWhenDiverging: true, spacing: .exponential, figure: .batchLoss)
    }

    /// The setting of the usual articles: from 1e-5 to 1 in 100 steps, until the loss is four times its best.
    public static var articles: LearningRateSweep {
        LearningRateSweep(
            checked: 1e-5, end: 1, steps: 100, stopsWhenDiverging: true, spacing: .exponential, figure: .batchLoss)
    }

    /// Makes an empty sweep.
    ///
    /// - Parameters:
    ///   - start: the rate of the first step.
    ///   - end: the rate that the sweep changes towards.
    ///   - steps: the number of optimizer steps; at least 6 are made.
    ///   - stopsWhenDiverging: whether to end when the loss is more than four times its best.
    ///   - spacing: how rates follow each other.
    ///   - figure: what is written down at each rate.
    /// - Throws: ``LearnerError/argument(_:value:expected:)`` unless 0 < start < end and there is at least one step.
    public init(
        start: Double = 1e-7, end: Double = 10, steps: Int = 100, stopsWhenDiverging: Bool = true,
        spacing: Spacing = .exponential, figure: Figure = .batchLoss
    ) throws {
        guard start > 0, start.isFinite else {
            throw LearnerError.argument("start", value: "\(start)", expected: "a finite rate above 0")
        }
        guard end > start, end.isFinite else {
            throw LearnerError.argument("end", value: "\(end)", expected: "a finite rate above start, \(start)")
        }
        guard steps > 0 else { throw LearnerError.argument("steps", value: "\(steps)", expected: "at least 1") }
        self.init(
            checked: start, end: end, steps: steps, stopsWhenDiverging: stopsWhenDiverging, spacing: spacing,
            figure: figure)
    }

    private init(
        checked start: Double, end: Double, steps: Int, stopsWhenDiverging: Bool, spacing: Spacing, figure: Figure
    ) {
        self.start = start
        self.end = end
        stepCount = steps
        self.stopsWhenDiverging = stopsWhenDiverging
        self.spacing = spacing
        self.figure = figure
        smoothing = SmoothedMean(beta: figure == .batchLoss ? 0.98 : 0)
    }

    /// Says which way the figure gets better; before the first is added.
    mutating func measure(_ direction: Direction) { self.direction = direction }

    /// The steps of a full sweep: those asked for, but at least 6.
    public var fullCount: Int { max(stepCount, 6) }

    /// The rate of a step, from 0: start · (end / start)^(step / steps), or start + (end − start) · step / steps.
    public func rate(at step: Int) -> Double {
        let share = Double(step) / Double(fullCount)
        return switch spacing {
        case .exponential: start * pow(end / start, share)
        case .linear: start + (end - start) * share
        }
    }

    /// Whether all steps were made, or the loss has diverged.
    public var isOver: Bool { losses.count >= fullCount || (stopsWhenDiverging && hasDiverged) }

    /// Takes in the loss of the next step.
    public mutating func add(_ loss: Double) {
        rates.append(rate(at: losses.count))
        losses.append(loss)
        smoothing.add(loss)
        let smoothed = smoothing.value
        smoothedLosses.append(smoothed)
        guard direction == .lowerIsBetter else { return }
        if smoothed < best { best = smoothed }
        // best + 3 |best|, as it is rounded by everybody else.
        if stopsWhenDiverging, smoothed > (best < 0 ? -2 : 4) * best { hasDiverged = true }
    }

    /// Whether the loss has become NaN, and every smoothed one to come will be, so that there is no point in going on. A
    /// metric may be undefined for a while.
    var isLost: Bool {
        if case .metric = figure { return false }
        return smoothedLosses.last?.isNaN == true
    }

    /// The part of the curve that suggestions are read off: without the first tenth, the last five steps, and all from
    /// the first loss on that is NaN.
    public var trimmed: (rates: [Double], losses: [Double]) {
        let first = stepCount / 10
        // The steps that a lost sweep is spared would have been NaN, too; of those the last five are left out.
        let last = min(losses.count, (isLost ? max(losses.count, fullCount) : losses.count) - 5)
        guard first < last else { return ([], []) }
        var kept = Array(smoothedLosses[first..<last])
        if let gap = kept.firstIndex(where: \.isNaN) { kept = Array(kept[..<gap]) }
        return (Array(rates[first..<first + kept.count]), kept)
    }

    /// The rate that the curve suggests.
    ///
    /// - Throws: ``NoSuggestion`` with the reason, when the curve is too short or fell nowhere.
    public func suggestion(_ kind: Suggestion = .valley) throws -> Double {
        let (rates, losses) = trimmed
        guard !rates.isEmpty else {
            let reason =
                smoothedLosses.contains(where: \.isNaN)
                ? "the loss is not a number from step \(smoothedLosses.firstIndex(where: \.isNaN) ?? 0) on"
                : hasDiverged
                    ? "the loss diverged after \(self.losses.count) steps, at a rate of \(formatRate(self.rates.last ?? start)); "
                        + "start from a lower rate than \(formatRate(start))"
                    : "the sweep has \(self.losses.count) steps, too few to leave any after trimming"
            throw NoSuggestion(suggestion: kind, reason: reason)
        }
        // A figure that is to rise is read upside down.
        let sign: Double = direction == .lowerIsBetter ? 1 : -1
        return try LearningRateSweep.suggestion(
            kind, rates: rates, losses: losses.map { sign * $0 }, flattens: direction == .higherIsBetter)
    }

    /// All suggestions that the curve allows.
    public var suggestions: [Suggestion: Double] {
        var result: [Suggestion: Double] = [:]
        for kind in Suggestion.allCases { result[kind] = try? suggestion(kind) }
        return result
    }

    /// The rate that a trimmed curve suggests.
    ///
    /// - Parameters:
    ///   - kind: the way to read it.
    ///   - rates: the rates.
    ///   - losses: as many losses, or other figures that get better downwards.
    ///   - flattens: whether ``Suggestion/max`` is where the curve begins to flatten, not where it begins to rise.
    /// - Throws: ``NoSuggestion`` with the reason.
    public static func suggestion(
        _ kind: Suggestion, rates: [Double], losses: [Double], flattens: Bool = false
    ) throws -> Double {
        guard rates.count == losses.count, !rates.isEmpty else {
            throw NoSuggestion(suggestion: kind, reason: "\(rates.count) rates and \(losses.count) losses")
        }
        // Comparisons are made in single precision, as the losses were computed.
        let losses = losses.map { Float($0) }
        switch kind {
        case .valley: return rates[SweepReading.valley(losses)]
        case .steep:
            guard losses.count >= 2 else { throw tooShort(kind, losses.count, 2) }
            return rates[SweepReading.steepest(rates, losses)]
        case .minimum: return rates[SweepReading.lowest(losses)] / 10
        case .slide:
            guard losses.count >= 16 else { throw tooShort(kind, losses.count, 16) }
            return rates[SweepReading.slide(losses)]
        case .base, .max:
            guard let fall = SweepReading.fall(losses) else {
                throw NoSuggestion(suggestion: kind, reason: "the curve does not get better at any rate")
            }
            if kind == .base { return rates[fall.begin] }
            if flattens { return rates[fall.nearlyDone] }
            guard fall.lowest + 1 < losses.count else {
                throw NoSuggestion(
                    suggestion: kind,
                    reason: "the loss still falls at the highest rate, \(formatRate(rates.last ?? .nan)); sweep further"
                )
            }
            return rates[fall.lowest]
        }
    }

    private static func tooShort(_ kind: Suggestion, _ count: Int, _ needed: Int) -> NoSuggestion {
        NoSuggestion(suggestion: kind, reason: "\(count) steps are left after trimming, expected at least \(needed)")
    }
}
