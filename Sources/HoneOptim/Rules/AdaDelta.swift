import HoneKernels

/// AdaDelta (Zeiler 2012, algorithm 1): v ← ρ v + (1 − ρ) g², d = √(u + e) / √(v + e) · g, u ← ρ u + (1 − ρ) d²,
/// p ← p − ε d. Weight decay is added to the gradient by default.
public struct AdaDelta: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    /// Where weight decay acts.
    public let decay: WeightDecay

    /// Whether the objective is made large.
    public let maximize: Bool

    /// Makes the rule; PyTorch's defaults.
    ///
    /// - Parameters:
    ///   - learningRate: ε, > 0, 1 in the paper; `fit` sets it.
    ///   - rho: ρ, 0 up to 1; scheduled as ``Hyperparameter/beta2``.
    ///   - epsilon: e, > 0, added inside the roots.
    ///   - weightDecay: ≥ 0.
    public init(
        learningRate: Double = 1, rho: Double = 0.9, epsilon: Double = 1e-6, weightDecay: Double = 0,
        decay: WeightDecay = .coupled, maximize: Bool = false
    ) {
        defaults = [.learningRate: learningRate, .beta2: rho, .epsilon: epsilon, .weightDecay: weightDecay]
        self.decay = decay
        self.maximize = maximize
    }

    /// `AdaDelta`
    public var name: String { "AdaDelta" }

    /// Above 0 for epsilon, without which no step would be the first.
    public func range(of key: Hyperparameter) -> HyperparameterRange { key == .epsilon ? .positive : key.range }

    /// The average squares of the gradient and of the direction.
    public var states: [RuleState] { ["averageSquare", "averageSquaredStep"] }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        let (added, shrink) = decay.parts(values)
        var options = hone_adadelta(
            gain: maximize ? -1 : 1, decay: added, shrink: shrink, rate: values(.learningRate),
            rho: values(.beta2), epsilon: values(.epsilon))
        hone_adadelta_step(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], stretch.states[1],
            stretch.count)
    }
}
