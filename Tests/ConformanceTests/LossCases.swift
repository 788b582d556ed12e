import Hone

/// Runs a case of losses.json: value and gradients for each way of reduction.
func runLossCase(_ kind: String, _ test: VectorCase, _ comparison: Comparison) throws {
    let arguments = test.inputs["args"].tensors
    guard let input = arguments["input"], let target = arguments["target"] else { throw Unmet("no input or target") }
    for (reduction, expected) in (test.expected.object ?? [:]).sorted(by: { $0.key < $1.key }) {
        let loss = try makeLoss(kind, test.config["options"], arguments, isBatchMean: reduction == "batchmean")
        let tape = Tape()
        try tape.record {
            let tensors = ["input": tape.watch(input.tensor), "target": tape.watch(target.tensor)]
            guard let x = tensors["input"], let y = tensors["target"] else { return }
            let names = (expected["input_grads"].object ?? [:]).keys.sorted()
            let watched = names.compactMap { tensors[$0] }
            guard watched.count == names.count else { throw Unmet("gradients of \(names)") }
            let value = try loss(x, y, reduction: way(reduction))
            try throwPendingTensorError()
            try comparison.expect(["value": value], .object(["value": expected["value"]]), reduction)
            let seed = reduction == "none" ? VectorTensor(test.inputs["grad_output_none"])?.tensor : Tensor(1)
            let slopes = try tape.gradients(of: value, for: watched, seed: seed)
            try comparison.expect(
                Dictionary(uniqueKeysWithValues: zip(names, slopes)), expected["input_grads"],
                "\(reduction) input_grads")
        }
    }
}

private func way(_ name: String) throws -> Reduction {
    if name == "batchmean" { return .mean }
    guard let reduction = Reduction(rawValue: name) else { throw Skip.option("reduction \(name)") }
    return reduction
}

/// The loss of a case. Every argument but input and target is one of its.
private func makeLoss(
    _ kind: String, _ value: JSONValue, _ arguments: [String: VectorTensor], isBatchMean: Bool
) throws -> any Loss {
    func options(_ names: [String], arguments known: [String] = []) throws -> Options {
        for name in arguments.keys.sorted() where !(known + ["input", "target"]).contains(name) {
            throw Skip.option("argument \(name)")
        }
        return try Options(value, reading: names)
    }
    let classWeights = arguments["weight"]?.data.map { Float($0) }
    switch kind {
    case "CrossEntropyLoss":
        let options = try options(["label_smoothing", "ignore_index"], arguments: ["weight"])
        return try CrossEntropy(
            weights: classWeights, smoothing: Float(options.double("label_smoothing", 0)),
            ignoring: options.int("ignore_index") ?? -100)
    case "NLLLoss":
        let options = try options(["ignore_index"], arguments: ["weight"])
        return try NegativeLogLikelihood(weights: classWeights, ignoring: options.int("ignore_index") ?? -100)
    case "SoftmaxFocalLoss":
        return try Focal(
            gamma: Float(options(["gamma"], arguments: ["weight"]).double("gamma", 2)), weights: classWeights)
    case "SigmoidFocalLoss":
        let options = try options(["gamma", "alpha"])
        let isNull = value.object?["alpha"].map(\.isNull) ?? false
        return try BinaryFocal(
            gamma: Float(options.double("gamma", 2)), alpha: isNull ? nil : Float(options.double("alpha", 0.25)))
    case "BCEWithLogitsLoss":
        _ = try options([], arguments: ["weight", "pos_weight"])
        return BinaryCrossEntropyWithLogits(
            weights: arguments["weight"]?.tensor, positiveWeights: arguments["pos_weight"]?.tensor)
    case "BCELoss":
        _ = try options([], arguments: ["weight"])
        return BinaryCrossEntropy(weights: arguments["weight"]?.tensor)
    case "MSELoss":
        _ = try options([])
        return MeanSquaredError()
    case "L1Loss":
        _ = try options([])
        return MeanAbsoluteError()
    case "SmoothL1Loss": return try SmoothL1(beta: Float(options(["beta"]).double("beta", 1)))
    case "HuberLoss": return try Huber(delta: Float(options(["delta"]).double("delta", 1)))
    case "KLDivLoss":
        let options = try options(["log_target"])
        return try KLDivergence(logTarget: options.bool("log_target", false), mean: isBatchMean ? .batch : .elements)
    default:
        throw Skip.unknownKind(kind)
    }
}
