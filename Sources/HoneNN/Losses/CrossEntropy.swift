import HoneTensor

/// The cross-entropy of softmax(logits) for class labels, or for distributions over the classes.
///
/// - Shape: prediction `[batch, classes, ...]` (logits); target `[batch, ...]` (int32 labels), or of the prediction's
///   shape (float32 probabilities); of a single sample `[classes]`, and `[]` or `[classes]`
///
/// For labels the mean divides by the sum of the weights of the labels that count, for distributions by their number,
/// as in PyTorch. Label smoothing is that of Szegedy et al. (2016), section 7.
public struct CrossEntropy: ElementwiseLoss, Equatable, Sendable {
    /// A factor for each class, or nil for 1.
    public let weights: [Float]?

    /// The share of each target that is spread evenly over the classes, 0...1.
    public let smoothing: Float

    /// The label that counts nothing, or nil.
    public let ignoring: Int?

    /// Along which axis the classes lie.
    public let axis: Int

    /// Makes the loss; what is out of range is an error of the first use.
    ///
    /// - Parameters:
    ///   - weights: a factor for each class.
    ///   - smoothing: the share of each target that is spread evenly over the classes, 0...1.
    ///   - ignoring: the label of elements that count nothing, -100 as in PyTorch; nil for none.
    ///   - axis: along which axis the classes lie, not the first; -1 for `[batch, length, classes]`.
    public init(weights: [Float]? = nil, smoothing: Float = 0, ignoring: Int? = -100, axis: Int = 1) {
        self.weights = weights
        self.smoothing = smoothing
        self.ignoring = ignoring
        self.axis = axis
    }

    /// The sum over elements of −log softmax(prediction)[target]; a label outside the classes is an error that names it.
    public func evaluate(_ prediction: Tensor, _ target: Tensor) -> LossValue {
        guard target.elementType == .int32, smoothing == 0, !ClassTargets.isSingle(prediction, target) else {
            let elements = elements(prediction, target)
            return LossValue(sum: elements.values.sum(), count: elements.count)
        }
        do {
            let targets = try labels(prediction, target)
            let value = targets.scores.crossEntropy(targets.labels, weights: targets.weights, ignoring: ignoring)
            return LossValue(sum: value.sum, count: value.count)
        } catch {
            return LossValue(sum: error.tensor, count: 0)
        }
    }

    /// The cross-entropy of each element, in the shape of the labels.
    public func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements {
        guard smoothing >= 0, smoothing <= 1 else {
            return LossElements(failed(label, "smoothing is \(smoothing), expected 0...1"), count: 0)
        }
        if ClassTargets.isSingle(prediction, target) {
            return elements(prediction.unsqueezed(axis: 0), target.unsqueezed(axis: 0)).ofSingle()
        }
        do {
            return target.elementType == .int32 && !target.isInert
                ? ofLabels(try labels(prediction, target)) : try ofDistributions(prediction, target)
        } catch {
            return LossElements(error.tensor, count: 0)
        }
    }

    private func labels(_ prediction: Tensor, _ target: Tensor) throws(ClassTargets.Refused) -> ClassTargets {
        try ClassTargets(label, prediction, target, axis: axis, weights: weights, ignoring: ignoring)
    }

    private func ofLabels(_ targets: ClassTargets) -> LossElements {
        let logarithms = targets.scores.logSoftmax()
        let rowWeights = targets.rowWeights
        var values = -targets.picked(from: logarithms)
        if weights != nil { values = values * Tensor(rowWeights) }
        if smoothing > 0 {
            let weighted = targets.weights.map { logarithms * $0 } ?? logarithms
            let spread = -targets.maskingIgnored(weighted.sum(axes: [1]))
            values = values * (1 - smoothing) + spread * (smoothing / Float(max(1, logarithms.shape[1])))
        }
        return LossElements(values.reshaped(targets.shape), count: rowWeights.reduce(0) { $0 + Double($1) })
    }

    private func ofDistributions(
        _ prediction: Tensor, _ target: Tensor
    ) throws(ClassTargets.Refused) -> LossElements {
        if prediction.isInert || target.isInert {
            throw ClassTargets.Refused(tensor: prediction.isInert ? prediction : target)
        }
        let index = axis < 0 ? axis + prediction.rank : axis
        guard prediction.elementType == .float32, prediction.shape == target.shape, index > 0, index < prediction.rank
        else {
            let problem =
                "predictions are \(prediction.elementType) \(prediction.shape) and targets \(target.elementType) "
                + "\(target.shape), expected float32 [batch, classes, ...] with int32 labels [batch, ...], or with "
                + "float32 probabilities of one shape, and the classes along axis \(axis)"
            throw ClassTargets.Refused(tensor: failed(label, problem))
        }
        let classes = prediction.shape[index]
        let weights = try ClassTargets.weights(label, weights, classes: classes)
        var shares = ClassTargets.rows(target, axis: index)
        if smoothing > 0 { shares = shares * (1 - smoothing) + smoothing / Float(max(1, classes)) }
        if let weights { shares = shares * weights }
        let logarithms = ClassTargets.rows(prediction, axis: index).logSoftmax()
        let values = -(shares * logarithms).sum(axes: [1])
        return LossElements(
            values.reshaped(prediction.shape.removing(axis: index)), count: Double(values.count))
    }
}
