import Foundation
import HoneKernels

/// Quasi-hyperbolic Adam (Ma and Yarats 2018, section 4.1): with Adam's m̂ and v̂,
/// p ← p − ε ((1 − ν₁) g + ν₁ m̂) / (√((1 − ν₂) g² + ν₂ v̂) + e). Weight decay is added to the gradient by default.
public struct QHAdam: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    /// The share of the average gradient against the present one.
    public let nu1: Double

    /// The share of the average square against the present one.
    public let nu2: Double

    /// Where weight decay acts.
    public let decay: WeightDecay

    /// Whether the objective is made large.
    public let maximize: Bool

    /// Makes the rule; the reference implementation's defaults, with the ν and β₁ that the paper's summary advises.
    ///
    /// - Parameters:
    ///   - learningRate: ε, > 0; `fit` sets it.
    ///   - beta1: the decay of the average gradient, 0 up to 1; scheduled as ``Hyperparameter/momentum``.
    ///   - beta2: the decay of the average squared gradient, 0 up to 1.
    ///   - nu1: ν₁, 0...1.
    ///   - nu2: ν₂, 0...1.
    ///   - epsilon: e, ≥ 0, added outside the root.
    ///   - weightDecay: ≥ 0.
    public init(
        learningRate: Double = 1e-3, beta1: Double = 0.995, beta2: Double = 0.999, nu1: Double = 0.7, nu2: Double = 1,
        epsilon: Double = 1e-8, weightDecay: Double = 0, decay: WeightDecay = .coupled, maximize: Bool = false
    ) {
        defaults = [
            .learningRate: learningRate, .beta1: beta1, .beta2: beta2, .epsilon: epsilon, .weightDecay: weightDecay,
        ]
        self.nu1 = nu1
        self.nu2 = nu2
        self.decay = decay
        self.maximize = maximize
    }

    /// `QHAdam`
    public var name: String { "QHAdam" }

    /// The options' ranges.
    public var options: [RuleOption] {
        [RuleOption("nu1", nu1, .share), RuleOption("nu2", nu2, .share)]
    }

    /// The averages of the gradient and of its square.
    public var states: [RuleState] { ["averageGradient", "averageSquare"] }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        let (beta1, beta2, rate) = (values(.beta1), values(.beta2), values(.learningRate))
        let (added, shrink) = decay.parts(values)
        var options = hone_adam(
            gain: maximize ? -1 : 1, decay: added, shrink: shrink, beta1: beta1, beta2: beta2,
            mean: rate * nu1 / (1 - pow(beta1, Double(step))), direct: rate * (1 - nu1),
            square: nu2 / (1 - pow(beta2, Double(step))), direct_square: 1 - nu2, epsilon: values(.epsilon))
        hone_adam_step(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], stretch.states[1], nil,
            stretch.count)
    }
}
