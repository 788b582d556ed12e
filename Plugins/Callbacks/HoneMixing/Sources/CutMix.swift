import Hone

/// Puts a box of another image of the batch into each image, with the loss mixed by the areas (Yun et al. 2019, "CutMix").
///
/// One λ is drawn from Beta(α, α) a batch. The box has the share 1 − λ of the area before it is cut off at the border;
/// its middle is uniform; the share of the loss is that of the area which is left.
///
/// - Shape: the first input is `[batch, channels, height, width]`; others stay
open class CutMix: BatchMixing {
    /// Both parameters of the beta distribution.
    public let alpha: Double

    /// Makes the callback.
    ///
    /// - Parameter alpha: both parameters of the beta distribution, above 0; with 1 all sizes are as likely.
    public init(alpha: Double = 1) { self.alpha = alpha }

    /// Checks α.
    open override func beforeFit(_ learner: Learner) throws {
        try checkAlpha(alpha)
        try super.beforeFit(learner)
    }

    /// Puts the boxes into the first input.
    open override func mix(_ batch: inout Batch, partners: [Int], key: RandomKey) throws -> [Float] {
        let images = batch.input
        guard images.elementType == .float32, images.rank == 4 else {
            throw LearnerError.argument(
                "CutMix input", value: "\(images.elementType) \(images.shape)",
                expected: "float32 [batch, channels, height, width]")
        }
        let (height, width) = (images.shape[2], images.shape[3])
        let share = key.derived("shares").beta(1, alpha, alpha)[0]
        let middle = key.derived("middle").uniform(2)
        let rows = CutMix.side(height, middle: middle[0], share: share)
        let columns = CutMix.side(width, middle: middle[1], share: share)
        let plane = height * width
        let planes = images.shape[1]
        batch.input = images.withUnsafeFloats { source in
            Tensor.build(images.shape) { out in
                _ = out.update(fromContentsOf: source)
                for (sample, partner) in partners.enumerated() {
                    for channel in 0..<planes {
                        let to = (sample * planes + channel) * plane
                        let from = (partner * planes + channel) * plane
                        for row in rows {
                            for column in columns {
                                out[to + row * width + column] = source[from + row * width + column]
                            }
                        }
                    }
                }
            }
        }
        let left = 1 - Float(rows.count * columns.count) / Float(max(1, plane))
        return Array(repeating: left, count: partners.count)
    }

    /// The box along one axis: `length` × √(1 − share) wide around the middle, cut off at the border.
    private static func side(_ length: Int, middle: Float, share: Float) -> Range<Int> {
        let half = Int(Float(length) * (1 - share).squareRoot()) / 2
        let center = min(length - 1, Int(middle * Float(length)))
        return max(0, center - half)..<min(length, center + half)
    }
}
