import HoneKernels

// Products of matrices, and the dense layer fused from one.

extension Tensor {
    /// The product of two matrices: `[m, k] · [k, n] -> [m, n]`.
    public func matmul(_ other: Tensor) -> Tensor {
        if isInert || other.isInert { return .inert }
        guard elementType == .float32, other.elementType == .float32 else {
            return failed("matmul", "operands are \(elementType) and \(other.elementType), expected float32")
        }
        guard rank == 2, other.rank == 2, shape[1] == other.shape[0] else {
            return failed("matmul", "shapes \(shape) and \(other.shape) do not fit, expected [m, k] and [k, n]")
        }
        let (m, k, n) = (shape[0], shape[1], other.shape[1])
        let result = Tensor.uninitialized(Shape(m, n))
        hone_sgemm(
            HONE_ISA_AUTO, false, false, m, n, k, body.floats, k, other.body.floats, n, 0, result.body.floats, n, nil)
        if let tape = Context.current.pointee.tape {
            let (slotA, slotB) = (tape.slot(of: self), tape.slot(of: other))
            if slotA >= 0 || slotB >= 0 {
                tape.append(
                    Tape.Record(
                        operation: .matmul, output: tape.enter(result), input0: slotA, input1: slotB,
                        saved0: slotB >= 0 ? body : nil, saved1: slotA >= 0 ? other.body : nil))
            }
        }
        return result
    }

    /// A dense layer: `activation(x · weightᵀ + bias)`.
    ///
    /// - Shape: self `[..., in]`, weight `[out, in]`, bias `[out]` -> `[..., out]`
    public func linear(_ weight: Tensor, bias: Tensor? = nil, relu: Bool = false) -> Tensor {
        if isInert || weight.isInert { return .inert }
        guard elementType == .float32, weight.elementType == .float32 else {
            return failed("linear", "operands are \(elementType) and \(weight.elementType), expected float32")
        }
        guard weight.rank == 2, bias == nil || (bias?.rank == 1 && bias?.shape[0] == weight.shape[0]) else {
            return failed(
                "linear",
                "weight \(weight.shape) and bias \(bias?.shape.description ?? "none"), expected [out, in] and [out]")
        }
        let (n, k) = (weight.shape[0], weight.shape[1])
        guard rank >= 1, shape[rank - 1] == k else {
            let got = rank == 0 ? "is a scalar" : "has \(shape[rank - 1]) features"
            return failed("linear", "input \(shape) \(got), expected \(k)")
        }
        var outShape = shape
        outShape[rank - 1] = n
        let m = k == 0 ? outShape.count / Swift.max(1, n) : count / k
        let result = Tensor.uninitialized(outShape)
        var epilogue = hone_epilogue(
            bias: bias.map { UnsafePointer($0.body.floats) },
            activation: relu ? HONE_ACTIVATION_RELU : HONE_ACTIVATION_NONE)
        hone_sgemm(
            HONE_ISA_AUTO, false, true, m, n, k, body.floats, k, weight.body.floats, k, 0, result.body.floats, n,
            &epilogue)
        if let tape = Context.current.pointee.tape {
            let (slotX, slotW) = (tape.slot(of: self), tape.slot(of: weight))
            let slotB = bias.map { tape.slot(of: $0) } ?? -1
            if slotX >= 0 || slotW >= 0 || slotB >= 0 {
                tape.append(
                    Tape.Record(
                        operation: .linear, flag: relu, output: tape.enter(result), input0: slotX, input1: slotW,
                        input2: slotB, integer0: m, integer1: n, saved0: slotW >= 0 ? body : nil,
                        saved1: slotX >= 0 ? weight.body : nil, saved2: relu ? result.body : nil))
            }
        }
        return result
    }
}

func matmulBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    let (m, n) = (gradient.shape[0], gradient.shape[1])
    if record.input0 >= 0, let b = record.saved1 {
        let k = b.shape[0]
        let (target, accumulates) = tape.target(record.input0)
        hone_sgemm(
            HONE_ISA_AUTO, false, true, m, k, n, gradient.floats, n, b.floats, n, accumulates ? 1 : 0, target, k, nil)
    }
    if record.input1 >= 0, let a = record.saved0 {
        let k = a.shape[1]
        let (target, accumulates) = tape.target(record.input1)
        hone_sgemm(
            HONE_ISA_AUTO, true, false, k, n, m, a.floats, k, gradient.floats, n, accumulates ? 1 : 0, target, n, nil)
    }
}

func linearBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    let (m, n) = (record.integer0, record.integer1)
    var dy = gradient
    if let output = record.saved2 {
        dy = TensorBody(gradient.shape, count: gradient.count, type: .float32, pool: Context.current.pointee.pool)
        hone_unary_backward(HONE_ISA_AUTO, HONE_RELU, output.floats, gradient.floats, dy.floats, dy.count, false)
    }
    if record.input1 >= 0, let x = record.saved0 {
        let k = tape.shape(of: record.input1)[1]
        let (target, accumulates) = tape.target(record.input1)
        hone_sgemm(HONE_ISA_AUTO, true, false, n, k, m, dy.floats, n, x.floats, k, accumulates ? 1 : 0, target, k, nil)
    }
    if record.input2 >= 0 {
        let (target, accumulates) = tape.target(record.input2)
        hone_reduce(HONE_ISA_AUTO, HONE_REDUCE_SUM, dy.floats, 1, m, n, target, accumulates)
    }
    if record.input0 >= 0, let weight = record.saved1 {
        let k = weight.shape[1]
        let (target, accumulates) = tape.target(record.input0)
        hone_sgemm(
            HONE_ISA_AUTO, false, false, m, k, n, dy.floats, n, weight.floats, k, accumulates ? 1 : 0, target, k, nil)
    }
}
