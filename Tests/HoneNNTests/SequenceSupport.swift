import HoneNN
import HoneTensor
import Testing

/// The worst disagreement of a module's gradients with central differences, in its inputs and in all its parameters.
///
/// - Parameter stride: of the elements of each parameter that are looked at.
func worstSlope(
    _ module: any Module, at inputs: [Tensor], stride: Int = 3, _ forward: ([Tensor]) -> Tensor
) throws -> Double {
    let arena = ParameterArena.adopt(module, seed: 0)
    var worst = try GradientCheck.report(at: inputs, seed: 3, forward).worst
    arena.zeroGradients()
    let shape = withoutGradient { forward(inputs) }.shape
    let weights = Tensor.uniform(shape, low: 0.5, high: 1.5, key: RandomKey(seed: 9))
    let tape = Tape()
    try tape.record { try tape.backward(from: forward(inputs), seed: weights) }
    func value() -> Double {
        zip(withoutGradient { forward(inputs) }.scalars, weights.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    for (_, parameter) in module.parameters {
        let (values, slopes) = (parameter.value.scalars, parameter.gradient.scalars)
        for element in Swift.stride(from: 0, to: values.count, by: stride) {
            func moved(by delta: Float) -> Double {
                var moved = values
                moved[element] += delta
                parameter.value = Tensor(moved, shape: parameter.shape)
                return value()
            }
            let difference = (moved(by: 5e-3) - moved(by: -5e-3)) / 1e-2
            let gradient = Double(slopes[element])
            worst = max(worst, abs(gradient - difference) / max(1, abs(gradient), abs(difference)))
        }
        parameter.value = Tensor(values, shape: parameter.shape)
    }
    return worst
}

/// The names of parameters that a backward pass of `forward` leaves without a gradient.
func namesWithoutGradient(_ module: any Module, _ forward: () -> Tensor) throws -> [String] {
    let arena = ParameterArena.adopt(module, seed: 0)
    arena.zeroGradients()
    let tape = Tape()
    try tape.record {
        let output = forward()
        var numbers = TestNumbers(seed: 77)
        try tape.backward(from: output, seed: numbers.tensor(output.shape.array))
    }
    return module.parameters.filter { $0.parameter.gradient.scalars.allSatisfy { $0 == 0 } }.map(\.name)
}

/// Whether a module made alike gives the same bits once it has the state of the first.
func keepsItsBits(_ module: any Module, _ other: any Module, _ forward: (any Module) -> Tensor) throws -> Bool {
    module.initialise(seed: 11)
    other.initialise(seed: 12)
    if forward(module).isBitwiseEqual(to: forward(other)) { return false }
    try other.load(module.stateDictionary)
    return forward(module).isBitwiseEqual(to: forward(other))
}
