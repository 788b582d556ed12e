/// Outputs and labels, row by row.
struct RowsOfOutputs {
    /// The number of classes.
    let classes: Int
    /// `[..., classes]`
    private let outputs: Tensor
    /// `[...]`
    private let labels: Tensor
    private let metric: String

    /// Lays out outputs whose classes lie along `axis`, and labels of the other axes.
    ///
    /// - Throws: `TensorError` for shapes and types that do not fit.
    init(_ prediction: Tensor, _ target: Tensor, axis: Int, metric: String) throws {
        let index = try RowsOfOutputs.index(ofClasses: axis, prediction, target, metric: metric)
        classes = prediction.shape[index]
        let others = (0..<prediction.rank).filter { $0 != index }
        outputs = index == prediction.rank - 1 ? prediction : prediction.detached().permuted(others + [index])
        labels = target
        self.metric = metric
    }

    /// The axis of the classes, counted from the front, once shapes and types have been checked.
    static func index(ofClasses axis: Int, _ prediction: Tensor, _ target: Tensor, metric: String) throws -> Int {
        try throwPendingTensorError()
        let index = axis < 0 ? axis + prediction.rank : axis
        guard prediction.elementType == .float32, target.elementType == .int32, index >= 0, index < prediction.rank,
            prediction.shape.removing(axis: index) == target.shape
        else {
            throw TensorError(
                operation: metric,
                problem:
                    "predictions are \(prediction.elementType) \(prediction.shape) and targets \(target.elementType) "
                    + "\(target.shape), expected float32 with the classes along axis \(axis), and int32 of the other "
                    + "axes")
        }
        return index
    }

    /// Calls `body` with the outputs and the label of each row that counts.
    func forEach(
        ignoring ignoreIndex: Int?, _ body: (_ outputs: UnsafeBufferPointer<Float>, _ label: Int) -> Void
    ) throws {
        let ignored = ignoreIndex.flatMap(Int32.init(exactly:))
        try outputs.withUnsafeFloats { outputs in
            try labels.withUnsafeIntegers { labels in
                for (row, label) in labels.enumerated() where label != ignored {
                    guard label >= 0, Int(label) < classes else {
                        throw LabelError(operation: metric, label: Int(label), row: row, classes: classes)
                    }
                    body(UnsafeBufferPointer(rebasing: outputs[row * classes..<(row + 1) * classes]), Int(label))
                }
            }
        }
    }
}
