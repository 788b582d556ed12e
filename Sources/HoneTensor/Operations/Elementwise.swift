import HoneKernels

// Operations on the elements of one tensor.

extension Tensor {
    /// The negated elements.
    public static prefix func - (x: Tensor) -> Tensor { x.unary(HONE_NEG, saves: .nothing) }
    /// e^x.
    public func exp() -> Tensor { unary(HONE_EXP, saves: .output) }
    /// e^x − 1, accurate near 0.
    public func expm1() -> Tensor { unary(HONE_EXPM1, saves: .output) }
    /// The natural logarithm.
    public func log() -> Tensor { unary(HONE_LOG, saves: .input) }
    /// log(1 + x), accurate near 0.
    public func log1p() -> Tensor { unary(HONE_LOG1P, saves: .input) }
    /// The square root.
    public func sqrt() -> Tensor { unary(HONE_SQRT, saves: .output) }
    /// 1 / √x.
    public func rsqrt() -> Tensor { unary(HONE_RSQRT, saves: .output) }
    /// x².
    public func square() -> Tensor { unary(HONE_SQUARE, saves: .input) }
    /// 1 / x.
    public func reciprocal() -> Tensor { unary(HONE_RECIPROCAL, saves: .output) }
    /// |x|, with gradient 0 at 0.
    public func abs() -> Tensor { unary(HONE_ABS, saves: .input) }
    /// The sine.
    public func sin() -> Tensor { unary(HONE_SIN, saves: .input) }
    /// The cosine.
    public func cos() -> Tensor { unary(HONE_COS, saves: .input) }
    /// The hyperbolic tangent.
    public func tanh() -> Tensor { unary(HONE_TANH, saves: .output) }
    /// 1 / (1 + e^−x).
    public func sigmoid() -> Tensor { unary(HONE_SIGMOID, saves: .output) }
    /// The error function.
    public func erf() -> Tensor { unary(HONE_ERF, saves: .input) }
    /// max(0, x), with gradient 0 at 0; NaN stays NaN.
    public func relu() -> Tensor { unary(HONE_RELU, saves: .output) }

    /// −1, 0 or 1; the gradient is 0.
    public func sign() -> Tensor { unary(HONE_SIGN, saves: .nothing) }
    /// x (1 + erf(x / √2)) / 2 (Hendrycks and Gimpel 2016), or its approximation by tanh.
    public func gelu(approximate: Bool = false) -> Tensor {
        unary(approximate ? HONE_GELU_TANH : HONE_GELU, saves: .slope)
    }
    /// x · sigmoid(x), also called swish.
    public func silu() -> Tensor { unary(HONE_SILU, saves: .slope) }
    /// log(1 + e^x).
    public func softplus() -> Tensor { unary(HONE_SOFTPLUS, saves: .input) }
    /// The largest whole number that is not above; the gradient is 0.
    public func floor() -> Tensor { unary(HONE_FLOOR, saves: .nothing) }
    /// The smallest whole number that is not below; the gradient is 0.
    public func ceil() -> Tensor { -(-self).floor() }
    /// The nearest whole number, of two the even one; the gradient is 0.
    public func round() -> Tensor { unary(HONE_ROUND, saves: .nothing) }

    private enum Saves { case nothing, input, output, slope }

    private func unary(_ kernel: hone_unary_op, saves: Saves) -> Tensor {
        if isInert { return self }
        guard elementType == .float32 else { return failed(kernel.name, "operand is \(elementType), expected float32") }
        let result = uninitializedTwin()
        // The slope is kept instead of the input, and computed where both share their work.
        if saves == .slope, isTracked {
            let slope = uninitializedTwin()
            hone_unary_with_slope(
                HONE_ISA_AUTO, kernel, body.floats, result.body.floats, slope.body.floats, count)
            record(.unary, as: result) {
                $0.integer0 = Int(kernel.rawValue)
                $0.saved0 = slope.body
            }
            return result
        }
        hone_unary(HONE_ISA_AUTO, kernel, body.floats, result.body.floats, count)
        record(.unary, as: result) {
            $0.integer0 = Int(kernel.rawValue)
            $0.saved0 = saves == .input ? body : saves == .output ? result.body : nil
        }
        return result
    }

    /// The elements kept within `low...high`; outside, the gradient is 0.
    public func clamped(_ low: Float = -.infinity, _ high: Float = .infinity) -> Tensor {
        if isInert { return self }
        guard elementType == .float32 else { return failed("clamped", "operand is \(elementType), expected float32") }
        let result = uninitializedTwin()
        hone_clamp(HONE_ISA_AUTO, body.floats, low, high, result.body.floats, count)
        record(.clamp, as: result) {
            $0.integer0 = Int(low.bitPattern)
            $0.integer1 = Int(high.bitPattern)
            $0.saved0 = body
        }
        return result
    }
}

func unaryBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    let (target, accumulates) = tape.target(record.input0, over: gradient)
    hone_unary_backward(
        HONE_ISA_AUTO, hone_unary_op(rawValue: Int32(record.integer0)), record.saved0?.floats, gradient.floats, target,
        gradient.count, accumulates)
}

func clampBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let x = record.saved0 else { return }
    let (target, accumulates) = tape.target(record.input0)
    hone_clamp_backward(
        HONE_ISA_AUTO, x.floats, Float(bitPattern: UInt32(record.integer0)), Float(bitPattern: UInt32(record.integer1)),
        gradient.floats, target, gradient.count, accumulates)
}

extension hone_unary_op {
    fileprivate var name: String {
        let names = [
            "negate", "exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "square", "reciprocal", "abs", "sign", "sin",
            "cos",
            "tanh", "sigmoid", "erf", "relu", "gelu", "gelu", "silu", "softplus", "floor", "round",
        ]
        return names.indices.contains(Int(rawValue)) ? names[Int(rawValue)] : "unary"
    }
}

// MARK: With a number

extension Tensor {
    /// Adds a number to every element.
    public static func + (x: Tensor, c: Float) -> Tensor { x.scalar(.addScalar, HONE_ADD, c, isFirst: false) }
    /// Adds every element to a number.
    public static func + (c: Float, x: Tensor) -> Tensor { x.scalar(.addScalar, HONE_ADD, c, isFirst: false) }
    /// Subtracts a number from every element.
    public static func - (x: Tensor, c: Float) -> Tensor { x.scalar(.addScalar, HONE_SUB, c, isFirst: false) }
    /// Subtracts every element from a number.
    public static func - (c: Float, x: Tensor) -> Tensor { x.scalar(.scalarMinus, HONE_SUB, c, isFirst: true) }
    /// Multiplies every element by a number.
    public static func * (x: Tensor, c: Float) -> Tensor { x.scalar(.multiplyScalar, HONE_MUL, c, isFirst: false) }
    /// Multiplies every element by a number.
    public static func * (c: Float, x: Tensor) -> Tensor { x.scalar(.multiplyScalar, HONE_MUL, c, isFirst: false) }
    /// Divides every element by a number.
    public static func / (x: Tensor, c: Float) -> Tensor {
        x.scalar(.multiplyScalar, HONE_DIV, c, isFirst: false, slope: 1 / Double(c))
    }
    /// Divides a number by every element.
    public static func / (c: Float, x: Tensor) -> Tensor { x.scalar(.scalarOver, HONE_DIV, c, isFirst: true) }
    /// The elements raised to a number.
    public func power(_ exponent: Float) -> Tensor { scalar(.powerScalar, HONE_POW, exponent, isFirst: false) }

    private func scalar(
        _ operation: Operation, _ kernel: hone_binary_op, _ c: Float, isFirst: Bool, slope: Double? = nil
    ) -> Tensor {
        if isInert { return self }
        guard elementType == .float32 else {
            return failed("\(operation)", "operand is \(elementType), expected float32")
        }
        let result = uninitializedTwin()
        hone_binary_scalar(HONE_ISA_AUTO, kernel, body.floats, c, isFirst, result.body.floats, count)
        record(operation, as: result) {
            $0.scalar = slope ?? Double(c)
            if operation == .scalarOver || operation == .powerScalar { $0.saved0 = body }
        }
        return result
    }
}

func scalarBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    let c = Float(record.scalar)
    switch record.operation {
    case .addScalar: tape.give(gradient, to: record.input0)
    case .scalarMinus: tape.give((-Tensor(gradient)).body, to: record.input0)
    case .multiplyScalar:
        let (target, accumulates) = tape.target(record.input0, over: gradient)
        if accumulates {
            hone_axpy(HONE_ISA_AUTO, c, gradient.floats, target, gradient.count)
        } else {
            hone_binary_scalar(HONE_ISA_AUTO, HONE_MUL, gradient.floats, c, false, target, gradient.count)
        }
    case .scalarOver:
        guard let x = record.saved0.map(Tensor.init) else { return }
        // Not by x², which is 0 or infinite long before x is.
        tape.give((Tensor(gradient) * (-c / x / x)).body, to: record.input0)
    default:
        guard let x = record.saved0.map(Tensor.init) else { return }
        // The slope of x^0 is 0 even at x = 0, where 0 * x^-1 would be NaN.
        let slope = c == 0 ? Tensor.zeros(x.shape) : c * x.power(c - 1)
        tape.give((Tensor(gradient) * slope).body, to: record.input0)
    }
}
