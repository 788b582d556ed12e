import Hone

/// The parameters of a case, named by group: `0.w`, `0.b`, `1.…`.
private final class CaseModel: Module {
    let groups: [[(name: String, parameter: Parameter)]]

    init(_ groups: [[(name: String, parameter: Parameter)]]) { self.groups = groups }

    func forward(_ x: Tensor) -> Tensor { x }

    func visitChildren(_ visitor: inout ModuleVisitor) {
        for (index, group) in groups.enumerated() {
            for (name, parameter) in group { visitor.visit("\(index).\(name)", parameter) }
        }
    }
}

/// Runs a case of optimizers.json: all parameters after each step.
func runOptimizerCase(_ kind: String, _ test: VectorCase, _ comparison: Comparison) throws {
    let shared = test.config["options"].object ?? [:]
    let start = test.inputs["params"].tensors
    let gradients = test.inputs["grads"].tensors
    var rules: [any UpdateRule] = []
    var groups: [[(name: String, parameter: Parameter)]] = []
    for group in test.config["groups"].array ?? [] {
        rules.append(try rule(kind, .object(shared.merging(group["options"].object ?? [:]) { $1 })))
        groups.append(
            try (group["params"].array ?? []).map { value in
                guard let name = value.string, let tensor = start[name] else { throw Unmet("\(value) has no values") }
                let parameter = Parameter(Shape(tensor.shape))
                parameter.value = tensor.tensor
                return (name, parameter)
            })
    }
    let model = CaseModel(groups)
    let arena = ParameterArena.adopt(model, seed: 0)
    let optimizer = try Optimizer(
        rules, arena, groups: .startingAt(groups.indices.dropFirst().map { "\($0)" }))
    let rates = (test.config["lr_per_step"].array ?? []).map { $0.doubles ?? [] }
    guard let steps = test.config["steps"].int, rates.count == steps, rates.allSatisfy({ $0.count == groups.count })
    else { throw Unmet("there is not a rate for each step and group") }
    let expected = test.expected["params"].tensors
    for step in 0..<steps {
        for (index, rate) in rates[step].enumerated() { try optimizer.set(.learningRate, to: rate, group: index) }
        arena.zeroGradients()
        arena.completeGradients()
        for (entry, name) in zip(arena.entries, groups.joined().map(\.name)) {
            guard let gradient = gradients[name], gradient.shape.first == steps else {
                throw Unmet("\(name) has no gradients")
            }
            for (index, value) in zip(entry.range, gradient[step].data) { arena.gradients[index] = Float(value) }
        }
        optimizer.step()
        for (name, parameter) in groups.joined() {
            guard let values = expected[name], values.shape.first == steps else { throw Unmet("\(name) is missing") }
            try comparison.expect(parameter.value, values[step], "\(name) after step \(step)")
        }
    }
}

/// The rule of one group.
private func rule(_ kind: String, _ options: JSONValue) throws -> any UpdateRule {
    func read(_ names: String...) throws -> Options { try Options(options, reading: ["lr", "weight_decay"] + names) }
    switch kind {
    case "SGD":
        let o = try read("momentum", "dampening", "nesterov", "maximize")
        return try SGD(
            momentum: o.double("momentum", 0), dampening: o.double("dampening", 0),
            weightDecay: o.double("weight_decay", 0), nesterov: o.bool("nesterov", false),
            maximize: o.bool("maximize", false))
    case "Adagrad":
        let o = try read("lr_decay", "initial_accumulator_value", "eps", "maximize")
        return try Adagrad(
            rateDecay: o.double("lr_decay", 0), weightDecay: o.double("weight_decay", 0),
            initialAccumulator: o.double("initial_accumulator_value", 0), epsilon: o.double("eps", 1e-10),
            maximize: o.bool("maximize", false))
    case "RMSprop", "RMSpropNesterov":
        let o = try read("alpha", "eps", "momentum", "centered", "maximize")
        let nesterov = kind == "RMSpropNesterov"
        return try RMSprop(
            alpha: o.double("alpha", 0.99), epsilon: o.double("eps", 1e-8),
            momentum: o.double("momentum", nesterov ? 0.9 : 0), weightDecay: o.double("weight_decay", 0),
            centred: o.bool("centered", false), nesterov: nesterov, maximize: o.bool("maximize", false))
    case "Adadelta":
        let o = try read("rho", "eps", "maximize")
        return try AdaDelta(
            rho: o.double("rho", 0.9), epsilon: o.double("eps", 1e-6), weightDecay: o.double("weight_decay", 0),
            maximize: o.bool("maximize", false))
    case "Adafactor":
        let o = try read("beta2_decay", "eps", "d", "maximize")
        let bounds = o["eps"].array ?? []
        return try Adafactor(
            beta2Decay: o.double("beta2_decay", -0.8), epsilon: bounds.first?.double ?? Double(Float.ulpOfOne),
            leastSize: bounds.last?.double ?? 1e-3, clipping: o.double("d", 1),
            weightDecay: o.double("weight_decay", 0), maximize: o.bool("maximize", false))
    case "Muon":
        let o = try read("momentum", "nesterov", "eps", "ns_steps", "ns_coefficients", "adjust_lr_fn")
        let polynomial = o["ns_coefficients"].doubles ?? []
        guard o["ns_coefficients"].isNull || polynomial.count == 3 else {
            throw Skip.option("option ns_coefficients: \(o["ns_coefficients"].short)")
        }
        let adjustments: [String: Muon.Scale] = ["original": .original, "match_rms_adamw": .matchingAdamW]
        guard let scale = adjustments[o["adjust_lr_fn"].string ?? "original"] else {
            throw Skip.option("option adjust_lr_fn: \(o["adjust_lr_fn"].short)")
        }
        return try Muon(
            momentum: o.double("momentum", 0.95), weightDecay: o.double("weight_decay", 0.1),
            epsilon: o.double("eps", 1e-7), nesterov: o.bool("nesterov", true), scale: scale,
            iterations: o.int("ns_steps") ?? 5,
            coefficients: polynomial.isEmpty ? .jordan : .init(polynomial[0], polynomial[1], polynomial[2]))
    case "Lookahead":
        let o = try read("inner", "inner_options", "k", "alpha")
        guard let inner = o["inner"].string else { throw Skip.option("option inner: \(o["inner"].short)") }
        return try Lookahead(
            rule(inner, o["inner_options"].isNull ? .object([:]) : o["inner_options"]), period: o.int("k") ?? 5,
            alpha: o.double("alpha", 0.5))
    case "LARS":
        let o = try read("momentum", "trust_coefficient", "eps", "maximize")
        return try LARS(
            momentum: o.double("momentum", 0.9), weightDecay: o.double("weight_decay", 0),
            trustCoefficient: o.double("trust_coefficient", 1e-3), epsilon: o.double("eps", 0),
            maximize: o.bool("maximize", false))
    default:
        return try ruleWithBetas(kind, options)
    }
}

