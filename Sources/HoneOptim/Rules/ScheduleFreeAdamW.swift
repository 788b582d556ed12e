import Foundation
import HoneKernels

/// Schedule-free AdamW (Defazio et al. 2024, algorithm 1): as ``ScheduleFreeSGD``, with the gradient divided by √v̂ + e,
/// v ← β₂ v + (1 − β₂) g². Weight decay acts at y, beside the division.
public struct ScheduleFreeAdamW: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    private let averaging: ScheduleFreeAveraging

    /// Makes the rule; the reference implementation's defaults.
    ///
    /// - Parameters:
    ///   - learningRate: γ, > 0; `fit` sets it. It is larger than one that decays: 1 to 10 times that of AdamW.
    ///   - beta1: β, above 0 up to 1; scheduled as ``Hyperparameter/momentum``.
    ///   - beta2: the decay of the average squared gradient, 0 up to 1.
    ///   - epsilon: e, ≥ 0, added outside the root.
    ///   - weightDecay: λ, ≥ 0.
    ///   - warmupSteps: over how many steps γ rises from 0, beside any schedule.
    ///   - weightPower: the weight of a step in the average is this power of the largest rate so far,
    ///   - stepPower: times this power of its number: the reference implementation's `r`.
    public init(
        learningRate: Double = 2.5e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, warmupSteps: Int = 0, weightPower: Double = 2, stepPower: Double = 0
    ) {
        defaults = [
            .learningRate: learningRate, .beta1: beta1, .beta2: beta2, .epsilon: epsilon, .weightDecay: weightDecay,
        ]
        averaging = ScheduleFreeAveraging(
            warmupSteps: warmupSteps, weightPower: weightPower, stepPower: stepPower)
    }

    /// `ScheduleFreeAdamW`
    public var name: String { "ScheduleFreeAdamW" }

    /// Those of the average.
    public var options: [RuleOption] { averaging.options }

    /// Above 0 for β, as x is recovered from y.
    public func range(of key: Hyperparameter) -> HyperparameterRange { key == .momentum ? .positiveShare : key.range }

    /// z, the β that y was made with, and the average squared gradient.
    public var states: [RuleState] { ["baseWeights", ScheduleFreeAveraging.mixing, "averageSquare"] }

    /// What the average's weights come from.
    public var scalars: [String: Double] { averaging.scalars }

    /// The average is.
    public var hasEvaluationWeights: Bool { true }

    /// Weighs the step in the average.
    public func prepare(_ groups: inout [GroupStep]) { averaging.prepare(&groups) }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        var options = averaging.options(stretch, step, values)
        // The decay is not divided by the gradient's size.
        (options.decay, options.normal_decay) = (0, options.decay)
        options.beta2 = values(.beta2)
        options.square = 1 / (1 - pow(options.beta2, Double(step)))
        options.epsilon = values(.epsilon)
        hone_schedule_free_step(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], stretch.states[2],
            stretch.count)
    }

    /// x of y and z.
    public func makeEvaluationWeights(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        averaging.makeEvaluationWeights(stretch)
    }
}
