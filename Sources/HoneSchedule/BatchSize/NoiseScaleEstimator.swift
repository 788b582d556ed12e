import Foundation

/// McCandlish et al.'s simple noise scale B_simple = tr Σ / |G|², averaged over many windows, with its uncertainty.
///
/// Both estimates are averaged apart (exponentially, without the bias of the start), and then divided: a mean of ratios
/// would be wrong (arXiv 1812.06162, appendix A.1). The interval is a block jackknife over windows, so that it holds for
/// neighbours that are alike; windows weigh as in the averages.
public struct NoiseScaleEstimator: Codable, Equatable, Sendable {
    /// What is known so far.
    public enum Reading: Equatable, Sendable, CustomStringConvertible {
        /// Nothing can be said yet, and why.
        case notEnoughData(String)
        /// The noise scale in samples, and where it lies with 95 % confidence; nil while there are too few windows to tell.
        case value(Double, interval: ClosedRange<Double>?)

        /// The noise scale, or nil.
        public var value: Double? {
            if case .value(let scale, _) = self { scale } else { nil }
        }

        /// The interval, or nil.
        public var interval: ClosedRange<Double>? {
            if case .value(_, let interval) = self { interval } else { nil }
        }

        /// The number with its interval, or `not enough data yet` with the reason.
        public var description: String {
            switch self {
            case .notEnoughData(let reason): "not enough data yet: \(reason)"
            case .value(let scale, nil): String(format: "%.4g", scale)
            case .value(let scale, let interval?):
                String(format: "%.4g (%.4g to %.4g)", scale, interval.lowerBound, interval.upperBound)
            }
        }
    }

    /// Neighbouring windows, as they weigh now.
    private struct Block: Codable, Equatable, Sendable {
        var squaredGradient = 0.0
        var trace = 0.0
        var weight = 0.0

        mutating func scale(by factor: Double) {
            squaredGradient *= factor
            trace *= factor
            weight *= factor
        }
    }

    /// The share of the averages that is kept at each window, 0..<1. Below 0.99 the ratio is of little use.
    public let beta: Double

    /// The number of windows with an estimate.
    public private(set) var windows = 0

    /// Windows without one: their norms were not finite, or they had a single batch.
    public private(set) var dropped = 0

    private var squaredGradientSum = 0.0
    private var traceSum = 0.0
    private var weight = 0.0
    private var blocks: [Block] = []
    private let blockLength: Int

    /// So many blocks are kept; older ones hold next to nothing of the averages.
    private static let blockLimit = 40

    /// Makes an estimator that has seen nothing.
    ///
    /// - Parameter beta: the share of the averages that is kept at each window; moved into 0...0.999999.
    public init(beta: Double = 0.99) {
        self.beta = beta.isNaN ? 0.99 : min(max(0, beta), 0.999999)
        // The averages are worth those of (1 + β)/(1 − β) equal windows: ten blocks of them.
        blockLength = max(1, Int(((1 + self.beta) / (1 - self.beta) / 10).rounded()))
    }

    /// Takes in a window; nil for one that has no estimate and is dropped.
    public mutating func add(_ estimate: NoiseEstimate?) {
        guard let estimate, estimate.trace.isFinite, estimate.squaredGradient.isFinite else {
            dropped += 1
            return
        }
        if windows % blockLength == 0 { blocks.append(Block()) }
        if blocks.count > NoiseScaleEstimator.blockLimit { blocks.removeFirst() }
        windows += 1
        for index in blocks.indices { blocks[index].scale(by: beta) }
        let last = blocks.count - 1
        blocks[last].squaredGradient += (1 - beta) * estimate.squaredGradient
        blocks[last].trace += (1 - beta) * estimate.trace
        blocks[last].weight += 1 - beta
        squaredGradientSum = beta * squaredGradientSum + (1 - beta) * estimate.squaredGradient
        traceSum = beta * traceSum + (1 - beta) * estimate.trace
        weight = beta * weight + (1 - beta)
    }

    /// The averages; nil before the first window.
    public var average: NoiseEstimate? {
        weight > 0 ? NoiseEstimate(squaredGradient: squaredGradientSum / weight, trace: traceSum / weight) : nil
    }

    /// The noise scale, or why there is none yet.
    public var reading: Reading {
        guard let average else {
            return .notEnoughData(dropped == 0 ? "no window was measured" : "all \(dropped) windows were dropped")
        }
        guard let scale = average.simpleNoiseScale else {
            return .notEnoughData(
                "the averaged |G|² is \(String(format: "%.3g", average.squaredGradient)), not above 0, after \(windows) windows"
            )
        }
        // Rounding may leave a trace of a little less than 0 where there is no noise at all.
        return .value(max(0, scale), interval: interval(around: scale))
    }

    /// The 95 % interval by the jackknife for blocks of unequal weight (the pseudo-values of Busing, Meijer and van der
    /// Leeden 1999), of the ratio's logarithm: it is a ratio of positive numbers.
    private func interval(around scale: Double) -> ClosedRange<Double>? {
        // A last block that has just begun is part of the one before it.
        var parts = blocks
        if parts.count > 1, windows % blockLength != 0, let last = parts.popLast() {
            parts[parts.count - 1].squaredGradient += last.squaredGradient
            parts[parts.count - 1].trace += last.trace
            parts[parts.count - 1].weight += last.weight
        }
        guard parts.count >= 4, scale > 0 else { return nil }
        var whole = Block()
        for part in parts {
            whole.squaredGradient += part.squaredGradient
            whole.trace += part.trace
            whole.weight += part.weight
        }
        guard whole.squaredGradient > 0, whole.trace > 0 else { return nil }
        let centre = log(whole.trace / whole.squaredGradient)
        // What each block alone would say, were the logarithm a mean: its pseudo-value, with its share of the weight.
        var pseudo: [(value: Double, share: Double)] = []
        for part in parts {
            let (gradient, trace) = (whole.squaredGradient - part.squaredGradient, whole.trace - part.trace)
            guard gradient > 0, trace > 0, part.weight > 0 else { return nil }
            let share = part.weight / whole.weight
            pseudo.append(((centre - (1 - share) * log(trace / gradient)) / share, share))
        }
        // Blocks are alike but for their weight, so the mean has Σ share² times the variance of one.
        let mean = pseudo.reduce(0) { $0 + $1.share * $1.value }
        let squares = pseudo.reduce(0) { $0 + $1.share * $1.share }
        let spread = pseudo.reduce(0) { $0 + $1.share * ($1.value - mean) * ($1.value - mean) } / (1 - squares)
        guard spread.isFinite else { return nil }
        let halfWidth = studentQuantile(max(1, 1 / squares - 1)) * (squares * spread).squareRoot()
        return scale * exp(-halfWidth)...scale * exp(halfWidth)
    }
}

/// The 97.5 % quantile of Student's distribution, by Fisher and Cornish's series in 1/ν.
private func studentQuantile(_ freedom: Double) -> Double {
    let z = 1.959964
    let (z3, z5) = (z * z * z, z * z * z * z * z)
    return z + (z3 + z) / (4 * freedom) + (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom * freedom)
}
