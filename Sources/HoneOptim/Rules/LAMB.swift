import Foundation
import HoneKernels

/// Layer-wise adaptive moments (You et al. 2019, algorithm 2): u = m̂ / (√v̂ + e) + λ p with Adam's moments, and
/// p ← p − ε r u with r = ‖p‖ / ‖u‖ of each parameter, or 1 where a norm is 0.
public struct LAMB: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    /// Whether the moments are corrected for their beginning with 0.
    public let biasCorrection: Bool

    /// The largest r; nil for no bound.
    public let maxTrust: Double?

    /// Whether the objective is made large.
    public let maximize: Bool

    /// Makes the rule; the paper's defaults.
    ///
    /// - Parameters:
    ///   - learningRate: ε, > 0; `fit` sets it.
    ///   - beta1: the decay of the average gradient, 0 up to 1; scheduled as ``Hyperparameter/momentum``.
    ///   - beta2: the decay of the average squared gradient, 0 up to 1.
    ///   - epsilon: e, ≥ 0, added outside the root.
    ///   - weightDecay: λ, ≥ 0.
    public init(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-6,
        weightDecay: Double = 0, biasCorrection: Bool = true, maxTrust: Double? = nil, maximize: Bool = false
    ) {
        defaults = [
            .learningRate: learningRate, .beta1: beta1, .beta2: beta2, .epsilon: epsilon, .weightDecay: weightDecay,
        ]
        self.biasCorrection = biasCorrection
        self.maxTrust = maxTrust
        self.maximize = maximize
    }

    /// `LAMB`
    public var name: String { "LAMB" }

    /// One parameter: the norms are a layer's.
    public var granularity: UpdateGranularity { .parameter }

    /// The averages of the gradient and of its square.
    public var states: [RuleState] { ["averageGradient", "averageSquare"] }

    /// One update of a parameter.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        let (beta1, beta2) = (values(.beta1), values(.beta2))
        let correction1 = biasCorrection ? 1 - pow(beta1, Double(step)) : 1
        let correction2 = biasCorrection ? 1 - pow(beta2, Double(step)) : 1
        var options = hone_adam(
            gain: maximize ? -1 : 1, decay: values(.weightDecay), shrink: 1, beta1: beta1, beta2: beta2,
            mean: 1 / correction1, direct: 0, square: 1 / correction2, direct_square: 0, epsilon: values(.epsilon))
        withScratch(stretch.count) { direction in
            hone_lamb_direction(
                HONE_ISA_AUTO, &options, stretch.parameters, stretch.gradients, stretch.states[0], stretch.states[1],
                direction, stretch.count)
            let size = hone_sum_squares(HONE_ISA_AUTO, stretch.parameters, stretch.count).squareRoot()
            let length = hone_sum_squares(HONE_ISA_AUTO, direction, stretch.count).squareRoot()
            var trust = size == 0 || length == 0 ? 1 : size / length
            if let maxTrust { trust = min(trust, maxTrust) }
            hone_axpy(
                HONE_ISA_AUTO, Float(-values(.learningRate) * trust), direction, stretch.parameters, stretch.count)
        }
    }
}
