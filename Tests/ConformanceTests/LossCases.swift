import Hone

/// Runs a case of losses.json: value and gradients for each way of reduction.
///
/// Losses here give a sum and a count. What torch calls `none` is the sum over one sample (one element, where the loss
/// is of elements) at a time.
func runLossCase(_ kind: String, _ test: VectorCase, _ comparison: Comparison) throws {
    let arguments = test.inputs["args"].tensors
    guard let input = arguments["input"], let target = arguments["target"] else { throw Unmet("no input or target") }
    let setup = try makeLoss(kind, test.config["options"], input, target)
    if let name = arguments.keys.sorted().first(where: { $0 != "input" && $0 != "target" }) {
        throw Skip.option("argument \(name)")
    }
    for (reduction, expected) in (test.expected.object ?? [:]).sorted(by: { $0.key < $1.key }) {
        let tape = Tape()
        try tape.record {
            let tensors = ["input": tape.watch(input.tensor), "target": tape.watch(target.tensor)]
            guard let x = tensors["input"], let y = tensors["target"] else { return }
            let names = (expected["input_grads"].object ?? [:]).keys.sorted()
            let watched = names.compactMap { tensors[$0] }
            guard watched.count == names.count else { throw Unmet("gradients of \(names)") }
            let total: Tensor
            var value: Tensor?
            switch reduction {
            case "sum": total = setup.loss.evaluate(x, y).sum
            case "mean": total = setup.loss(x, y)
            case "none":
                guard let weights = VectorTensor(test.inputs["grad_output_none"]) else { throw Unmet("no weights") }
                let parts = setup.parts(x, y)
                guard parts.count == weights.data.count else { throw Unmet("\(parts.count) losses of single samples") }
                total = zip(parts, weights.data).reduce(Tensor(0)) { $0 + $1.0 * Float($1.1) }
                value = Tensor(parts.map { $0.item() }, shape: Shape(weights.shape))
            default:
                throw Skip.option("reduction \(reduction)")
            }
            try throwPendingTensorError()
            try comparison.expect(["value": value ?? total], .object(["value": expected["value"]]), reduction)
            let slopes = try tape.gradients(of: total, for: watched)
            try comparison.expect(
                Dictionary(uniqueKeysWithValues: zip(names, slopes)), expected["input_grads"],
                "\(reduction) input_grads")
        }
    }
}

/// A loss, and how a batch of its is cut into single samples.
private struct LossSetup {
    let loss: any Loss
    /// Whether the loss is of single elements rather than of rows.
    let isElementwise: Bool

    func parts(_ x: Tensor, _ y: Tensor) -> [Tensor] {
        let (x, y) = isElementwise ? (x.flattened(), y.flattened()) : (x, y)
        return (0..<x.shape[0]).map { loss.evaluate(x.rows([Int32($0)]), y.rows([Int32($0)])).sum }
    }
}

private func makeLoss(_ kind: String, _ value: JSONValue, _ input: VectorTensor, _ target: VectorTensor) throws
    -> LossSetup
{
    switch kind {
    case "CrossEntropyLoss":
        let options = try Options(value, reading: ["label_smoothing", "ignore_index"])
        let smoothing = try options.double("label_smoothing", 0)
        if smoothing != 0 { throw Skip.option("option label_smoothing: \(smoothing)") }
        if target.type == "f32" { throw Skip.option("class probabilities as targets") }
        let ignored = try options.int("ignore_index") ?? -100
        if target.data.contains(Double(ignored)) { throw Skip.option("option ignore_index: \(ignored)") }
        guard input.shape.count == 2 else { throw Skip.option("predictions of \(input.shape.count) axes") }
        return LossSetup(loss: CrossEntropy(), isElementwise: false)
    case "MSELoss":
        _ = try Options(value, reading: [])
        guard input.shape == target.shape else { throw Skip.option("targets of another shape") }
        return LossSetup(loss: MeanSquaredError(), isElementwise: true)
    default:
        throw Skip.unknownKind(kind)
    }
}
