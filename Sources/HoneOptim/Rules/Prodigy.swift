import Foundation
import HoneKernels

/// Prodigy (Mishchenko and Defazio 2023, algorithm 4): AdamW whose rate is multiplied by an estimate d of the distance from the
/// first weights to the solution, which only grows. All groups share d; leave the rate at 1 and schedule it as a multiplier.
///
/// With β₃ = √β₂: r ← β₃ r + (d / d₀) ε d ⟨g, p₀ − p⟩, s ← β₃ s + (d / d₀) ε d g, d ← max(d, r / ‖s‖₁),
/// and p ← p − ε d m / (√v + d e), where m and v are averages of d g and d² g².
public struct Prodigy: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    /// What d begins with.
    public let initialDistance: Double

    /// The factor on the estimate: 0.5 or 2 make it take smaller or larger steps.
    public let distanceFactor: Double

    /// The largest factor by which d grows in one step.
    public let growthLimit: Double

    /// Whether the rate is corrected for the moments' beginning with 0.
    public let biasCorrection: Bool

    /// Whether the rate is left out of s, which keeps a warm-up from raising d.
    public let safeguardsWarmup: Bool

    /// Where weight decay acts: decoupled, by the factor 1 − ε d λ; decoupled from the rate, and so from d, by 1 − η λ.
    public let decay: WeightDecay

    /// Makes the rule; the reference implementation's defaults.
    ///
    /// - Parameters:
    ///   - learningRate: ε, the multiplier on d, 1; `fit` sets it.
    ///   - beta1: the decay of the average gradient, 0 up to 1; scheduled as ``Hyperparameter/momentum``.
    ///   - beta2: the decay of the average squared gradient, 0 up to 1.
    ///   - epsilon: e, ≥ 0.
    ///   - weightDecay: λ, ≥ 0.
    ///   - initialDistance: d₀, > 0 and below the true distance.
    public init(
        learningRate: Double = 1, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, initialDistance: Double = 1e-6, distanceFactor: Double = 1,
        growthLimit: Double = .infinity, biasCorrection: Bool = false, safeguardsWarmup: Bool = false,
        decay: WeightDecay = .decoupled
    ) {
        defaults = [
            .learningRate: learningRate, .beta1: beta1, .beta2: beta2, .epsilon: epsilon, .weightDecay: weightDecay,
        ]
        self.initialDistance = initialDistance
        self.distanceFactor = distanceFactor
        self.growthLimit = growthLimit
        self.biasCorrection = biasCorrection
        self.safeguardsWarmup = safeguardsWarmup
        self.decay = decay
    }

    /// `Prodigy`
    public var name: String { "Prodigy" }

    /// The option's range.
    public var options: [RuleOption] {
        [RuleOption("initialDistance", initialDistance, .positive)]
    }

    /// Averages of d g and d² g², s, and the first weights.
    public var states: [RuleState] { ["averageGradient", "averageSquare", "gradientSum", "firstWeights"] }

    /// d, the largest estimate, r, and what the step multiplies its direction by.
    public var scalars: [String: Double] {
        ["distance": initialDistance, "largest": initialDistance, "numerator": 0, "steps": 0, "rate": 0]
    }

    /// Takes the gradients in, and makes d anew of those of all groups.
    public func prepare(_ groups: inout [GroupStep]) {
        var scalars = groups[0].scalars
        let distance = scalars["distance"] ?? initialDistance
        let steps = (scalars["steps"] ?? 0) + 1
        let beta3 = groups[0].values(.beta2).squareRoot()
        var numerator = beta3 * (scalars["numerator"] ?? 0)
        var denominator = 0.0
        var rates: [Double] = []
        for group in groups {
            let correction =
                biasCorrection
                ? (1 - pow(group.values(.beta2), steps)).squareRoot() / (1 - pow(group.values(.beta1), steps)) : 1
            let rate = distance * group.values(.learningRate) * correction
            rates.append(rate)
            for update in group.updates {
                let (product, size) = measure(update, distance, rate)
                numerator += distance / initialDistance * rate * product
                denominator += size
            }
        }
        scalars["steps"] = steps
        scalars["numerator"] = numerator
        if denominator > 0, rates.contains(where: { $0 > 0 }) {
            let estimate = distanceFactor * numerator / denominator
            let largest = max(scalars["largest"] ?? initialDistance, estimate)
            scalars["largest"] = largest
            scalars["distance"] = min(
                largest, (distance == initialDistance ? max(distance, estimate) : distance) * growthLimit)
        }
        for index in groups.indices {
            groups[index].scalars = scalars
            groups[index].scalars["rate"] = rates[index]
        }
    }

    /// Averages and sums of one stretch.
    private func measure(_ update: PendingUpdate, _ distance: Double, _ rate: Double) -> (Double, Double) {
        let (stretch, values) = (update.stretch, update.values)
        if update.step == 1 { stretch.states[3].update(from: stretch.parameters, count: stretch.count) }
        var options = hone_prodigy(
            gain: 1, decay: decay.parts(values).added, shrink: 1, beta1: values(.beta1),
            beta2: values(.beta2), beta3: values(.beta2).squareRoot(), d: distance,
            weight: distance / initialDistance * (safeguardsWarmup ? distance : rate))
        var (product, size) = (0.0, 0.0)
        hone_prodigy_measure(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], stretch.states[1],
            stretch.states[2], stretch.states[3], stretch.count, &product, &size)
        return (product, size)
    }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        let (rate, distance) = (stretch.scalars["rate"] ?? 0, stretch.scalars["distance"] ?? initialDistance)
        // The rate of a decoupled decay has the distance in it.
        let shrink = decay == .decoupled ? 1 - rate * values(.weightDecay) : decay.parts(values).shrink
        hone_normalized_step(
            HONE_ISA_AUTO, shrink, rate, distance * values(.epsilon), stretch.parameters, stretch.states[0],
            stretch.states[1], stretch.count)
    }
}
