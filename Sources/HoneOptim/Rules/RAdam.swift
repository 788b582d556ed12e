import Foundation
import HoneKernels

/// Rectified Adam (Liu et al. 2019, algorithm 2): while the variance of Adam's rate cannot be told (ρₜ ≤ 5, as in
/// PyTorch; 4 in the paper), p ← p − ε m̂; then p ← p − ε rₜ m̂ √(1 − β₂ᵗ) / (√v + e), with ρ∞ = 2 / (1 − β₂) − 1,
/// ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ) and rₜ² = (ρₜ − 4)(ρₜ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρₜ).
public struct RAdam: UpdateRule, Equatable {
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
    public init(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, decay: WeightDecay = .coupled, maximize: Bool = false
    ) {
        defaults = [
            .learningRate: learningRate, .beta1: beta1, .beta2: beta2, .epsilon: epsilon, .weightDecay: weightDecay,
        ]
        self.decay = decay
        self.maximize = maximize
    }

    /// `RAdam`
    public var name: String { "RAdam" }

    /// The averages of the gradient and of its square.
    public var states: [RuleState] { ["averageGradient", "averageSquare"] }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        let (beta1, beta2) = (values(.beta1), values(.beta2))
        let rate = values(.learningRate) / (1 - pow(beta1, Double(step)))
        let (added, shrink) = decay.parts(values)
        let power = pow(beta2, Double(step))
        let longest = 2 / (1 - beta2) - 1
        let length = longest - 2 * Double(step) * power / (1 - power)
        var options = hone_adam(
            gain: maximize ? -1 : 1, decay: added, shrink: shrink, beta1: beta1, beta2: beta2, mean: rate, direct: 0,
            square: 0, direct_square: 0, epsilon: 1)
        if length > 5 {
            let rectifier =
                ((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)).squareRoot()
            options.mean = rate * rectifier
            options.square = 1 / (1 - power)
            options.epsilon = values(.epsilon) * options.square.squareRoot()
        }
        hone_adam_step(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], stretch.states[1], nil,
            stretch.count)
    }
}
