import Hone

/// The kinds whose layers have several arguments and outputs.
let sequenceKinds: Set<String> = [
    "MultiheadAttention", "RNN", "LSTM", "GRU", "TransformerEncoderLayer", "TransformerDecoderLayer",
]

/// Runs a case of a recurrent layer or an attention.
func runSequenceCase(_ kind: String, _ test: VectorCase, _ comparison: Comparison) throws {
    let layer = try makeSequenceLayer(kind, test.config["options"], isTraining: test.config["mode"].string != "eval")
    // PyTorch's `is_causal` only says what the mask, which must be there, does.
    let call = try Options(test.config["call"], reading: ["need_weights", "average_attn_weights", "is_causal"])
    let state = test.inputs["params"].tensors.map { (name: $0.key, value: $0.value.tensor) }
    try layer.load(StateDictionary(state))
    test.config["mode"].string != "eval" ? layer.train() : layer.eval()
    let arena = ParameterArena.adopt(layer, seed: 0)
    for (index, step) in (test.inputs["steps"].array ?? []).enumerated() {
        let expected = test.expected["steps"][index]
        arena.zeroGradients()
        let tape = Tape()
        try tape.record {
            let arguments = step["args"].tensors.mapValues { $0.type == "f32" ? tape.watch($0.tensor) : $0.tensor }
            let outputs = try sequenceOutputs(layer, arguments, call)
            try throwPendingTensorError()
            try comparison.expect(outputs, expected["outputs"], "step \(index) outputs")
            var sum = Tensor(0)
            for (name, slope) in step["grad_outputs"].tensors {
                guard let output = outputs[name] else { throw Unmet("step \(index) has no output \(name)") }
                sum = sum + (output * slope.tensor).sum()
            }
            let watched = arguments.filter { $0.value.elementType == .float32 }.sorted { $0.key < $1.key }
            let slopes = try tape.gradients(of: sum, for: watched.map(\.value))
            try comparison.expect(
                Dictionary(uniqueKeysWithValues: zip(watched.map(\.key), slopes)), expected["input_grads"],
                "step \(index) input_grads")
        }
        let slopes = layer.parameters.map { ($0.name, $0.parameter.gradient) }
        try comparison.expect(
            Dictionary(uniqueKeysWithValues: slopes), expected["param_grads"], "step \(index) param_grads")
    }
}

private func sequenceOutputs(
    _ layer: any Module, _ arguments: [String: Tensor], _ call: Options
) throws -> [String: Tensor] {
    func known(_ names: Set<String>) throws {
        if let name = arguments.keys.first(where: { !names.contains($0) }) { throw Skip.option("argument \(name)") }
    }
    if let layer = layer as? RecurrentLayer, let input = arguments["input"] {
        try known(["input", "h_0", "c_0"])
        let state = arguments["h_0"].map { RecurrentState(hidden: $0, cell: arguments["c_0"]) }
        let result = layer(input, state: state)
        var outputs = ["output": result.output, "h_n": result.state.hidden]
        outputs["c_n"] = result.state.cell
        return outputs
    }
    if let layer = layer as? TransformerEncoderLayer, let input = arguments["src"] {
        try known(["src", "src_mask", "src_key_padding_mask"])
        return [
            "output": layer(input, mask: arguments["src_mask"], keyPadding: arguments["src_key_padding_mask"])
        ]
    }
    if let layer = layer as? TransformerDecoderLayer, let target = arguments["tgt"], let memory = arguments["memory"] {
        try known([
            "tgt", "memory", "tgt_mask", "memory_mask", "tgt_key_padding_mask", "memory_key_padding_mask",
        ])
        let masks = TransformerMasks(
            target: arguments["tgt_mask"], memory: arguments["memory_mask"],
            targetPadding: arguments["tgt_key_padding_mask"], memoryPadding: arguments["memory_key_padding_mask"])
        return ["output": layer(target, memory: memory, masks: masks)]
    }
    try known(["query", "key", "value", "attn_mask", "key_padding_mask"])
    guard let layer = layer as? MultiheadAttention, let query = arguments["query"], let key = arguments["key"],
        let value = arguments["value"]
    else { throw Skip.option("arguments \(arguments.keys.sorted().joined(separator: ", "))") }
    let (mask, padding) = (arguments["attn_mask"], arguments["key_padding_mask"])
    guard try call.bool("need_weights", false) else {
        return ["output": layer(query: query, key: key, value: value, mask: mask, keyPadding: padding)]
    }
    let (output, weights) = try layer.withWeights(
        query: query, key: key, value: value, mask: mask, keyPadding: padding,
        averaged: call.bool("average_attn_weights", true))
    return ["output": output, "attn_weights": weights]
}

