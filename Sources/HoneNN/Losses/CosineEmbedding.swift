import HoneTensor

/// Draws pairs of vectors together or apart by the cosine of their angle: 1 − cos for a target of 1, and
/// max(0, cos − margin) for one of −1.
///
/// - Shape: prediction `[batch, 2, features]`, the vectors of each pair; target `[batch]` (−1 or 1, float32 or int32)
///
/// The formula, with 1e-12 added to both squared lengths, is that of PyTorch's `CosineEmbeddingLoss`.
public struct CosineEmbedding: ElementwiseLoss, Equatable, Sendable {
    /// The cosine up to which vectors that should be apart cost nothing, −1...1.
    public let margin: Float

    /// Makes the loss.
    public init(margin: Float = 0) { self.margin = margin }

    /// The loss of vectors `[batch, features]`, those of each pair in two tensors.
    public func callAsFunction(
        _ first: Tensor, _ second: Tensor, _ target: Tensor, reduction: Reduction = .mean
    ) -> Tensor {
        if first.isInert || second.isInert { return first.isInert ? first : second }
        guard first.rank == 2, first.shape == second.shape else {
            return failed(
                label, "vectors are \(first.shape) and \(second.shape), expected [batch, features] of one shape")
        }
        return self(.stack([first, second], axis: 1), target, reduction: reduction)
    }

    /// The loss of each pair.
    public func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements {
        if prediction.isInert || target.isInert {
            return LossElements(prediction.isInert ? prediction : target, count: 0)
        }
        guard prediction.elementType == .float32, prediction.rank == 3, prediction.shape[1] == 2,
            target.shape == [prediction.shape[0]]
        else {
            let problem =
                "predictions are \(prediction.elementType) \(prediction.shape) and targets \(target.shape), expected "
                + "float32 [batch, 2, features] and [batch]"
            return LossElements(failed(label, problem), count: 0)
        }
        let signs = target.elementType == .int32 ? target.integers.map { Float($0) } : target.scalars
        if let bad = signs.first(where: { $0 != 1 && $0 != -1 }) {
            return LossElements(failed(label, "a target is \(bad), expected -1 or 1"), count: 0)
        }
        let (a, b) = (prediction[.all, 0], prediction[.all, 1])
        let squares = (a.square().sum(axes: [1]) + 1e-12) * (b.square().sum(axes: [1]) + 1e-12)
        let cosines = (a * b).sum(axes: [1]) / squares.sqrt()
        let together = Tensor(signs.map { $0 > 0 ? 1 : 0 } as [Int32])
        return LossElements(
            .where(together, 1 - cosines, (cosines - margin).relu()), count: Double(signs.count))
    }
}
