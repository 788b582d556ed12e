/// What gradients of batches of unequal sizes tell of the true gradient G and of the covariance Σ of the gradients of
/// single samples: unbiased estimates of |G|² and tr Σ. Their ratio is McCandlish et al.'s simple noise scale.
///
/// From E|g_b|² = |G|² + tr Σ / b for the mean gradient g_b of b samples (McCandlish et al. 2018, arXiv 1812.06162,
/// appendix A.1). One estimate is noisy, and its ratio biased: average many with a ``NoiseScaleEstimator``.
public struct NoiseEstimate: Codable, Equatable, Sendable {
    /// The estimate of |G|²; below 0 when the noise hides the gradient.
    public let squaredGradient: Double

    /// The estimate of tr Σ.
    public let trace: Double

    /// Makes an estimate of known numbers.
    public init(squaredGradient: Double, trace: Double) {
        self.squaredGradient = squaredGradient
        self.trace = trace
    }

    /// B_simple = tr Σ / |G|², in samples; nil while the estimate of |G|² is not above 0.
    public var simpleNoiseScale: Double? {
        let scale = trace / squaredGradient
        return squaredGradient > 0 && scale.isFinite ? scale : nil
    }

    /// From the squared norms of parts (weighted) and whole, which have Σw/b and Σw²/b of the noise.
    private init?(small: Double, big: Double, shrinkage: Double, wholeShrinkage: Double) {
        guard small.isFinite, big.isFinite, shrinkage > wholeShrinkage else { return nil }
        trace = (small - big) / (shrinkage - wholeShrinkage)
        squaredGradient = small - trace * shrinkage
    }

    /// The estimate of an accumulation window.
    ///
    /// With sizes b_j that add up to N, s = Σ (b_j/N)‖g_j‖² and L = ‖ḡ‖²: |G|² ≈ (nL − s)/(n − 1) and
    /// tr Σ ≈ N(s − L)/(n − 1). For equal sizes this is appendix A.1.
    /// - Parameters:
    ///   - microBatches: of each micro-batch the number of samples, and the squared norm of its mean gradient.
    ///   - whole: the squared norm of the mean gradient of all samples.
    ///   - weights: what each micro-batch's gradient weighs in the whole, when that is not its share of the samples
    ///     (losses that count tokens); then with w_j the shares of their sum, s = Σ w_j‖g_j‖² and
    ///     tr Σ ≈ (s − L)/(Σ w_j/b_j − Σ w_j²/b_j).
    /// - Returns: nil for fewer than two micro-batches, for a size below 1, and for norms that are not finite.
    public init?(microBatches: [(size: Int, squaredNorm: Double)], whole: Double, weights: [Double]? = nil) {
        let weights = weights ?? microBatches.map { Double($0.size) }
        let total = weights.reduce(0, +)
        guard microBatches.count >= 2, weights.count == microBatches.count, total > 0,
            microBatches.allSatisfy({ $0.size > 0 }), weights.allSatisfy({ $0 >= 0 })
        else { return nil }
        var (small, shrinkage, wholeShrinkage) = (0.0, 0.0, 0.0)
        for (part, weight) in zip(microBatches, weights) {
            let share = weight / total
            small += share * part.squaredNorm
            shrinkage += share / Double(part.size)
            wholeShrinkage += share * share / Double(part.size)
        }
        self.init(small: small, big: whole, shrinkage: shrinkage, wholeShrinkage: wholeShrinkage)
    }

    /// The estimate of two batch sizes (McCandlish et al. 2018, appendix A.1).
    ///
    /// - Parameters:
    ///   - small: a number of samples, 1 or more, and the (averaged) squared norm of the mean gradient of so many.
    ///   - big: a larger number, with its squared norm.
    /// - Returns: nil unless 0 < small < big and both norms are finite.
    public init?(small: (size: Int, squaredNorm: Double), big: (size: Int, squaredNorm: Double)) {
        guard small.size > 0, big.size > small.size else { return nil }
        self.init(
            small: small.squaredNorm, big: big.squaredNorm, shrinkage: 1 / Double(small.size),
            wholeShrinkage: 1 / Double(big.size))
    }

    /// The estimate of a batch whose samples' gradients are known one by one.
    ///
    /// - Parameters:
    ///   - squaredNorms: of each sample's gradient.
    ///   - mean: the squared norm of their mean.
    /// - Returns: nil for fewer than two samples, and for norms that are not finite.
    public init?(examples squaredNorms: [Double], mean: Double) {
        self.init(microBatches: squaredNorms.map { (1, $0) }, whole: mean)
    }
}
