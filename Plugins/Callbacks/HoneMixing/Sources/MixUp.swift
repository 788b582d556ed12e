import Hone

/// Mixes each sample with another of its batch: x' = λ x + (1 − λ) x₂, with the loss mixed alike (Zhang et al. 2018,
/// "mixup: Beyond Empirical Risk Minimization").
///
/// As in fastai, λ is drawn for each sample from Beta(α, α), and the larger of λ and 1 − λ is the sample's own share. For
/// targets that are numbers the gradient of a mixed squared error is that of the mixed target. All inputs must be
/// float32. A loss that is not of single elements cannot be mixed by shares of each sample.
open class MixUp: BatchMixing {
    /// Both parameters of the beta distribution.
    public let alpha: Double

    /// Makes the callback.
    ///
    /// - Parameter alpha: both parameters of the beta distribution, above 0: small ones mix little.
    public init(alpha: Double = 0.4) { self.alpha = alpha }

    /// Checks α.
    open override func beforeFit(_ learner: Learner) throws {
        try checkAlpha(alpha)
        try super.beforeFit(learner)
    }

    /// Mixes all inputs.
    open override func mix(_ batch: inout Batch, partners: [Int], key: RandomKey) throws -> [Float] {
        let shares = key.derived("shares").beta(partners.count, alpha, alpha).map { max($0, 1 - $0) }
        batch.inputs = try batch.inputs.map { input in
            guard input.elementType == .float32 else {
                throw LearnerError.argument("MixUp input", value: "\(input.elementType)", expected: "float32")
            }
            let share = Tensor(shares, shape: Shape([shares.count] + Array(repeating: 1, count: input.rank - 1)))
            return input * share + input.rows(partners) * (1 - share)
        }
        return shares
    }
}
