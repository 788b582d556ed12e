import Hone

/// Runs a case of init.json: moments and bounds of many draws, or what defines an orthogonal matrix.
func runInitialiserCase(_ kind: String, _ test: VectorCase, _ comparison: Comparison) throws {
    if kind == "module_default" { return try runDefaultCase(test) }
    guard let lengths = test.config["shape"].ints else { throw Unmet("the case has no shape") }
    let shape = Shape(lengths)
    let (initialiser, gain) = try makeInitialiser(kind, test.config["options"])
    if let fan = test.expected["fan_in"].int, fan != Initialiser.fanIn(shape) { throw Unmet("fan-in") }
    if let fan = test.expected["fan_out"].int, fan != Initialiser.fanOut(shape) { throw Unmet("fan-out") }
    if let expected = test.expected["gain"].double, let gain { try comparison.expect(Double(gain), expected, "gain") }
    if kind == "orthogonal" { return try expectOrthogonal(initialiser.draw(shape, RandomKey(seed: 1)), test) }
    try expectStatistics(test.expected["weight"], "weight") { seed in
        initialiser.draw(shape, RandomKey(seed: seed)).scalars
    }
}

private func makeInitialiser(_ kind: String, _ value: JSONValue) throws -> (Initialiser, gain: Float?) {
    func options(_ names: String...) throws -> Options { try Options(value, reading: names) }
    func number(_ options: Options, _ name: String, _ standard: Double) throws -> Float {
        Float(try options.double(name, standard))
    }
    switch kind {
    case "kaiming_uniform", "kaiming_normal":
        let options = try options("a", "mode", "nonlinearity")
        let a = try number(options, "a", 0)
        let mode = options["mode"].string == "fan_out" ? Initialiser.FanMode.fanOut : .fanIn
        let named: [String: Initialiser.Nonlinearity] = [
            "linear": .linear, "conv1d": .linear, "conv2d": .linear, "conv_transpose1d": .linear,
            "conv_transpose2d": .linear, "sigmoid": .sigmoid, "tanh": .tanh, "relu": .relu,
            "leaky_relu": .leakyReLU, "selu": .selu,
        ]
        guard let nonlinearity = named[options["nonlinearity"].string ?? "leaky_relu"] else {
            throw Skip.option("nonlinearity \(options["nonlinearity"].short)")
        }
        let gain = Initialiser.gain(for: nonlinearity, a: a)
        return kind == "kaiming_uniform"
            ? (.kaimingUniform(a: a, mode: mode, nonlinearity), gain)
            : (.kaimingNormal(a: a, mode: mode, nonlinearity), gain)
    case "xavier_uniform", "xavier_normal":
        let gain = try number(options("gain"), "gain", 1)
        return kind == "xavier_uniform" ? (.xavierUniform(gain: gain), gain) : (.xavierNormal(gain: gain), gain)
    case "normal":
        let options = try options("mean", "std")
        return (.normal(mean: try number(options, "mean", 0), deviation: try number(options, "std", 1)), nil)
    case "trunc_normal":
        let options = try options("mean", "std", "a", "b")
        return (
            .truncatedNormal(
                mean: try number(options, "mean", 0), deviation: try number(options, "std", 1),
                low: try number(options, "a", -2), high: try number(options, "b", 2)), nil
        )
    case "orthogonal":
        let gain = try number(options("gain"), "gain", 1)
        return (.orthogonal(gain: gain), gain)
    default: throw Skip.unknownKind(kind)
    }
}