func makeSequenceLayer(_ kind: String, _ value: JSONValue, isTraining: Bool) throws -> any Module {
    if kind.hasPrefix("Transformer") { return try makeTransformerLayer(kind, value, isTraining: isTraining) }
    if kind == "MultiheadAttention" {
        let options = try Options(
            value,
            reading: [
                "embed_dim", "num_heads", "dropout", "bias", "add_bias_kv", "add_zero_attn", "kdim", "vdim",
                "batch_first",
            ])
        let dropout = try options.double("dropout", 0)
        if isTraining, dropout > 0 { throw Skip.option("option dropout: \(dropout), in training") }
        return try MultiheadAttention(
            options.int("embed_dim") ?? 0, heads: options.int("num_heads") ?? 0, dropout: Float(dropout),
            bias: options.bool("bias", true), addsKeyBias: options.bool("add_bias_kv", false),
            addsZeroKey: options.bool("add_zero_attn", false), keyFeatures: options.int("kdim"),
            valueFeatures: options.int("vdim"), batchFirst: options.bool("batch_first", false))
    }
    let options = try Options(
        value,
        reading: [
            "input_size", "hidden_size", "num_layers", "nonlinearity", "bias", "batch_first", "dropout",
            "bidirectional", "proj_size",
        ])
    let (inputs, hidden) = (try options.int("input_size") ?? 0, try options.int("hidden_size") ?? 0)
    let (layers, dropout) = (try options.int("num_layers") ?? 1, Float(try options.double("dropout", 0)))
    let (bias, batchFirst) = (try options.bool("bias", true), try options.bool("batch_first", false))
    let bidirectional = try options.bool("bidirectional", false)
    if isTraining, dropout > 0, layers > 1 { throw Skip.option("option dropout: \(dropout), in training") }
    let projection = try options.int("proj_size") ?? 0
    if projection != 0, kind != "LSTM" { throw Skip.option("option proj_size: \(projection)") }
    switch kind {
    case "LSTM":
        return LSTM(
            inputs, hidden, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
            bidirectional: bidirectional, projection: projection)
    case "GRU":
        return GRU(
            inputs, hidden, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
            bidirectional: bidirectional)
    default:
        let activation = options["nonlinearity"].string ?? "tanh"
        guard ["tanh", "relu"].contains(activation) else { throw Skip.option("option nonlinearity: \(activation)") }
        return RNN(
            inputs, hidden, layers: layers, activation: activation == "relu" ? .relu : .tanh, bias: bias,
            batchFirst: batchFirst, dropout: dropout, bidirectional: bidirectional)
    }
}

private func makeTransformerLayer(_ kind: String, _ value: JSONValue, isTraining: Bool) throws -> any Module {
    let options = try Options(
        value,
        reading: [
            "d_model", "nhead", "dim_feedforward", "dropout", "activation", "layer_norm_eps", "batch_first",
            "norm_first", "bias",
        ])
    let (features, heads) = (try options.int("d_model") ?? 0, try options.int("nhead") ?? 0)
    let (width, dropout) = (try options.int("dim_feedforward") ?? 2048, Float(try options.double("dropout", 0.1)))
    let epsilon = Float(try options.double("layer_norm_eps", 1e-5))
    let (normFirst, bias) = (try options.bool("norm_first", false), try options.bool("bias", true))
    let batchFirst = try options.bool("batch_first", false)
    let name = options["activation"].string ?? "relu"
    if isTraining, dropout > 0 { throw Skip.option("option dropout: \(dropout), in training") }
    guard ["relu", "gelu"].contains(name) else { throw Skip.option("option activation: \(name)") }
    let activation: TransformerActivation = name == "relu" ? .relu : .gelu
    if kind == "TransformerEncoderLayer" {
        return TransformerEncoderLayer(
            features, heads: heads, feedForward: width, dropout: dropout, activation: activation, epsilon: epsilon,
            normFirst: normFirst, bias: bias, batchFirst: batchFirst)
    }
    return TransformerDecoderLayer(
        features, heads: heads, feedForward: width, dropout: dropout, activation: activation, epsilon: epsilon,
        normFirst: normFirst, bias: bias, batchFirst: batchFirst)
}
