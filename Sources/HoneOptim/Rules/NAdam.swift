import Foundation
import HoneKernels

/// Adam with Nesterov's momentum (Dozat 2016, algorithm 2, with the momentum's warm-up of Sutskever et al. 2013):
/// µₜ = β₁ (1 − ½ · 0.96^(t ψ)), and p ← p − ε (µₜ₊₁ m / (1 − Π µᵢ, i ≤ t + 1) + (1 − µₜ) g / (1 − Π µᵢ, i ≤ t)) / (√v̂ + e)
/// with Adam's m and v.
public struct NAdam: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

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
    ///   - momentumDecay: ψ, ≥ 0.
    public init(
        learningRate: Double = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, momentumDecay: Double = 4e-3, decay: WeightDecay = .coupled, maximize: Bool = false
    ) {
        defaults = [
            .learningRate: learningRate, .beta1: beta1, .beta2: beta2, .epsilon: epsilon, .weightDecay: weightDecay,
            .momentumDecay: momentumDecay,
        ]
        self.decay = decay
        self.maximize = maximize
    }

    /// `NAdam`
    public var name: String { "NAdam" }

    /// The averages of the gradient and of its square, and the product of all µ.
    public var states: [RuleState] {
        ["averageGradient", "averageSquare", .number("momentumProduct")]
    }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        let (beta1, beta2, rate) = (values(.beta1), values(.beta2), values(.learningRate))
        func momentum(_ step: Int) -> Double { beta1 * (1 - 0.5 * pow(0.96, Double(step) * values(.momentumDecay))) }
        let (now, next) = (momentum(step), momentum(step + 1))
        let product = (step == 1 ? 1 : Double(stretch.states[2][0])) * now
        stretch.states[2][0] = Float(product)
        let (added, shrink) = decay.parts(values)
        var options = hone_adam(
            gain: maximize ? -1 : 1, decay: added, shrink: shrink, beta1: beta1, beta2: beta2,
            mean: rate * next / (1 - product * next), direct: rate * (1 - now) / (1 - product),
            square: 1 / (1 - pow(beta2, Double(step))), direct_square: 0, epsilon: values(.epsilon))
        hone_adam_step(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], stretch.states[1], nil,
            stretch.count)
    }
}
