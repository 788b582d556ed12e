import HoneKernels

// Products of matrices, and the dense layer fused from one.

extension Tensor {
    /// The product of matrices, by NumPy's rules: an operand of one axis is a row on the left and a column on the right,
    /// and the axes before the last two are broadcast. An operand may be read as its transpose, without a copy.
    ///
    /// - Shape: `[..., m, k] · [..., k, n] -> [..., m, n]`; `[..., n, k]` with `transposeOther`
    public func matmul(_ other: Tensor, transposeSelf: Bool = false, transposeOther: Bool = false) -> Tensor {
        if isInert || other.isInert { return .inert }
        guard elementType == .float32, other.elementType == .float32 else {
            return failed("matmul", "operands are \(elementType) and \(other.elementType), expected float32")
        }
        guard let plan = MatMulPlan(shape, other.shape, transposeA: transposeSelf, transposeB: transposeOther) else {
            return failed(
                "matmul",
                "shapes \(shape) and \(other.shape) do not fit, "
                    + "expected \(transposeSelf ? "[k, m]" : "[m, k]") and \(transposeOther ? "[n, k]" : "[k, n]")")
        }
        if let problem = plan.result.problem { return failed("matmul", problem) }
        let result = Tensor.uninitialized(plan.result)
        let (a, b, c) = (body.floats, other.body.floats, result.body.floats)
        plan.run(isIndependent: true) { number, placeA, placeB in
            hone_sgemm(
                HONE_ISA_AUTO, plan.a.isTransposed, plan.b.isTransposed, plan.m, plan.n, plan.k,
                a + placeA * plan.a.size, plan.a.columns, b + placeB * plan.b.size, plan.b.columns, 0,
                c + number * plan.m * plan.n, plan.n, nil)
        }
        if let tape = Context.current.pointee.tape {
            let (slotA, slotB) = (tape.slot(of: self), tape.slot(of: other))
            if slotA >= 0 || slotB >= 0 {
                tape.append(
                    Tape.Record(
                        operation: .matmul, output: tape.enter(result), input0: slotA, input1: slotB,
                        integer0: transposeSelf ? 1 : 0, integer1: transposeOther ? 1 : 0,
                        saved0: slotB >= 0 ? body : nil, saved1: slotA >= 0 ? other.body : nil))
            }
        }
        return result
    }

    /// The sum of the products of two tensors' elements: `[n] · [n] -> []`.
    public func dot(_ other: Tensor) -> Tensor {
        if isInert || other.isInert { return .inert }
        guard rank == 1, other.rank == 1 else {
            return failed("dot", "shapes are \(shape) and \(other.shape), expected one axis each")
        }
        return matmul(other)
    }

    /// The products of all pairs of elements: `[m], [n] -> [m, n]`.
    public func outer(_ other: Tensor) -> Tensor {
        if isInert || other.isInert { return .inert }
        guard rank == 1, other.rank == 1 else {
            return failed("outer", "shapes are \(shape) and \(other.shape), expected one axis each")
        }
        return unsqueezed(axis: 1) * other
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
        if let bias, bias.elementType != .float32 {
            return failed("linear", "bias is \(bias.elementType), expected float32")
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

/// With C = op(A) op(B): dA = dC op(B)ᵀ and dB = op(A)ᵀ dC, each transposed where the operand is; the gradients of a
/// matrix that served several of the batch are summed in place.
func matmulBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    let shapeA = record.saved0?.shape ?? tape.shape(of: record.input0)
    let shapeB = record.saved1?.shape ?? tape.shape(of: record.input1)
    guard
        let plan = MatMulPlan(
            shapeA, shapeB, transposeA: record.integer0 == 1, transposeB: record.integer1 == 1)
    else { return }
    let (m, n, k, dc) = (plan.m, plan.n, plan.k, gradient.floats)
    let (flipA, flipB) = (plan.a.isTransposed, plan.b.isTransposed)
    if record.input0 >= 0, let b = record.saved1?.floats {
        let (target, beta) = sumTarget(record.input0, shapeA, plan.a, tape)
        plan.run(isIndependent: plan.a.batches.isInjective) { number, placeA, placeB in
            let (c, b, a) = (dc + number * m * n, b + placeB * plan.b.size, target + placeA * plan.a.size)
            if flipA {
                hone_sgemm(HONE_ISA_AUTO, flipB, true, k, m, n, b, plan.b.columns, c, n, beta, a, m, nil)
            } else {
                hone_sgemm(HONE_ISA_AUTO, false, !flipB, m, k, n, c, n, b, plan.b.columns, beta, a, k, nil)
            }
        }
    }
    if record.input1 >= 0, let a = record.saved0?.floats {
        let (target, beta) = sumTarget(record.input1, shapeB, plan.b, tape)
        plan.run(isIndependent: plan.b.batches.isInjective) { number, placeA, placeB in
            let (c, a, b) = (dc + number * m * n, a + placeA * plan.a.size, target + placeB * plan.b.size)
            if flipB {
                hone_sgemm(HONE_ISA_AUTO, true, flipA, n, k, m, c, n, a, plan.a.columns, beta, b, k, nil)
            } else {
                hone_sgemm(HONE_ISA_AUTO, !flipA, false, k, n, m, a, plan.a.columns, c, n, beta, b, n, nil)
            }
        }
    }
}

/// Where an operand's gradient goes, and what the product there is added to: nothing (0), or what is there (1).
private func sumTarget(
    _ slot: Int32, _ shape: Shape, _ operand: MatMulOperand, _ tape: Tape
) -> (UnsafeMutablePointer<Float>, Float) {
    let (target, accumulates) = tape.target(slot)
    if accumulates { return (target, 1) }
    if operand.batches.isInjective { return (target, 0) }
    hone_fill(HONE_ISA_AUTO, 0, target, shape.count)
    return (target, 1)
}

func linearBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    let (m, n) = (record.integer0, record.integer1)
    var dy = gradient
    if let output = record.saved2 {
        dy = tape.scratch(over: gradient)
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
