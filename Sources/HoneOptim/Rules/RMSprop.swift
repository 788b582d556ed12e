import HoneKernels

/// RMSprop (Tieleman and Hinton 2012, lecture 6.5): v ← α v + (1 − α) g², d = g / (√v + e), p ← p − ε d; centred, the
/// variance v − a² with a ← α a + (1 − α) g is below the root (Graves 2013, equations 38 to 45). With momentum,
/// b ← m b + d and p ← p − ε b, or p ← p − ε (d + m b) in Nesterov's form. Weight decay is added to the gradient by default.
///
/// In Nesterov's form the gradient is that at p, as the optimizers of Keras have it; in the textbook's (Goodfellow,
/// Bengio and Courville 2016, algorithm 8.6) it is that at the point ahead.
public struct RMSprop: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    /// Whether the mean is taken out of the size of the gradient.
    public let centred: Bool

    /// Whether the step looks ahead along the momentum.
    public let nesterov: Bool

    /// Where weight decay acts.
    public let decay: WeightDecay

    /// Whether the objective is made large.
    public let maximize: Bool

    /// Makes the rule; PyTorch's defaults.
    ///
    /// - Parameters:
    ///   - learningRate: ε, > 0; `fit` sets it.
    ///   - alpha: α, 0 up to 1.
    ///   - epsilon: e, ≥ 0, added outside the root.
    ///   - momentum: m, 0 up to 1.
    ///   - weightDecay: ≥ 0.
    public init(
        learningRate: Double = 1e-2, alpha: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0,
        weightDecay: Double = 0, centred: Bool = false, nesterov: Bool = false, decay: WeightDecay = .coupled,
        maximize: Bool = false
    ) {
        defaults = [
            .learningRate: learningRate, .alpha: alpha, .epsilon: epsilon, .momentum: momentum,
            .weightDecay: weightDecay,
        ]
        self.centred = centred
        self.nesterov = nesterov
        self.decay = decay
        self.maximize = maximize
    }

    /// `RMSprop`
    public var name: String { "RMSprop" }

    /// The average square, the momentum buffer, and the average gradient if it is centred.
    public var states: [RuleState] {
        centred ? ["averageSquare", "momentumBuffer", "averageGradient"] : ["averageSquare", "momentumBuffer"]
    }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        let (alpha, momentum) = (values(.alpha), values(.momentum))
        let (added, shrink) = decay.parts(values)
        var options = hone_rms(
            gain: maximize ? -1 : 1, decay: added, shrink: shrink, keep: alpha, add: 1 - alpha,
            rate: values(.learningRate), momentum: momentum, epsilon: values(.epsilon), nesterov: nesterov)
        hone_rms_step(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0],
            centred ? stretch.states[2] : nil, momentum == 0 ? nil : stretch.states[1], stretch.count)
    }
}
