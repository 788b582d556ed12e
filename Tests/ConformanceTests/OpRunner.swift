import Hone

/// Runs a case of ops.json: the outputs, and the gradients of all arguments of floats.
func runOpCase(_ kind: String, _ test: VectorCase, _ comparison: Comparison) throws {
    let arguments = test.inputs["args"].tensors
    let seeds = test.inputs["grad_outputs"].tensors
    let floats = arguments.filter { $0.value.type == "f32" }.keys.sorted()
    let tape = Tape()
    try tape.record {
        let tensors = arguments.mapValues { tape.watch($0.tensor) }
        let operation = Op(kind: kind, attributes: test.config["attrs"], arguments: tensors)
        let outputs = try operation.outputs()
        try throwPendingTensorError()
        try comparison.expect(outputs, test.expected["outputs"], "outputs")
        if seeds.isEmpty { return }
        // What is differentiated is the sum of the outputs, each weighted by the gradient that the case gives for it.
        var total = Tensor(Float(0))
        for (name, seed) in seeds.sorted(by: { $0.key < $1.key }) {
            guard let output = outputs[name] else { throw Unmet("the output \(name) is missing") }
            total = total + (output * seed.tensor).sum()
        }
        let slopes = try tape.gradients(of: total, for: floats.compactMap { tensors[$0] })
        try comparison.expect(
            Dictionary(uniqueKeysWithValues: zip(floats, slopes)), test.expected["input_grads"], "input_grads")
    }
}

/// One use of an operation.
struct Op {
    let kind: String
    let attributes: JSONValue
    let arguments: [String: Tensor]

    func argument(_ name: String) throws -> Tensor {
        guard let tensor = arguments[name] else { throw Unmet("the argument \(name) is missing") }
        return tensor
    }

    func options(_ names: String...) throws -> Options { try Options(attributes, reading: names) }

    func outputs() throws -> [String: Tensor] {
        if let result = try ofTwo() ?? ofOne() ?? reduced() ?? rearranged() ?? indexed() { return ["output": result] }
        if let results = try severalOutputs() { return results }
        throw Skip.unknownKind(kind)
    }

    private func ofTwo() throws -> Tensor? {
        if kind == "einsum" {
            let equation = try options("equation")["equation"].string ?? ""
            return try .einsum(equation, argument("a"), argument("b"))
        }
        let functions: [String: (Tensor, Tensor) -> Tensor] = [
            "add": { $0 + $1 }, "sub": { $0 - $1 }, "mul": { $0 * $1 }, "div": { $0 / $1 },
            "maximum": { $0.maximum($1) }, "minimum": { $0.minimum($1) }, "pow": { $0.power($1) },
            "matmul": { $0.matmul($1) }, "less": { $0 .< $1 }, "less_equal": { $0 .<= $1 }, "greater": { $0 .> $1 },
            "greater_equal": { $0 .>= $1 }, "equal": { $0 .== $1 }, "not_equal": { $0 .!= $1 },
        ]
        guard let function = functions[kind] else { return nil }
        _ = try options()
        return try function(argument("a"), argument("b"))
    }

    private func ofOne() throws -> Tensor? {
        let functions: [String: (Tensor) -> Tensor] = [
            "neg": { -$0 }, "exp": { $0.exp() }, "log": { $0.log() }, "log1p": { $0.log1p() },
            "expm1": { $0.expm1() }, "sqrt": { $0.sqrt() }, "rsqrt": { $0.rsqrt() }, "abs": { $0.abs() },
            "square": { $0.square() }, "reciprocal": { $0.reciprocal() }, "sin": { $0.sin() }, "cos": { $0.cos() },
            "tanh": { $0.tanh() }, "sigmoid": { $0.sigmoid() }, "erf": { $0.erf() },
        ]
        if let function = functions[kind] {
            _ = try options()
            return try function(argument("x"))
        }
        switch kind {
        case "pow_scalar":
            return try argument("x").power(Float(options("exponent").double("exponent", .nan)))
        case "clamp":
            let options = try options("min", "max")
            return try argument("x").clamped(
                Float(options.double("min", -.infinity)), Float(options.double("max", .infinity)))
        default:
            return nil
        }
    }

    private func reduced() throws -> Tensor? {
        if kind == "argmax" || kind == "argmin" {
            let options = try options("dim", "keepdim")
            let (axis, keep) = (try options.int("dim"), try options.bool("keepdim", false))
            let x = try argument("x")
            return kind == "argmax"
                ? x.argmax(axis: axis, keepDimensions: keep) : x.argmin(axis: axis, keepDimensions: keep)
        }
        let names = ["sum", "mean", "amax", "amin", "logsumexp", "prod", "norm", "var", "std"]
        guard names.contains(kind) else { return nil }
        let options =
            switch kind {
            case "norm": try options("dims", "keepdim", "p")
            case "var", "std": try options("dims", "keepdim", "correction")
            default: try options("dims", "keepdim")
            }
        let x = try argument("x")
        // torch takes no axes for all of them; here they are none.
        let named = try options.ints("dims") ?? []
        let axes = named.isEmpty ? Array(0..<x.rank) : named
        let keep = try options.bool("keepdim", false)
        let correction = { Float(try options.double("correction", 1)) }
        switch kind {
        case "sum": return x.sum(axes: axes, keepDimensions: keep)
        case "mean": return x.mean(axes: axes, keepDimensions: keep)
        case "amax": return x.max(axes: axes, keepDimensions: keep)
        case "amin": return x.min(axes: axes, keepDimensions: keep)
        case "logsumexp": return x.logSumExp(axes: axes, keepDimensions: keep)
        case "prod": return x.product(axes: axes, keepDimensions: keep)
        case "norm": return try x.norm(p: options.double("p", 2), axes: axes, keepDimensions: keep)
        case "var": return try x.variance(axes: axes, correction: correction(), keepDimensions: keep)
        default: return try x.standardDeviation(axes: axes, correction: correction(), keepDimensions: keep)
        }
    }

    private func severalOutputs() throws -> [String: Tensor]? {
        switch kind {
        case "max_dim", "min_dim":
            let options = try options("dim", "keepdim")
            let (axis, keep) = (try options.int("dim") ?? 0, try options.bool("keepdim", false))
            let x = try argument("x")
            return values(
                kind == "max_dim" ? x.max(axis: axis, keepDimensions: keep) : x.min(axis: axis, keepDimensions: keep))
        case "topk":
            let options = try options("k", "dim", "largest")
            return try values(
                argument("x").topK(
                    options.int("k") ?? 0, axis: options.int("dim") ?? -1, largest: options.bool("largest", true)))
        case "sort":
            let options = try options("dim", "descending")
            return try values(
                argument("x").sorted(axis: options.int("dim") ?? -1, descending: options.bool("descending", false)))
        case "split":
            let options = try options("sizes", "dim")
            return try numbered(
                argument("x").split(sizes: options.ints("sizes") ?? [], axis: options.int("dim") ?? 0))
        case "chunk":
            let options = try options("chunks", "dim")
            return try numbered(argument("x").chunk(options.int("chunks") ?? 0, axis: options.int("dim") ?? 0))
        default:
            return nil
        }
    }

    private func values(_ pair: (values: Tensor, indices: Tensor)) -> [String: Tensor] {
        ["values": pair.values, "indices": pair.indices]
    }

    private func numbered(_ parts: [Tensor]) -> [String: Tensor] {
        Dictionary(uniqueKeysWithValues: parts.enumerated().map { ("output\($0)", $1) })
    }
}
