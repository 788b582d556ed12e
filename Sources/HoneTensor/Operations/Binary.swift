import HoneKernels

// Operations on two tensors, broadcast as NumPy does it.

extension Tensor {
    /// The element-wise sum; shapes are broadcast.
    public static func + (a: Tensor, b: Tensor) -> Tensor { binary(.add, HONE_ADD, a, b) }

    /// The element-wise difference; shapes are broadcast.
    public static func - (a: Tensor, b: Tensor) -> Tensor { binary(.subtract, HONE_SUB, a, b) }

    /// The element-wise product; shapes are broadcast.
    public static func * (a: Tensor, b: Tensor) -> Tensor { binary(.multiply, HONE_MUL, a, b) }

    /// The element-wise quotient; shapes are broadcast.
    public static func / (a: Tensor, b: Tensor) -> Tensor { binary(.divide, HONE_DIV, a, b) }

    /// This tensor's elements raised to those of another; shapes are broadcast.
    public func power(_ exponent: Tensor) -> Tensor { Tensor.binary(.power, HONE_POW, self, exponent) }

    /// The larger of each two elements; of equals, both take half of the gradient. Shapes are broadcast.
    public func maximum(_ other: Tensor) -> Tensor { Tensor.binary(.maximum, HONE_MAXIMUM, self, other) }

    /// The smaller of each two elements; of equals, both take half of the gradient. Shapes are broadcast.
    public func minimum(_ other: Tensor) -> Tensor { Tensor.binary(.minimum, HONE_MINIMUM, self, other) }

    private static func binary(_ operation: Operation, _ kernel: hone_binary_op, _ a: Tensor, _ b: Tensor) -> Tensor {
        guard let shape = checked("\(operation)", a, b) else { return .inert }
        let result = apply(kernel, a, b, shape)
        Context.current.pointee.recorder?._withUnsafeGuaranteedRef { tape in
            let (slotA, slotB) = (tape.slot(of: a), tape.slot(of: b))
            guard slotA >= 0 || slotB >= 0 else { return }
            tape.append(operation, tape.enter(result), slotA, slotB) {
                if operation == .add || operation == .subtract { return }
                $0.saved0 = a.body
                $0.saved1 = b.body
                if operation == .power { $0.saved2 = result.body }
            }
        }
        return result
    }

    /// The shape of the result; nil (with the mistake reported) when there is none.
    @inline(__always) static func checked(_ operation: @autoclosure () -> String, _ a: Tensor, _ b: Tensor) -> Shape? {
        if a.isInert || b.isInert { return nil }
        guard a.elementType == .float32, b.elementType == .float32 else {
            _ = failed(operation(), "operands are \(a.elementType) and \(b.elementType), expected float32")
            return nil
        }
        if a.shape == b.shape { return a.shape }
        guard let shape = Shape.broadcast(a.shape, b.shape) else {
            _ = failed(operation(), "shapes \(a.shape) and \(b.shape) cannot be broadcast to one")
            return nil
        }
        return shape
    }

    /// The kernel over two operands, not recorded.
    @inline(__always) static func apply(
        _ kernel: hone_binary_op, _ a: Tensor, _ b: Tensor, _ shape: Shape,
        into memory: UnsafeMutablePointer<Float>? = nil
    ) -> Tensor {
        let result = memory.map { Tensor.borrowing($0, shape: shape) } ?? Tensor.uninitialized(shape)
        if a.shape == b.shape {
            var (length, one) = (a.count, 1)
            hone_binary(HONE_ISA_AUTO, kernel, a.body.floats, &one, b.body.floats, &one, result.body.floats, &length, 1)
            return result
        }
        withUnsafePointer(to: a.shape.broadcastStrides(to: shape)) { stridesA in
            withUnsafePointer(to: b.shape.broadcastStrides(to: shape)) { stridesB in
                withUnsafePointer(to: shape.lengths) { lengths in
                    hone_binary(
                        HONE_ISA_AUTO, kernel, a.body.floats,
                        UnsafeRawPointer(stridesA).assumingMemoryBound(to: Int.self),
                        b.body.floats, UnsafeRawPointer(stridesB).assumingMemoryBound(to: Int.self), result.body.floats,
                        UnsafeRawPointer(lengths).assumingMemoryBound(to: Int.self), Int32(shape.rank))
                }
            }
        }
        return result
    }