private func expectStatistics(_ expected: JSONValue, _ what: String, _ draw: (UInt64) throws -> [Float]) throws {
    guard let mean = expected["mean"].double, let deviation = expected["std"].double,
        let least = expected["min_samples"].int, let meanTolerance = expected["mean_tol"].double,
        let deviationTolerance = expected["std_tol"].double
    else { throw Unmet("\(what) has no statistics") }
    var values: [Double] = []
    var seed: UInt64 = 0
    while values.count < least {
        let drawn = try draw(seed).map(Double.init)
        if drawn.isEmpty { throw Unmet("\(what) is empty") }
        values += drawn
        seed += 1
    }
    if expected["distribution"].string == "constant" {
        guard values.allSatisfy({ $0 == mean }) else { throw Unmet("\(what) is not \(mean) throughout") }
        return
    }
    let count = Double(values.count)
    let average = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / count
    guard abs(average - mean) <= meanTolerance else { throw Unmet("\(what) has the mean \(average), expected \(mean)") }
    guard abs(variance.squareRoot() - deviation) <= deviationTolerance else {
        throw Unmet("\(what) has the deviation \(variance.squareRoot()), expected \(deviation)")
    }
    if let kurtosis = expected["kurtosis"].double, expected["distribution"].string != "normal" {
        let fourth = values.reduce(0) { $0 + ($1 - average) * ($1 - average) * ($1 - average) * ($1 - average) } / count
        let found = fourth / (variance * variance)
        guard abs(found - kurtosis) < 0.1 else {
            throw Unmet("\(what) has the kurtosis \(found), expected \(kurtosis)")
        }
    }
    let bound = expected["bound"].double ?? .infinity
    let (low, high) = (expected["low"].double ?? -bound, expected["high"].double ?? bound)
    if let odd = values.first(where: { $0 < low - abs(low) * 1e-6 || $0 > high + abs(high) * 1e-6 }) {
        throw Unmet("\(what) holds \(odd), expected \(low)...\(high)")
    }
}

private func expectOrthogonal(_ tensor: Tensor, _ test: VectorCase) throws {
    guard let shape = test.expected["matrix_shape"].ints, let diagonal = test.expected["gram_diagonal"].double,
        let tolerance = test.expected["gram_atol"].double, shape.count == 2
    else { throw Unmet("the case has no matrix") }
    let (rows, columns) = (shape[0], shape[1])
    let values = tensor.scalars.map(Double.init)
    let isOfRows = test.expected["orthonormal"].string == "rows"
    let (vectors, length) = isOfRows ? (rows, columns) : (columns, rows)
    for a in 0..<vectors {
        for b in 0..<vectors {
            let product = (0..<length).reduce(0.0) { sum, i in
                isOfRows
                    ? sum + values[a * columns + i] * values[b * columns + i]
                    : sum + values[i * columns + a] * values[i * columns + b]
            }
            guard abs(product - (a == b ? diagonal : 0)) <= tolerance else {
                throw Unmet("vectors \(a) and \(b) have the product \(product)")
            }
        }
    }
}

private func runDefaultCase(_ test: VectorCase) throws {
    let kind = test.config["module"].string ?? ""
    let layer: any Module
    do {
        layer =
            sequenceKinds.contains(kind)
            ? try makeSequenceLayer(kind, test.config["options"], isTraining: true)
            : try makeLayer(kind, test.config["options"], isTraining: true, rank: 0)
    } catch Skip.unknownKind(let kind) {
        throw Skip.option("module \(kind)")
    }
    let parameters = Dictionary(uniqueKeysWithValues: layer.parameters.map { ($0.name, $0.parameter) })
    for (name, expected) in (test.expected["params"].object ?? [:]).sorted(by: { $0.key < $1.key }) {
        guard let parameter = parameters[name] else { throw Unmet("parameter \(name) is missing") }
        guard parameter.shape.array == expected["shape"].ints else { throw Unmet("\(name) is \(parameter.shape)") }
        let zeroRows = Set(expected["zero_rows"].ints ?? [])
        let width = parameter.shape.count / max(1, parameter.shape.rank > 0 ? parameter.shape[0] : 1)
        try expectStatistics(expected, name) { seed in
            layer.initialise(seed: seed)
            let values = parameter.value.scalars
            if zeroRows.isEmpty { return values }
            for row in zeroRows where values[row * width..<(row + 1) * width].contains(where: { $0 != 0 }) {
                throw Unmet("\(name), row \(row) is not zero")
            }
            return values.enumerated().filter { !zeroRows.contains($0.offset / width) }.map(\.element)
        }
    }
}
