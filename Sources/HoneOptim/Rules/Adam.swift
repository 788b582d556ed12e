import Foundation
import HoneKernels

/// Adam (Kingma and Ba 2014, algorithm 1): m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²,
/// p ← p − ε m̂ / (√v̂ + e), with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ). AMSGrad (Reddi, Kale and Kumar 2018) puts
/// the largest v so far in the place of v; as in PyTorch, it is that of the uncorrected ones.
public struct Adam: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    /// Whether the second moment may not fall.
    public let amsgrad: Bool

    /// Where weight decay acts.
    public let decay: WeightDecay

    /// Whether the objective is made large.
    public let maximize: Bool

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
        weightDecay: Double = 0, amsgrad: Bool = false, decay: WeightDecay = .coupled, maximize: Bool = false
    ) {
        defaults = [
            .learningRate: learningRate, .beta1: beta1, .beta2: beta2, .epsilon: epsilon, .weightDecay: weightDecay,
        ]
        self.amsgrad = amsgrad
        self.decay = decay
        self.maximize = maximize
    }

    /// `Adam`
    public var name: String { "Adam" }

    /// The averages of the gradient and of its square, and the largest of the latter with AMSGrad.
    public var states: [RuleState] {
        amsgrad
            ? ["averageGradient", "averageSquare", "largestAverageSquare"] : ["averageGradient", "averageSquare"]
    }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        let (beta1, beta2) = (values(.beta1), values(.beta2))
        let (added, shrink) = decay.parts(values)
        var options = hone_adam(
            gain: maximize ? -1 : 1, decay: added, shrink: shrink, beta1: beta1, beta2: beta2,
            mean: values(.learningRate) / (1 - pow(beta1, Double(step))), direct: 0,
            square: 1 / (1 - pow(beta2, Double(step))), direct_square: 0, epsilon: values(.epsilon))
        hone_adam_step(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], stretch.states[1],
            amsgrad ? stretch.states[2] : nil, stretch.count)
    }
}
