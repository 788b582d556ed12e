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
    switch kind {
    case "SGD":
        let options = try Options(options, reading: ["lr", "momentum", "dampening", "weight_decay", "nesterov"])
        return try SGD(
            momentum: options.double("momentum", 0), dampening: options.double("dampening", 0),
            weightDecay: options.double("weight_decay", 0), nesterov: options.bool("nesterov", false))
    case "Adam":
        let options = try Options(options, reading: ["lr", "betas", "eps", "weight_decay"])
        let betas = options["betas"].doubles ?? [0.9, 0.999]
        guard betas.count == 2 else { throw Skip.option("option betas: \(options["betas"].short)") }
        return try Adam(
            beta1: betas[0], beta2: betas[1], epsilon: options.double("eps", 1e-8),
            weightDecay: options.double("weight_decay", 0))
    default:
        throw Skip.unknownKind(kind)
    }
}
