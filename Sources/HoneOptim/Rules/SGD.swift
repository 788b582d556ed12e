import HoneKernels

/// Stochastic gradient descent with momentum, in PyTorch's form: the buffer starts as the first gradient,
/// b ← m b + (1 − d) g, and p ← p − ε b; with Nesterov's momentum p ← p − ε (g + m b) (Sutskever et al. 2013).
/// Weight decay is added to the gradient by default; decoupled it is SGDW (Loshchilov and Hutter 2017, algorithm 1).
public struct SGD: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    /// Whether the step looks ahead along the momentum.
    public let nesterov: Bool

    /// Where weight decay acts.
    public let decay: WeightDecay

    /// Whether the objective is made large.
    public let maximize: Bool

    /// Makes the rule; PyTorch's defaults, with a rate of 1e-3.
    ///
    /// - Parameters:
    ///   - learningRate: ε, > 0; `fit` sets it.
    ///   - momentum: m, 0 up to 1.
    ///   - dampening: d, 0...1.
    ///   - weightDecay: ≥ 0.
    public init(
        learningRate: Double = 1e-3, momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0,
        nesterov: Bool = false, decay: WeightDecay = .coupled, maximize: Bool = false
    ) {
        defaults = [
            .learningRate: learningRate, .momentum: momentum, .dampening: dampening, .weightDecay: weightDecay,
        ]
        self.nesterov = nesterov
        self.decay = decay
        self.maximize = maximize
    }

    /// `SGD`
    public var name: String { "SGD" }

    /// The momentum buffer.
    public var states: [RuleState] { ["momentumBuffer"] }

    /// Without momentum and decay.
    public func ignoresZeroGradients(_ values: HyperparameterValues) -> Bool {
        values(.momentum) == 0 && values(.weightDecay) == 0
    }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        let (added, shrink) = decay.parts(values)
        var options = hone_sgd(
            gain: maximize ? -1 : 1, decay: added, shrink: shrink, rate: values(.learningRate),
            momentum: values(.momentum), dampening: values(.dampening), nesterov: nesterov, first: step == 1)
        hone_sgd_step(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], stretch.count)
    }
}
