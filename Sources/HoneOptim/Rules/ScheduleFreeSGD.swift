import HoneKernels

/// Schedule-free gradient descent (Defazio et al. 2024, equations 7 to 9): the gradient is taken at y, which the model holds
/// in training; z ← z − γ (g + λ y), x ← (1 − c) x + c z, y = (1 − β) z + β x. The average x is what to evaluate with;
/// the learner's validations and predictions do so by themselves. No decaying schedule is needed, a warm-up helps.
public struct ScheduleFreeSGD: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    private let averaging: ScheduleFreeAveraging

    /// Makes the rule; the reference implementation's defaults.
    ///
    /// - Parameters:
    ///   - learningRate: γ, > 0; `fit` sets it. It is larger than one that decays: 10 to 50 times that of SGD with momentum.
    ///   - momentum: β, above 0 up to 1.
    ///   - weightDecay: λ at y, ≥ 0.
    ///   - warmupSteps: over how many steps γ rises from 0, beside any schedule.
    ///   - weightPower: the weight of a step in the average is this power of the largest rate so far,
    ///   - stepPower: times this power of its number: the reference implementation's `r`.
    public init(
        learningRate: Double = 1, momentum: Double = 0.9, weightDecay: Double = 0, warmupSteps: Int = 0,
        weightPower: Double = 2, stepPower: Double = 0
    ) {
        defaults = [.learningRate: learningRate, .momentum: momentum, .weightDecay: weightDecay]
        averaging = ScheduleFreeAveraging(
            warmupSteps: warmupSteps, weightPower: weightPower, stepPower: stepPower)
    }

    /// `ScheduleFreeSGD`
    public var name: String { "ScheduleFreeSGD" }

    /// Those of the average.
    public var options: [RuleOption] { averaging.options }

    /// Above 0 for β, as x is recovered from y.
    public func range(of key: Hyperparameter) -> HyperparameterRange { key == .momentum ? .positiveShare : key.range }

    /// z, and the β that y was made with.
    public var states: [RuleState] { ["baseWeights", ScheduleFreeAveraging.mixing] }

    /// What the average's weights come from.
    public var scalars: [String: Double] { averaging.scalars }

    /// The average is.
    public var hasEvaluationWeights: Bool { true }

    /// Weighs the step in the average.
    public func prepare(_ groups: inout [GroupStep]) { averaging.prepare(&groups) }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        var options = averaging.options(stretch, step, values)
        hone_schedule_free_step(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], nil, stretch.count)
    }

    /// x of y and z.
    public func makeEvaluationWeights(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        averaging.makeEvaluationWeights(stretch)
    }
}
