/// Outputs and labels, row by row.
enum RowsOfOutputs {
    /// The number of classes, once shapes and types have been checked.
    static func classes(_ prediction: Tensor, _ target: Tensor, metric: String) throws -> Int {
        try throwPendingTensorError()
        guard prediction.elementType == .float32, prediction.rank > 0, target.elementType == .int32,
            prediction.shape.removing(axis: -1) == target.shape
        else {
            throw TensorError(
                operation: metric,
                problem:
                    "predictions are \(prediction.elementType) \(prediction.shape) and targets \(target.elementType) "
                    + "\(target.shape), expected float32 [..., classes] and int32 [...]")
        }
        return prediction.shape[-1]
    }

    /// Calls `body` with the outputs and the label of each row that counts.
    static func forEach(
        _ prediction: Tensor, _ target: Tensor, _ classes: Int, _ ignoreIndex: Int?, metric: String,
        _ body: (_ outputs: UnsafeBufferPointer<Float>, _ label: Int) -> Void
    ) throws {
        let ignored = ignoreIndex.flatMap(Int32.init(exactly:))
        try prediction.withUnsafeFloats { outputs in
            try target.withUnsafeIntegers { labels in
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
