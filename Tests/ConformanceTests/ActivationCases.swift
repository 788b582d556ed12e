import Hone

/// The activation of a case, or nil when the kind is none.
func makeActivation(_ kind: String, _ value: JSONValue) throws -> (any Module)? {
    func float(_ name: String, _ standard: Double) throws -> Float {
        try Float(Options(value, reading: [name, "inplace"]).double(name, standard))
    }
    switch kind {
    case "LeakyReLU": return try LeakyReLU(float("negative_slope", 0.01))
    case "ELU": return try ELU(alpha: float("alpha", 1))
    case "CELU": return try CELU(alpha: float("alpha", 1))
    case "GELU":
        let options = try Options(value, reading: ["approximate"])
        return GELU(approximate: options["approximate"].string == "tanh")
    case "Softplus":
        let options = try Options(value, reading: ["beta", "threshold"])
        return try Softplus(
            beta: Float(options.double("beta", 1)), threshold: Float(options.double("threshold", 20)))
    case "PReLU":
        let options = try Options(value, reading: ["num_parameters", "init"])
        return try PReLU(options.int("num_parameters") ?? 1, initial: Float(options.double("init", 0.25)))
    case "GLU": return try GLU(axis: Options(value, reading: ["dim"]).int("dim") ?? -1)
    default:
        _ = try Options(value, reading: ["inplace"])
        return plainActivation(kind)
    }
}

/// The activation of a kind without options.
private func plainActivation(_ kind: String) -> (any Module)? {
    switch kind {
    case "Tanh": Tanh()
    case "Sigmoid": Sigmoid()
    case "SiLU": SiLU()
    case "Mish": Mish()
    case "SELU": SELU()
    case "ReLU6": ReLU6()
    case "Hardswish": Hardswish()
    case "Hardsigmoid": Hardsigmoid()
    default: nil
    }
}
