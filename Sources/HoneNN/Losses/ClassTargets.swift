import HoneTensor

/// Predictions of classes and their labels, checked, and laid out as rows.
struct ClassTargets {
    /// The inert tensor of a mistake that was reported.
    struct Refused: Error {
        let tensor: Tensor
    }

    /// `[rows, classes]`
    let scores: Tensor
    /// `[rows]`, each within the classes or ignored.
    let labels: Tensor
    /// The shape of the targets.
    let shape: Shape
    /// `[classes]`, or nil.
    let weights: Tensor?
    private let ignored: Int?

    /// Whether a prediction `[classes]` is of a single sample, without a batch.
    static func isSingle(_ prediction: Tensor, _ target: Tensor) -> Bool {
        !prediction.isInert && !target.isInert && prediction.rank == 1
            && target.rank == (target.elementType == .int32 ? 0 : 1)
    }

    /// Lays out predictions `[batch, classes, ...]` and labels `[batch, ...]`.
    ///
    /// - Throws: ``Refused`` when something does not fit, or is inert.
    init(
        _ loss: @autoclosure () -> String, _ prediction: Tensor, _ target: Tensor, axis: Int, weights: [Float]?,
        ignoring: Int?
    ) throws(Refused) {
        if prediction.isInert || target.isInert { throw Refused(tensor: prediction.isInert ? prediction : target) }
        let rank = prediction.rank
        let index = axis < 0 ? axis + rank : axis
        guard prediction.elementType == .float32, rank >= 2, index > 0, index < rank else {
            let problem =
                "predictions are \(prediction.elementType) \(prediction.shape), expected float32 [batch, classes, ...] "
                + "with the classes along axis \(axis)"
            throw Refused(tensor: failed(loss(), problem))
        }
        let classes = prediction.shape[index]
        guard target.elementType == .int32, ClassTargets.fit(target, prediction, index) else {
            let problem =
                "targets are \(target.elementType) \(target.shape), expected int32 "
                + "\(prediction.shape.removing(axis: index)) for predictions \(prediction.shape)"
            throw Refused(tensor: failed(loss(), problem))
        }
        let bad = target.withUnsafeIntegers { labels in
            labels.firstIndex { !(0..<classes).contains(Int($0)) && Int($0) != ignoring }.map { ($0, Int(labels[$0])) }
        }
        if let (place, label) = bad {
            let row = place / max(1, target.count / target.shape[0])
            throw Refused(tensor: failed(LabelError(operation: loss(), label: label, row: row, classes: classes)))
        }
        self.weights = try ClassTargets.weights(loss(), weights, classes: classes)
        scores = ClassTargets.rows(prediction, axis: index)
        labels = target.rank == 1 ? target : target.reshaped([target.count])
        shape = target.shape
        ignored = ignoring
    }

    /// Whether the labels have the prediction's shape without the classes' axis.
    private static func fit(_ target: Tensor, _ prediction: Tensor, _ axis: Int) -> Bool {
        target.rank == prediction.rank - 1
            && (0..<target.rank).allSatisfy { target.shape[$0] == prediction.shape[$0 < axis ? $0 : $0 + 1] }
    }

    /// The weights as a tensor, if there are as many as classes.
    static func weights(
        _ loss: @autoclosure () -> String, _ weights: [Float]?, classes: Int
    ) throws(Refused) -> Tensor? {
        guard let weights else { return nil }
        guard weights.count == classes else {
            let problem = "there are \(weights.count) weights, expected one for each of \(classes) classes"
            throw Refused(tensor: failed(loss(), problem))
        }
        return Tensor(weights, shape: [classes])
    }

    /// `[batch, classes, ...] -> [rows, classes]`
    static func rows(_ x: Tensor, axis: Int) -> Tensor {
        let classes = x.shape[axis]
        if axis == x.rank - 1 { return x.rank == 2 ? x : x.reshaped([x.count / max(1, classes), classes]) }
        let others = (0..<x.rank).filter { $0 != axis }
        return x.permuted(others + [axis]).reshaped([x.count / max(1, classes), classes])
    }

    /// The weight of each row's label; 0 where it is ignored.
    var rowWeights: [Float] {
        let weights = weights?.scalars
        return labels.integers.map { label in
            Int(label) == ignored ? 0 : weights?[Int(label)] ?? 1
        }
    }

    /// Each row's element of `values`, `[rows, classes]`, at the label; 0 where it is ignored.
    func picked(from values: Tensor) -> Tensor {
        let places = labels.integers
        let isComplete = !places.contains { Int($0) == ignored }
        let safe = isComplete ? labels : Tensor(places.map { Int($0) == ignored ? 0 : $0 })
        let chosen = values.gather(axis: 1, indices: safe.reshaped([safe.count, 1])).reshaped(labels.shape)
        return isComplete ? chosen : maskingIgnored(chosen)
    }

    /// `[rows]` with 0 where the label is ignored.
    func maskingIgnored(_ values: Tensor) -> Tensor {
        guard let ignored else { return values }
        let places = labels.integers
        guard places.contains(where: { Int($0) == ignored }) else { return values }
        return values.maskedFill(Tensor(places.map { Int($0) == ignored ? 1 : 0 } as [Int32]), 0)
    }
}

extension LossElements {
    /// The loss of a single sample that was evaluated as a batch of one.
    func ofSingle() -> LossElements { LossElements(values.squeezed(axis: 0), count: count) }
}
