/// Adam with decoupled weight decay (Loshchilov and Hutter 2017, algorithm 2).
///
/// Like PyTorch's, it shrinks the parameters by 1 − ε λ. The paper has the schedule's multiplier in the place of the rate
/// ε; that form is `decay: .decoupledFromRate`.
public struct AdamW: UpdateRule, Equatable {
    private let adam: Adam

    /// Makes the rule; PyTorch's defaults.
    ///
    /// - Parameters:
    ///   - learningRate: ε, > 0; `fit` sets it.
    ///   - beta1: the decay of the average gradient, 0 up to 1; scheduled as ``Hyperparameter/momentum``.
    ///   - beta2: the decay of the average squared gradient, 0 up to 1.
    ///   - epsilon: ≥ 0, added outside the root.
    ///   - weightDecay: λ, ≥ 0.
    public init(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 1e-2, amsgrad: Bool = false, decay: WeightDecay = .decoupled, maximize: Bool = false
    ) {
        adam = Adam(
            learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
            amsgrad: amsgrad, decay: decay, maximize: maximize)
    }

    /// `AdamW`
    public var name: String { "AdamW" }

    /// The first values of the hyper-parameters.
    public var defaults: HyperparameterValues { adam.defaults }

    /// Adam's.
    public var states: [RuleState] { adam.states }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        adam.update(stretch, step: step, values)
    }
}
