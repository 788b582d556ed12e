import HoneKernels

/// Lion (Chen et al. 2023, algorithm 2): p ← p − ε (sign(β₁ m + (1 − β₁) g) + λ p), m ← β₂ m + (1 − β₂) g.
public struct Lion: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    /// Whether the objective is made large.
    public let maximize: Bool

    /// Makes the rule; the paper's defaults. A good rate is 3 to 10 times smaller than Adam's, a good decay as much
    /// larger.
    ///
    /// - Parameters:
    ///   - learningRate: ε, > 0; `fit` sets it.
    ///   - beta1: the share of the average in the direction, 0 up to 1; scheduled as ``Hyperparameter/momentum``.
    ///   - beta2: the decay of the average, 0 up to 1.
    ///   - weightDecay: λ, ≥ 0, decoupled.
    public init(
        learningRate: Double = 1e-4, beta1: Double = 0.9, beta2: Double = 0.99, weightDecay: Double = 0,
        maximize: Bool = false
    ) {
        defaults = [.learningRate: learningRate, .beta1: beta1, .beta2: beta2, .weightDecay: weightDecay]
        self.maximize = maximize
    }

    /// `Lion`
    public var name: String { "Lion" }

    /// The average gradient.
    public var states: [RuleState] { ["averageGradient"] }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        let rate = values(.learningRate)
        var options = hone_lion(
            gain: maximize ? -1 : 1, decay: 0, shrink: 1 - rate * values(.weightDecay), beta1: values(.beta1),
            beta2: values(.beta2), rate: rate)
        hone_lion_step(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], stretch.count)
    }
}
