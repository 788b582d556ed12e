import Foundation
import HoneKernels

/// What the schedule-free rules share: how a step weighs in the average, and how the model's weights are made of it.
struct ScheduleFreeAveraging: Equatable, Sendable {
    let warmupSteps: Int
    let weightPower: Double
    let stepPower: Double

    let scalars = ["steps": 0.0, "largestRate": 0, "weightSum": 0, "share": 0, "rate": 0]

    /// c = w / Σ w with w = tʳ γₘₐₓᵖ of step t, for each group by its own rates.
    func prepare(_ groups: inout [GroupStep]) {
        for index in groups.indices {
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

    /// The options of a step; the first one of a parameter makes its z.
    func options(_ stretch: UpdateStretch, _ step: Int, _ values: HyperparameterValues) -> hone_schedule_free {
        if step == 1 { stretch.states[0].update(from: stretch.parameters, count: stretch.count) }
        let (rate, share) = (stretch.scalars["rate"] ?? 0, stretch.scalars["share"] ?? 0)
        // y = (1 − β) z + β x, with x and z of the step put in.
        return hone_schedule_free(
            gain: 1, decay: values(.weightDecay), shrink: 1, normal_decay: 0, beta2: 0, square: 0, epsilon: 0,
            toward: share, y_rate: rate * (1 - values(.momentum) * (1 - share)), z_rate: rate)
    }

    /// x = y + (1 − 1 / β) (z − y)
    func makeEvaluationWeights(_ stretch: UpdateStretch, _ values: HyperparameterValues) {
        let beta = values(.momentum)
        guard beta > 0 else { return }
        hone_move_toward(HONE_ISA_AUTO, 1 - 1 / beta, stretch.states[0], stretch.parameters, stretch.count)
    }
}
