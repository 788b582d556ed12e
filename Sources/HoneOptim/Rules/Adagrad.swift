import HoneKernels

/// Adagrad (Duchi, Hazan and Singer 2011, figure 1, with a diagonal matrix): s ← s + g², p ← p − ε g / (√s + e), where
/// PyTorch's rate decay divides ε by 1 + (t − 1) d. Weight decay is added to the gradient by default.
public struct Adagrad: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    /// What the sums of squares begin with.
    public let initialAccumulator: Double

    /// Where weight decay acts.
    public let decay: WeightDecay

    /// Whether the objective is made large.
    public let maximize: Bool

    /// Makes the rule; PyTorch's defaults.
    ///
    /// - Parameters:
    ///   - learningRate: ε, > 0; `fit` sets it.
    ///   - rateDecay: d, ≥ 0.
    ///   - weightDecay: ≥ 0.
    ///   - initialAccumulator: ≥ 0.
    ///   - epsilon: e, ≥ 0, added outside the root.
    public init(
        learningRate: Double = 1e-2, rateDecay: Double = 0, weightDecay: Double = 0, initialAccumulator: Double = 0,
        epsilon: Double = 1e-10, decay: WeightDecay = .coupled, maximize: Bool = false
    ) {
        defaults = [
            .learningRate: learningRate, .rateDecay: rateDecay, .weightDecay: weightDecay, .epsilon: epsilon,
        ]
        self.initialAccumulator = initialAccumulator
        self.decay = decay
        self.maximize = maximize
    }

    /// `Adagrad`
    public var name: String { "Adagrad" }

    /// The option's range.
    public var options: [RuleOption] {
        [RuleOption("initialAccumulator", initialAccumulator, .notNegative)]
    }

    /// The sum of squared gradients.
    public var states: [RuleState] { ["sumOfSquares"] }

    /// Without decay.
    public func ignoresZeroGradients(_ values: HyperparameterValues) -> Bool {
        values(.weightDecay) == 0
    }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        if step == 1, initialAccumulator != 0 {
            hone_fill(HONE_ISA_AUTO, Float(initialAccumulator), stretch.states[0], stretch.count)
        }
        let (added, shrink) = decay.parts(values)
        var options = hone_rms(
            gain: maximize ? -1 : 1, decay: added, shrink: shrink, keep: 1, add: 1,
            rate: values(.learningRate) / (1 + Double(step - 1) * values(.rateDecay)), momentum: 0,
            epsilon: values(.epsilon), nesterov: false)
        hone_rms_step(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], nil, nil, stretch.count)
    }
}
