import Foundation
import HoneKernels

/// Adamax (Kingma and Ba 2014, algorithm 2): m ← β₁ m + (1 − β₁) g, u ← max(β₂ u, |g| + e),
/// p ← p − ε / (1 − β₁ᵗ) · m / u. Weight decay is added to the gradient by default.
public struct Adamax: UpdateRule, Equatable {
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
    ///   - beta2: the decay of the largest gradient, 0 up to 1.
    ///   - epsilon: e, ≥ 0, added to |g| as in PyTorch.
    ///   - weightDecay: ≥ 0.
    public init(
        learningRate: Double = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, decay: WeightDecay = .coupled, maximize: Bool = false
    ) {
        defaults = [
            .learningRate: learningRate, .beta1: beta1, .beta2: beta2, .epsilon: epsilon, .weightDecay: weightDecay,
        ]
        self.decay = decay
        self.maximize = maximize
    }

    /// `Adamax`
    public var name: String { "Adamax" }

    /// The average gradient, and the largest one as it fades.
    public var states: [RuleState] { ["averageGradient", "largestGradient"] }

    /// One update of a run of elements.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        let beta1 = values(.beta1)
        let (added, shrink) = decay.parts(values)
        var options = hone_adamax(
            gain: maximize ? -1 : 1, decay: added, shrink: shrink, beta1: beta1, beta2: values(.beta2),
            rate: values(.learningRate) / (1 - pow(beta1, Double(step))), epsilon: values(.epsilon))
        hone_adamax_step(
            HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], stretch.states[1],
            stretch.count)
    }
}
