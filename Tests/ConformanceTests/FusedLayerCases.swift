import Hone

/// The convolution, pooling or normalisation layer of a case, or nil when the kind is none of them.
func makeFusedLayer(_ kind: String, _ value: JSONValue) throws -> (any Module)? {
    func options(_ names: String...) throws -> Options { try Options(value, reading: names) }
    switch kind {
    case "Conv1d", "Conv2d":
        let options = try options(
            "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias",
            "padding_mode")
        let (inputs, outputs) = (try options.int("in_channels") ?? 0, try options.int("out_channels") ?? 0)
        let (kernel, stride) = (try options.extent("kernel_size", 1), try options.extent("stride", 1))
        let word = options["padding"].string
        let padding = word == "same" || word == "valid" ? 0 : try options.extent("padding", 0)
        let dilation = try options.extent("dilation", 1)
        let (groups, bias) = (try options.int("groups") ?? 1, try options.bool("bias", true))
        guard let mode = PaddingMode(rawValue: options["padding_mode"].string ?? "zeros") else {
            throw Skip.option("option padding_mode: \(options["padding_mode"].short)")
        }
        if kind == "Conv1d" {
            return Conv1d(
                inputs, outputs, kernel: kernel.width, stride: stride.width, padding: padding.width,
                dilation: dilation.width, groups: groups, bias: bias, paddingMode: mode, keepsLength: word == "same")
        }
        return Conv2d(
            inputs, outputs, kernel: kernel, stride: stride, padding: padding, dilation: dilation, groups: groups,
            bias: bias, paddingMode: mode, keepsSize: word == "same")
    case "ConvTranspose2d":
        let options = try options(
            "in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding", "dilation", "groups",
            "bias", "padding_mode")
        let mode = options["padding_mode"]
        guard mode.isNull || mode.string == "zeros" else { throw Skip.option("option padding_mode: \(mode.short)") }
        return try ConvTranspose2d(
            options.int("in_channels") ?? 0, options.int("out_channels") ?? 0,
            kernel: options.extent("kernel_size", 1), stride: options.extent("stride", 1),
            padding: options.extent("padding", 0), outputPadding: options.extent("output_padding", 0),
            dilation: options.extent("dilation", 1), groups: options.int("groups") ?? 1,
            bias: options.bool("bias", true))
    case "MaxPool2d":
        let options = try options("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
        let kernel = try options.extent("kernel_size", 1)
        return try MaxPool2d(
            kernel, stride: options.extent("stride", kernel), padding: options.extent("padding", 0),
            dilation: options.extent("dilation", 1), ceiling: options.bool("ceil_mode", false))
    case "AvgPool2d":
        let options = try options(
            "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")
        let kernel = try options.extent("kernel_size", 1)
        return try AvgPool2d(
            kernel, stride: options.extent("stride", kernel), padding: options.extent("padding", 0),
            ceiling: options.bool("ceil_mode", false), countsPadding: options.bool("count_include_pad", true),
            divisor: options.int("divisor_override"))
    case "MaxPool1d":
        let options = try options("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
        let kernel = try options.extent("kernel_size", 1)
        return try MaxPool1d(
            kernel.width, stride: options.extent("stride", kernel).width, padding: options.extent("padding", 0).width,
            dilation: options.extent("dilation", 1).width, ceiling: options.bool("ceil_mode", false))
    case "AvgPool1d":
        let options = try options("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
        let kernel = try options.extent("kernel_size", 1)
        return try AvgPool1d(
            kernel.width, stride: options.extent("stride", kernel).width, padding: options.extent("padding", 0).width,
            ceiling: options.bool("ceil_mode", false), countsPadding: options.bool("count_include_pad", true))
    case "AdaptiveAvgPool1d": return try AdaptiveAvgPool1d(options("output_size").extent("output_size", 1).width)
    case "AdaptiveMaxPool1d":
        return try AdaptiveMaxPool1d(
            options("output_size", "return_indices").extent("output_size", 1).width)
    case "AdaptiveAvgPool2d", "AdaptiveMaxPool2d":
        let options =
            try kind == "AdaptiveAvgPool2d" ? options("output_size") : options("output_size", "return_indices")
        var (height, width) = (options["output_size"][0].int, options["output_size"][1].int)
        if options["output_size"].array == nil {
            let both = try options.extent("output_size", 1)
            (height, width) = (both.height, both.width)
        }
        return kind == "AdaptiveAvgPool2d"
            ? AdaptiveAvgPool2d(height: height, width: width) : AdaptiveMaxPool2d(height: height, width: width)
    default: return try makeNormalization(kind, value)
    }
}

private func makeNormalization(_ kind: String, _ value: JSONValue) throws -> (any Module)? {
    func options(_ names: String...) throws -> Options { try Options(value, reading: names) }
    switch kind {
    case "BatchNorm1d", "BatchNorm2d":
        let options = try options("num_features", "eps", "momentum", "affine", "track_running_stats")
        let features = try options.int("num_features") ?? 0
        let epsilon = Float(try options.double("eps", 1e-5))
        // An explicit null asks for the plain mean; an absent option for the default.
        let isNull = value.object?["momentum"].map(\.isNull) ?? false
        let momentum = isNull ? nil : try options.double("momentum", 0.1)
        let (affine, tracks) = (try options.bool("affine", true), try options.bool("track_running_stats", true))
        return kind == "BatchNorm1d"
            ? BatchNorm1d(features, epsilon: epsilon, momentum: momentum, affine: affine, tracksStatistics: tracks)
            : BatchNorm2d(features, epsilon: epsilon, momentum: momentum, affine: affine, tracksStatistics: tracks)
    case "LayerNorm":
        let options = try options("normalized_shape", "eps", "elementwise_affine", "bias")
        return try LayerNorm(
            Shape(options.lengths("normalized_shape")), epsilon: Float(options.double("eps", 1e-5)),
            affine: options.bool("elementwise_affine", true), bias: options.bool("bias", true))
    case "RMSNorm":
        let options = try options("normalized_shape", "eps", "elementwise_affine")
        return try RMSNorm(
            Shape(options.lengths("normalized_shape")), epsilon: Float(options.double("eps", Double(Float.ulpOfOne))),
            affine: options.bool("elementwise_affine", true))
    case "InstanceNorm1d", "InstanceNorm2d":
        let options = try options("num_features", "eps", "momentum", "affine", "track_running_stats")
        let features = try options.int("num_features") ?? 0
        let epsilon = Float(try options.double("eps", 1e-5))
        // An explicit null leaves the statistics as they are.
        let isNull = value.object?["momentum"].map(\.isNull) ?? false
        let momentum = isNull ? 0 : Float(try options.double("momentum", 0.1))
        let (affine, tracks) = (try options.bool("affine", false), try options.bool("track_running_stats", false))
        return kind == "InstanceNorm1d"
            ? InstanceNorm1d(features, epsilon: epsilon, momentum: momentum, affine: affine, tracksStatistics: tracks)
            : InstanceNorm2d(features, epsilon: epsilon, momentum: momentum, affine: affine, tracksStatistics: tracks)
    case "GroupNorm":
        let options = try options("num_groups", "num_channels", "eps", "affine")
        return try GroupNorm(
            options.int("num_groups") ?? 1, options.int("num_channels") ?? 0,
            epsilon: Float(options.double("eps", 1e-5)), affine: options.bool("affine", true))
    default: return nil
    }
}

extension Options {
    /// A number for both directions, or one for each.
    fileprivate func extent(_ name: String, _ standard: Extent) throws -> Extent {
        if self[name].isNull { return standard }
        if let both = self[name].int { return Extent(both, both) }
        guard let values = self[name].ints, let first = values.first, values.count <= 2 else {
            throw Skip.option("option \(name): \(self[name].short)")
        }
        return Extent(first, values.last ?? first)
    }

    /// One length or several.
    fileprivate func lengths(_ name: String) throws -> [Int] {
        if let one = self[name].int { return [one] }
        return try ints(name) ?? []
    }
}

/// Runs a case of scaled dot-product attention: a function of three tensors and perhaps a mask.
func runAttentionCase(_ test: VectorCase, _ comparison: Comparison) throws {
    let options = try Options(test.config["options"], reading: ["is_causal", "scale", "dropout_p", "enable_gqa"])
    guard try options.double("dropout_p", 0) == 0 else { throw Skip.option("option dropout_p") }
    let scale = try options["scale"].isNull ? nil : Float(options.double("scale", 0))
    for (index, step) in (test.inputs["steps"].array ?? []).enumerated() {
        let arguments = step["args"].tensors
        guard let query = arguments["query"], let key = arguments["key"], let value = arguments["value"] else {
            throw Skip.option("arguments \(arguments.keys.sorted().joined(separator: ", "))")
        }
        let tape = Tape()
        try tape.record {
            var watched = ["query": tape.watch(query.tensor), "key": tape.watch(key.tensor)]
            watched["value"] = tape.watch(value.tensor)
            var mask = arguments["attn_mask"].map(\.tensor)
            if arguments["attn_mask"]?.type == "bool", let allowed = mask {
                mask = Tensor(allowed.scalars.map { $0 == 0 ? -.infinity : 0 }, shape: allowed.shape)
            } else if let float = mask {
                mask = tape.watch(float)
                watched["attn_mask"] = mask
            }
            let inputs = ["query", "key", "value"].compactMap { watched[$0] }
            let output = try Tensor.scaledDotProductAttention(
                query: inputs[0], key: inputs[1], value: inputs[2], mask: mask,
                isCausal: options.bool("is_causal", false), scale: scale,
                sharesKeys: options.bool("enable_gqa", false))
            try throwPendingTensorError()
            let expected = test.expected["steps"][index]
            try comparison.expect(["output": output], expected["outputs"], "step \(index) outputs")
            let seed = step["grad_outputs"].tensors["output"]?.tensor ?? Tensor.zeros(output.shape)
            let names = watched.keys.sorted()
            let slopes = try tape.gradients(of: output, for: names.compactMap { watched[$0] }, seed: seed)
            try comparison.expect(
                Dictionary(uniqueKeysWithValues: zip(names, slopes)), expected["input_grads"],
                "step \(index) input_grads")
        }
    }
}
