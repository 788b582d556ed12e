import HoneKernels

/// Adam (Kingma and Ba 2014, algorithm 1): m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²,
/// p ← p − ε m̂ / (√v̂ + e), with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ). Weight decay is added to the gradient.
public struct Adam: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    /// Makes the rule; PyTorch's defaults.
    ///
    /// - Parameters:
    ///   - learningRate: ε, > 0; `fit` sets it.
    ///   - beta1: the decay of the average gradient, 0 up to 1; scheduled as ``Hyperparameter/momentum``.
    ///   - beta2: the decay of the average squared gradient, 0 up to 1.
    ///   - epsilon: e, ≥ 0, added outside the root.
    ///   - weightDecay: ≥ 0.
    public init(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0
    ) {
        defaults = [
            .learningRate: learningRate, .beta1: beta1, .beta2: beta2, .epsilon: epsilon, .weightDecay: weightDecay,
        ]
    }

    /// `Adam`
    public var name: String { "Adam" }

    /// The averages of the gradient and of its square.
    public var stateNames: [String] { ["averageGradient", "averageSquare"] }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        var options = hone_adam(
            rate: values[.learningRate] ?? 0, beta1: values[.beta1] ?? 0, beta2: values[.beta2] ?? 0,
            epsilon: values[.epsilon] ?? 0, decay: values[.weightDecay] ?? 0, decoupled: false, step: Int64(step))
        hone_adam_step(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], stretch.states[1], nil,
            stretch.count)
    }
}
