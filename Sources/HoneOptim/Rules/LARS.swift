import HoneKernels

/// Layer-wise adaptive rate scaling (You, Gitman and Ginsburg 2017, algorithm 1): each parameter has the rate
/// r = η ‖p‖ / (‖g‖ + λ ‖p‖ + e), or 1 where a norm is 0; b ← m b + ε r (g + λ p), p ← p − b.
public struct LARS: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    /// η
    public let trustCoefficient: Double

    /// Whether the objective is made large.
    public let maximize: Bool

    /// Makes the rule; the paper's defaults.
    ///
    /// - Parameters:
    ///   - learningRate: ε, > 0; `fit` sets it.
    ///   - momentum: m, 0 up to 1.
    ///   - weightDecay: λ, ≥ 0.
    ///   - trustCoefficient: η, > 0.
    ///   - epsilon: e, ≥ 0.
    public init(
        learningRate: Double = 1e-3, momentum: Double = 0.9, weightDecay: Double = 0, trustCoefficient: Double = 1e-3,
        epsilon: Double = 0, maximize: Bool = false
    ) {
        defaults = [
            .learningRate: learningRate, .momentum: momentum, .weightDecay: weightDecay, .epsilon: epsilon,
        ]
        self.trustCoefficient = trustCoefficient
        self.maximize = maximize
    }

    /// `LARS`
    public var name: String { "LARS" }

    /// The option's range.
    public var options: [RuleOption] {
        [RuleOption("trustCoefficient", trustCoefficient, .positive)]
    }

    /// One parameter: the norms are a layer's.
    public var granularity: UpdateGranularity { .parameter }

    /// The momentum buffer, with the rates in it.
    public var states: [RuleState] { ["momentumBuffer"] }

    /// One update of a parameter.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        let size = hone_sum_squares(HONE_ISA_AUTO, stretch.parameters, stretch.count).squareRoot()
        let slope = hone_sum_squares(HONE_ISA_AUTO, stretch.gradients, stretch.count).squareRoot()
        let decay = values(.weightDecay)
        var ratio = 1.0
        if size != 0, slope != 0 { ratio = trustCoefficient * size / (slope + decay * size + values(.epsilon)) }
        let rate = values(.learningRate) * ratio
        var options = hone_sgd(
            gain: maximize ? -rate : rate, decay: rate * decay, shrink: 1, rate: 1, momentum: values(.momentum),
            dampening: 0,
            nesterov: false, first: step == 1)
        hone_sgd_step(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], stretch.count)
    }
}
