import Hone

/// Runs a case of layers.json: outputs, gradients of input and parameters, and buffers, step after step.
func runLayerCase(_ kind: String, _ test: VectorCase, _ comparison: Comparison) throws {
    if kind == "ScaledDotProductAttention" { return try runAttentionCase(test, comparison) }
    if sequenceKinds.contains(kind) { return try runSequenceCase(kind, test, comparison) }
    let steps = test.inputs["steps"].array ?? []
    let isTraining = test.config["mode"].string != "eval"
    let ranks = steps.map { $0["args"]["input"]["shape"].array?.count ?? 0 }
    let layer = try makeLayer(kind, test.config["options"], isTraining: isTraining, rank: ranks.first ?? 0)
    if !test.config["call"].isNull { throw Skip.option("call: \(test.config["call"].short)") }
    let state = [test.inputs["params"], test.inputs["buffers"]].flatMap { value in
        value.tensors.map { (name: $0.key, value: $0.value.tensor) }
    }
    try layer.load(StateDictionary(state))
    isTraining ? layer.train() : layer.eval()
    let arena = ParameterArena.adopt(layer, seed: 0)
    for (index, step) in steps.enumerated() {
        let arguments = step["args"].tensors
        guard let input = arguments["input"], arguments.count == 1 else {
            throw Skip.option("arguments \(arguments.keys.sorted().joined(separator: ", "))")
        }
        let expected = test.expected["steps"][index]
        arena.zeroGradients()
        let tape = Tape()
        try tape.record {
            let x = input.type == "f32" ? tape.watch(input.tensor) : input.tensor
            let outputs = try layerOutputs(layer, x, test.config["options"]["return_indices"].bool ?? false)
            try throwPendingTensorError()
            try comparison.expect(outputs, expected["outputs"], "step \(index) outputs")
            guard let output = outputs["output"] else { return }
            let seed = step["grad_outputs"].tensors["output"]?.tensor ?? Tensor.zeros(output.shape)
            if output.isTracked {
                let slopes = try tape.gradients(of: output, for: input.type == "f32" ? [x] : [], seed: seed)
                let named = slopes.first.map { ["input": $0] } ?? [:]
                try comparison.expect(named, expected["input_grads"], "step \(index) input_grads")
            }
        }
        let slopes = layer.parameters.map { ($0.name, $0.parameter.gradient) }
        try comparison.expect(
            Dictionary(uniqueKeysWithValues: slopes), expected["param_grads"], "step \(index) param_grads")
        let buffers = layer.buffers.map { ($0.name, $0.buffer.value) }
        try comparison.expect(Dictionary(uniqueKeysWithValues: buffers), expected["buffers"], "step \(index) buffers")
    }
}

/// The output of a layer of one input, and the indices of a pooling when they are asked for.
private func layerOutputs(_ layer: any Module, _ x: Tensor, _ withIndices: Bool) throws -> [String: Tensor] {
    guard withIndices else { return ["output": layer(x)] }
    let result: (values: Tensor, indices: Tensor)
    switch layer {
    case let pool as MaxPool1d: result = pool.withIndices(x)
    case let pool as MaxPool2d: result = pool.withIndices(x)
    case let pool as AdaptiveMaxPool1d: result = pool.withIndices(x)
    case let pool as AdaptiveMaxPool2d: result = pool.withIndices(x)
    default: throw Skip.option("option return_indices: true")
    }
    return ["output": result.values, "indices": result.indices]
}

/// The layer of a case; its values are loaded afterwards.
func makeLayer(_ kind: String, _ value: JSONValue, isTraining: Bool, rank: Int) throws -> any Module {
    func options(_ names: String...) throws -> Options { try Options(value, reading: names + ["inplace"]) }
    switch kind {
    case "Linear":
        let options = try options("in_features", "out_features", "bias")
        return try Linear(
            options.int("in_features") ?? 0, options.int("out_features") ?? 0, bias: options.bool("bias", true))
    case "Bilinear":
        let options = try options("in1_features", "in2_features", "out_features", "bias")
        return try Bilinear(
            options.int("in1_features") ?? 0, options.int("in2_features") ?? 0, options.int("out_features") ?? 0,
            bias: options.bool("bias", true))
    case "ReLU":
        _ = try options()
        return ReLU()
    case "Embedding":
        let options = try options(
            "num_embeddings", "embedding_dim", "padding_idx", "max_norm", "norm_type", "scale_grad_by_freq", "sparse")
        // Gradients of PyTorch's sparse kind have the same values.
        _ = try options.bool("sparse", false)
        return try Embedding(
            options.int("num_embeddings") ?? 0, options.int("embedding_dim") ?? 0,
            paddingIndex: options.int("padding_idx"),
            longest: options["max_norm"].isNull ? nil : Float(options.double("max_norm", 0)),
            power: Float(options.double("norm_type", 2)), dividesByUse: options.bool("scale_grad_by_freq", false))
    case "Flatten":
        let options = try options("start_dim", "end_dim")
        return try Flatten(from: options.int("start_dim") ?? 1, through: options.int("end_dim") ?? -1)
    case "Unflatten":
        let options = try options("dim", "unflattened_size")
        return try Unflatten(options.int("dim") ?? 1, Shape(options.ints("unflattened_size") ?? []))
    case "Identity": return Identity()
    case "Dropout", "Dropout1d", "Dropout2d":
        let probability = try options("p").double("p", 0.5)
        if isTraining, probability > 0, probability < 1 { throw Skip.option("option p: \(probability), in training") }
        switch kind {
        case "Dropout1d": return Dropout1d(Float(probability))
        case "Dropout2d": return Dropout2d(Float(probability))
        default: return Dropout(Float(probability))
        }
    case "Softmax", "LogSoftmax":
        let axis = try options("dim").int("dim") ?? ([0, 1, 3].contains(rank) ? 0 : 1)
        return kind == "Softmax" ? Softmax(axis: axis) : LogSoftmax(axis: axis)
    default:
        if let layer = try makeFusedLayer(kind, value) ?? makeActivation(kind, value) { return layer }
        throw Skip.unknownKind(kind)
    }
}