/// The rule of a kind of Adam's family.
private func ruleWithBetas(_ kind: String, _ options: JSONValue) throws -> any UpdateRule {
    func read(_ names: String...) throws -> (Options, Double, Double) {
        let options = try Options(options, reading: ["lr", "weight_decay", "betas"] + names)
        let betas = options["betas"].doubles ?? (kind == "Lion" ? [0.9, 0.99] : [0.9, 0.999])
        guard betas.count == 2 else { throw Skip.option("option betas: \(options["betas"].short)") }
        return (options, betas[0], betas[1])
    }
    func decay(_ options: Options) throws -> WeightDecay {
        try options.bool("decoupled_weight_decay", false) ? .decoupled : .coupled
    }
    switch kind {
    case "Adam":
        let (o, beta1, beta2) = try read("eps", "maximize", "amsgrad", "decoupled_weight_decay")
        return try Adam(
            beta1: beta1, beta2: beta2, epsilon: o.double("eps", 1e-8), weightDecay: o.double("weight_decay", 0),
            amsgrad: o.bool("amsgrad", false), decay: decay(o), maximize: o.bool("maximize", false))
    case "AdamW":
        let (o, beta1, beta2) = try read("eps", "maximize", "amsgrad")
        return try AdamW(
            beta1: beta1, beta2: beta2, epsilon: o.double("eps", 1e-8), weightDecay: o.double("weight_decay", 1e-2),
            amsgrad: o.bool("amsgrad", false), maximize: o.bool("maximize", false))
    case "NAdam":
        let (o, beta1, beta2) = try read("eps", "maximize", "momentum_decay", "decoupled_weight_decay")
        return try NAdam(
            beta1: beta1, beta2: beta2, epsilon: o.double("eps", 1e-8), weightDecay: o.double("weight_decay", 0),
            momentumDecay: o.double("momentum_decay", 4e-3), decay: decay(o), maximize: o.bool("maximize", false))
    case "RAdam":
        let (o, beta1, beta2) = try read("eps", "maximize", "decoupled_weight_decay")
        return try RAdam(
            beta1: beta1, beta2: beta2, epsilon: o.double("eps", 1e-8), weightDecay: o.double("weight_decay", 0),
            decay: decay(o), maximize: o.bool("maximize", false))
    case "Adamax":
        let (o, beta1, beta2) = try read("eps", "maximize")
        return try Adamax(
            beta1: beta1, beta2: beta2, epsilon: o.double("eps", 1e-8), weightDecay: o.double("weight_decay", 0),
            maximize: o.bool("maximize", false))
    case "LAMB":
        let (o, beta1, beta2) = try read("eps", "bias_correction", "max_trust", "maximize")
        return try LAMB(
            beta1: beta1, beta2: beta2, epsilon: o.double("eps", 1e-6), weightDecay: o.double("weight_decay", 0),
            biasCorrection: o.bool("bias_correction", true), maxTrust: o["max_trust"].double,
            maximize: o.bool("maximize", false))
    case "Lion":
        let (o, beta1, beta2) = try read("maximize")
        return try Lion(
            beta1: beta1, beta2: beta2, weightDecay: o.double("weight_decay", 0), maximize: o.bool("maximize", false))
    default:
        throw Skip.unknownKind(kind)
    }
}
