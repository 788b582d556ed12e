/// Classes that a model has answered and those that were right, as counting metrics read them.
struct ClassPredictions {
    /// Answer and label of each sample that counts.
    let pairs: [(answer: Int, label: Int)]

    /// The number of classes that the prediction or the metric states; nil when none does.
    let classes: Int?

    /// More classes than this are taken for a mistake, lest one strange label take all memory.
    static let maximumClasses = 1 << 20

    /// Reads a batch.
    ///
    /// - Parameters:
    ///   - prediction: outputs (float32), of which the largest along `axis` answers, or answers `[samples, ...]` (int32).
    ///   - target: labels `[samples, ...]` (int32).
    ///   - classes: how many classes there are, when that is stated.
    ///   - ignoreIndex: the label of samples that do not count.
    ///   - axis: along which axis of the outputs the classes lie.
    /// - Throws: `TensorError` for shapes and types that do not fit, `LabelError` for a label outside the classes.
    init(_ prediction: Tensor, _ target: Tensor, classes: Int?, ignoreIndex: Int?, axis: Int, metric: String) throws {
        var (answers, outputs) = (prediction, Int?.none)
        if prediction.elementType == .float32 {
            let index = try RowsOfOutputs.index(ofClasses: axis, prediction, target, metric: metric)
            answers = prediction.argmax(axis: index)
            outputs = prediction.shape[index]
        }
        try throwPendingTensorError()
        guard target.elementType == .int32, answers.shape == target.shape else {
            throw TensorError(
                operation: metric,
                problem:
                    "predictions are \(prediction.elementType) \(prediction.shape) and targets \(target.elementType) "
                    + "\(target.shape), expected int32 of one shape")
        }
        if let outputs, let classes, outputs != classes {
            throw TensorError(operation: metric, problem: "outputs are of \(outputs) classes, expected \(classes)")
        }
        let stated = classes ?? outputs
        let limit = stated ?? ClassPredictions.maximumClasses
        let (found, labels) = (answers.integers, target.integers)
        var pairs: [(answer: Int, label: Int)] = []
        pairs.reserveCapacity(labels.count)
        let ignored = ignoreIndex.flatMap(Int32.init(exactly:))
        for row in labels.indices where labels[row] != ignored {
            let (answer, label) = (Int(found[row]), Int(labels[row]))
            guard answer >= 0, answer < limit, label >= 0, label < limit else {
                let odd = label >= 0 && label < limit ? answer : label
                throw LabelError(operation: metric, label: odd, row: row, classes: limit)
            }
            pairs.append((answer, label))
        }
        self.pairs = pairs
        self.classes = stated
    }
}
