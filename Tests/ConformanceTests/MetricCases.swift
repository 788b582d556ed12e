import Hone

/// Runs a case of metrics.json: parts over the batches, added up and read once.
func runMetricCase(_ kind: String, _ test: VectorCase, _ comparison: Comparison) throws {
    let arguments = test.inputs["args"].tensors
    let sizes = test.config["batch_sizes"].ints ?? []
    switch kind {
    case "accuracy":
        let options = try Options(test.config["options"], reading: ["ignore_index"])
        guard let logits = arguments["logits"], let target = arguments["target"] else { throw Unmet("no arguments") }
        if let ignored = try options.int("ignore_index"), target.data.contains(Double(ignored)) {
            throw Skip.option("option ignore_index: \(ignored)")
        }
        guard logits.shape.count == 2 else { throw Skip.option("logits of \(logits.shape.count) axes") }
        let state = try accumulated(Accuracy(), logits.tensor, target.tensor, sizes)
        let results: [String: JSONValue] = [
            "value": .number(state.value), "correct": .number(state.sum), "count": .number(state.count),
        ]
        try comparison.expect(.object(results), test.expected, "expected")
    default:
        throw Skip.unknownKind(kind)
    }
}

/// A metric's state over all batches of the given sizes.
private func accumulated<M: Metric>(
    _ metric: M, _ prediction: Tensor, _ target: Tensor, _ sizes: [Int]
) throws -> M.State {
    var start = 0
    var state: M.State?
    for size in sizes where size >= 0 {
        let rows = (start..<start + size).map { Int32($0) }
        let part = try metric.measure(prediction.rows(rows), target.rows(rows))
        state = state.map { $0 + part } ?? part
        start += size
    }
    guard let state, start == prediction.shape[0] else { throw Unmet("the batches do not make the whole") }
    return state
}
