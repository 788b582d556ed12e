import HoneTensor

/// The negative log-likelihood of class labels, for predictions that are logarithms of probabilities already.
///
/// - Shape: prediction `[batch, classes, ...]` (log-probabilities), target `[batch, ...]` (int32); of a single sample
///   `[classes]` and `[]`
///
/// The mean divides by the sum of the weights of the labels that count, as in PyTorch.
public struct NegativeLogLikelihood: ElementwiseLoss, Equatable, Sendable {
    /// A factor for each class, or nil for 1.
    public let weights: [Float]?

    /// The label that counts nothing, or nil.
    public let ignoring: Int?

    /// Along which axis the classes lie.
    public let axis: Int

    /// Makes the loss.
    ///
    /// - Parameters:
    ///   - weights: a factor for each class.
    ///   - ignoring: the label of elements that count nothing, -100 as in PyTorch; nil for none.
    ///   - axis: along which axis the classes lie, not the first; -1 for `[batch, length, classes]`.
    public init(weights: [Float]? = nil, ignoring: Int? = -100, axis: Int = 1) {
        self.weights = weights
        self.ignoring = ignoring
        self.axis = axis
    }

    /// −weight · prediction[target] of each element, in the shape of the labels.
    public func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements {
        if ClassTargets.isSingle(prediction, target) {
            return elements(prediction.unsqueezed(axis: 0), target.unsqueezed(axis: 0)).ofSingle()
        }
        do {
            let targets = try ClassTargets(
                label, prediction, target, axis: axis, weights: weights, ignoring: ignoring)
            let rowWeights = targets.rowWeights
            var values = -targets.picked(from: targets.scores)
            if weights != nil { values = values * Tensor(rowWeights) }
            return LossElements(values.reshaped(targets.shape), count: rowWeights.reduce(0) { $0 + Double($1) })
        } catch {
            return LossElements(error.tensor, count: 0)
        }
    }
}
