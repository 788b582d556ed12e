import Foundation
import HoneKernels

/// What the schedule-free rules share: how a step weighs in the average, and how the model's weights are made of it.
struct ScheduleFreeAveraging: Equatable, Sendable {
    let warmupSteps: Int
    let weightPower: Double
    let stepPower: Double

    var options: [RuleOption] {
        [
            RuleOption("warmupSteps", Double(warmupSteps), .notNegative),
            RuleOption("weightPower", weightPower, .finite), RuleOption("stepPower", stepPower, .finite),
        ]
    }

    let scalars = ["steps": 0.0, "largestRate": 0, "weightSum": 0, "share": 0, "rate": 0]

    /// c = w / Σ w with w = tʳ γₘₐₓᵖ, for each group by its own rates and steps.
    func prepare(_ groups: inout [GroupStep]) {
        // A group whose parameters are all frozen takes no step.
        for index in groups.indices where !groups[index].updates.isEmpty {
            var scalars = groups[index].scalars
            let steps = (scalars["steps"] ?? 0) + 1
            let warmth = warmupSteps > 0 ? min(1, steps / Double(warmupSteps)) : 1
            let rate = groups[index].values(.learningRate) * warmth
            let largest = max(scalars["largestRate"] ?? 0, rate)
            let weight = pow(steps, stepPower) * pow(largest, weightPower)
            let sum = (scalars["weightSum"] ?? 0) + weight
            scalars["steps"] = steps
            scalars["rate"] = rate
            scalars["largestRate"] = largest
            scalars["weightSum"] = sum
            scalars["share"] = sum == 0 ? 0 : weight / sum
            groups[index].scalars = scalars
        }
    }

    /// The β that a parameter's y was made with. That of today says nothing of yesterday's y: a schedule may have moved
    /// it, and a frozen parameter stays behind. Rules have it as their second state, after z.
    static let mixing = RuleState.number("mixing")

    /// The options of a step; the first one of a parameter makes its z.
    func options(_ stretch: UpdateStretch, _ step: Int, _ values: HyperparameterValues) -> hone_schedule_free {
        let kept = stretch.states[1]
        let beta = Float(values(.momentum))
        if step == 1 {
            stretch.states[0].update(from: stretch.parameters, count: stretch.count)
            kept.pointee = beta
        }
        let (rate, share) = (stretch.scalars["rate"] ?? 0, stretch.scalars["share"] ?? 0)
        // With x = y + (1 − 1 / b) (z − y), made with b: (1 − β) z + β ((1 − c) x + c z) is y moved toward z by this.
        let isKnown = kept.pointee > 0 && kept.pointee != beta
        let toward = isKnown ? 1 - (1 - share) * Double(beta) / Double(kept.pointee) : share
        kept.pointee = beta
        // y = (1 − β) z + β x, with x and z of the step put in.
        return hone_schedule_free(
            gain: 1, decay: values(.weightDecay), shrink: 1, normal_decay: 0, beta2: 0, square: 0, epsilon: 0,
            toward: toward, y_rate: rate * (1 - values(.momentum) * (1 - share)), z_rate: rate)
    }

    /// x = y + (1 − 1 / β) (z − y), with the β that y was made with.
    func makeEvaluationWeights(_ stretch: UpdateStretch) {
        let beta = Double(stretch.states[1].pointee)
        guard beta > 0 else { return }
        hone_move_toward(HONE_ISA_AUTO, 1 - 1 / beta, stretch.states[0], stretch.parameters, stretch.count)
    }
}
