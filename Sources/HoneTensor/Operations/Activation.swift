import HoneKernels

// Activations that are no plain function of the mathematical libraries. Each is one pass forward and one back.

extension Tensor {
    /// x where it is positive, `slope` · x elsewhere; the gradient at 0 is `slope`. Maas, Hannun and Ng (2013).
    public func leakyReLU(_ slope: Float = 0.01) -> Tensor { activated("leakyReLU", HONE_LEAKY_RELU, slope) }

    /// x where it is positive, `alpha` (e^x − 1) elsewhere. Clevert, Unterthiner and Hochreiter (2016), equation 15.
    public func elu(alpha: Float = 1) -> Tensor { activated("elu", HONE_ELU, alpha, 1) }

    /// x where it is positive, `alpha` (e^(x / alpha) − 1) elsewhere, whose slope has no jump. Barron (2017), equation 2.
    public func celu(alpha: Float = 1) -> Tensor {
        guard alpha != 0, alpha.isFinite else {
            return failed("celu", "alpha is \(alpha), expected a number other than 0")
        }
        return activated("celu", HONE_ELU, alpha, 1 / alpha)
    }

    /// The self-normalising ELU, 1.0507 · elu(1.6733). Klambauer et al. (2017), equation 2.
    public func selu() -> Tensor { activated("selu", HONE_SELU) }

    /// log(1 + e^(beta x)) / beta, and x itself where beta x is above `threshold`.
    public func softplus(beta: Float, threshold: Float = 20) -> Tensor {
        guard beta != 0, beta.isFinite else {
            return failed("softplus", "beta is \(beta), expected a number other than 0")
        }
        return activated("softplus", HONE_SOFTPLUS_OF, beta, threshold)
    }

    /// x tanh(log(1 + e^x)). Misra (2019).
    public func mish() -> Tensor { activated("mish", HONE_MISH) }

    /// x min(max(x + 3, 0), 6) / 6. Howard et al. (2019), section 5.2.
    public func hardswish() -> Tensor { activated("hardswish", HONE_HARDSWISH) }

    /// min(max(x + 3, 0), 6) / 6.
    public func hardsigmoid() -> Tensor { activated("hardsigmoid", HONE_HARDSIGMOID) }

    /// min(max(x, 0), 6), with gradient 0 at both ends.
    public func relu6() -> Tensor { activated("relu6", HONE_RELU6) }

    private func activated(_ name: String, _ kernel: hone_activation_op, _ a: Float = 0, _ b: Float = 0) -> Tensor {
        if isInert { return self }
        guard elementType == .float32 else { return failed(name, "operand is \(elementType), expected float32") }
        let result = uninitializedTwin()
        hone_activate(HONE_ISA_AUTO, kernel, body.floats, a, b, result.body.floats, count)
        record(.activation, as: result) {
            $0.integer0 = Int(kernel.rawValue)
            // Both parameters, bit for bit.
            $0.integer1 = Int(a.bitPattern) << 32 | Int(b.bitPattern)
            $0.saved0 = body
        }
        return result
    }
}

func activationBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let x = record.saved0 else { return }
    let (target, accumulates) = tape.target(record.input0, over: gradient)
    hone_activate_backward(
        HONE_ISA_AUTO, hone_activation_op(rawValue: Int32(record.integer0)), x.floats,
        Float(bitPattern: UInt32(truncatingIfNeeded: record.integer1 >> 32)),
        Float(bitPattern: UInt32(truncatingIfNeeded: record.integer1)), gradient.floats, target, gradient.count,
        accumulates)
}

// MARK: Along an axis

extension Tensor {
    /// The softmax over an axis; negative ones count from the end.
    public func softmax(axis: Int) -> Tensor { alongLast(axis, "softmax") { $0.softmax() } }

    /// The logarithm of the softmax over an axis; negative ones count from the end.
    public func logSoftmax(axis: Int) -> Tensor { alongLast(axis, "logSoftmax") { $0.logSoftmax() } }

    /// The first half of an axis times the sigmoid of its second. Dauphin et al. (2017), equation 1.
    ///
    /// - Shape: `[..., 2 n, ...] -> [..., n, ...]`
    public func glu(axis: Int = -1) -> Tensor {
        if isInert { return self }
        guard let index = axisIndex(axis, for: "glu") else { return .inert }
        guard shape[index] % 2 == 0 else {
            return failed("glu", "axis \(axis) of \(shape) has \(shape[index]) elements, expected an even number")
        }
        let half = shape[index] / 2
        let parts = split(sizes: [half, half], axis: index)
        return parts.count == 2 ? parts[0] * parts[1].sigmoid() : .inert
    }

    private func alongLast(_ axis: Int, _ name: String, _ apply: (Tensor) -> Tensor) -> Tensor {
        if isInert { return self }
        guard let index = axisIndex(axis, for: name) else { return .inert }
        return index == rank - 1 ? apply(self) : apply(transposed(index, -1)).transposed(index, -1)
    }
}