    /// This tensor summed over the axes along which `shape` was broadcast to it.
    func summed(to shape: Shape) -> Tensor {
        if self.shape == shape { return self }
        let lead = rank - shape.rank
        let axes = (0..<rank).filter { $0 < lead || (shape[$0 - lead] == 1 && self.shape[$0] != 1) }
        return sum(axes: axes, keepDimensions: true).reshaped(shape)
    }
}

func binaryBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    let dy = Tensor(gradient)
    func deliver(_ contribution: () -> Tensor, to slot: Int32) {
        guard slot >= 0 else { return }
        tape.give(contribution().summed(to: tape.shape(of: slot)).body, to: slot)
    }
    guard let bodyA = record.saved0, let bodyB = record.saved1 else {
        deliver({ dy }, to: record.input0)
        deliver({ record.operation == .subtract ? -dy : dy }, to: record.input1)
        return
    }
    if record.operation == .multiply, bodyA.shape == bodyB.shape {
        if record.input0 >= 0 { addProduct(gradient, bodyB, to: record.input0, tape) }
        if record.input1 >= 0 { addProduct(gradient, bodyA, to: record.input1, tape) }
        return
    }
    let (a, b) = (Tensor(bodyA), Tensor(bodyB))
    switch record.operation {
    case .multiply:
        deliver({ dy * b }, to: record.input0)
        deliver({ dy * a }, to: record.input1)
    case .divide:
        deliver({ dy / b }, to: record.input0)
        // Not by b², which is 0 or infinite long before b is.
        deliver({ -(dy * (a / b) / b) }, to: record.input1)
    case .power:
        deliver({ dy * powerSlope(a, b) }, to: record.input0)
        deliver(
            { dy * exponentSlope(a, b, record.saved2.map(Tensor.init) ?? a.power(b)) }, to: record.input1)
    default:
        let isMaximum = record.operation == .maximum
        let aWins = Tensor.comparison(isMaximum ? HONE_GREATER : HONE_LESS, a, b)
        let ties = Tensor.comparison(HONE_EQUAL, a, b) * 0.5
        deliver({ dy * (aWins + ties) }, to: record.input0)
        deliver({ dy * (1 - aWins - ties) }, to: record.input1)
    }
}

/// Adds dy · factor to a gradient, all of one shape.
private func addProduct(_ dy: TensorBody, _ factor: TensorBody, to slot: Int32, _ tape: Tape) {
    let (target, accumulates) = tape.target(slot)
    if accumulates {
        hone_multiply_add(HONE_ISA_AUTO, dy.floats, factor.floats, target, dy.count)
    } else {
        var (length, one) = (dy.count, 1)
        hone_binary(HONE_ISA_AUTO, HONE_MUL, dy.floats, &one, factor.floats, &one, target, &length, 1)
    }
}

/// b a^(b - 1), with 0 where b is 0 whatever a is.
private func powerSlope(_ a: Tensor, _ b: Tensor) -> Tensor {
    let slope = b * a.power(b - 1)
    let constant = Tensor.comparison(HONE_EQUAL, b, Tensor(0))
    guard constant.sum().item() > 0 else { return slope }
    return Tensor.build(slope.shape) { out in
        let mask = (constant + Tensor.zeros(slope.shape)).scalars
        for (i, value) in slope.scalars.enumerated() { out[i] = mask[i] != 0 ? 0 : value }
    }
}

/// a^b log a, with 0 where a is 0 and b is not negative, as in PyTorch.
private func exponentSlope(_ a: Tensor, _ b: Tensor, _ power: Tensor) -> Tensor {
    // There a counts as 1, lest the logarithm's infinity spoil the product.
    let constant = Tensor.comparison(HONE_EQUAL, a, Tensor(0)) * (1 - Tensor.comparison(HONE_LESS, b, Tensor(0)))
    return power * (a + constant).log()
}

// MARK: Comparisons

extension Tensor {
    /// 1 where the comparison holds and 0 elsewhere; never differentiated.
    static func comparison(_ kernel: hone_binary_op, _ a: Tensor, _ b: Tensor) -> Tensor {
        guard let shape = checked("comparison", a, b) else { return .inert }
        return apply(kernel, a, b, shape)
    }
}
