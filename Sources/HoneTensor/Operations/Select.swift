import HoneKernels

// Choices element by element: where, masked fill, triangles. A mask holds anywhere but at 0.

extension Tensor {
    /// `a` where the condition holds (is not 0), `b` elsewhere; shapes are broadcast. What was not chosen has gradient 0,
    /// whatever it is.
    public static func `where`(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
        if condition.isInert || a.isInert || b.isInert { return .inert }
        guard a.elementType == b.elementType else {
            return failed("where", "operands are \(a.elementType) and \(b.elementType), expected one type")
        }
        guard let both = Shape.broadcast(a.shape, b.shape), let shape = Shape.broadcast(both, condition.shape) else {
            return failed("where", "shapes \(condition.shape), \(a.shape) and \(b.shape) cannot be broadcast to one")
        }
        let mask = condition.asMask(shape)
        let (wideA, wideB) = (a.spread(to: shape), b.spread(to: shape))
        let result = uninitialized(shape, type: a.elementType)
        hone_select(
            HONE_ISA_AUTO, mask.body.integers, wideA.body.floats, wideB.body.floats, result.body.floats, result.count)
        if let tape = Context.current.pointee.tape {
            let (slotA, slotB) = (tape.slot(of: a), tape.slot(of: b))
            if slotA >= 0 || slotB >= 0 {
                tape.append(
                    Tape.Record(
                        operation: .select, output: tape.enter(result), input0: slotA, input1: slotB,
                        saved0: mask.body))
            }
        }
        return result
    }

    /// The tensor with `value` where the mask holds (is not 0); shapes are broadcast.
    public func maskedFill(_ mask: Tensor, _ value: Float) -> Tensor {
        if isInert || mask.isInert { return .inert }
        guard isFloat(for: "maskedFill") else { return .inert }
        guard Shape.broadcast(shape, mask.shape) != nil else {
            return failed("maskedFill", "shapes \(shape) and \(mask.shape) cannot be broadcast to one")
        }
        return .where(mask, Tensor(value), self)
    }

    /// Words that are 0 where the tensor is 0, in `shape`.
    private func asMask(_ shape: Shape) -> Tensor {
        var mask = self
        if elementType == .float32 {
            // -0 is 0 too, though its bits are not.
            mask = Tensor.uninitialized(self.shape)
            hone_binary_scalar(HONE_ISA_AUTO, HONE_NOT_EQUAL, body.floats, 0, false, mask.body.floats, count)
        }
        return mask.spread(to: shape)
    }

    /// The tensor broadcast to `shape`, not recorded.
    func spread(to shape: Shape) -> Tensor {
        self.shape == shape
            ? self : arranged(StridedLayout(shape, strides: self.shape.broadcastStrides(to: shape), offset: 0))
    }
}

func selectBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let mask = record.saved0 else { return }
    let zeros = Tensor.zeros(gradient.shape)
    let none = zeros.body.floats
    func part(chosen: Bool) -> Tensor {
        let result = Tensor.uninitialized(gradient.shape)
        hone_select(
            HONE_ISA_AUTO, mask.integers, chosen ? gradient.floats : none, chosen ? none : gradient.floats,
            result.body.floats, result.count)
        return result
    }
    for (slot, chosen) in [(record.input0, true), (record.input1, false)] where slot >= 0 {
        tape.give(part(chosen: chosen).summed(to: tape.shape(of: slot)).body, to: slot)
    }
}

// MARK: Triangles

extension Tensor {
    /// The lower triangle of the last two axes, zeros above the diagonal; `diagonal` moves it up.
    public func tril(diagonal: Int = 0) -> Tensor { triangle("tril", isLower: true, diagonal) }

    /// The upper triangle of the last two axes, zeros below the diagonal; `diagonal` moves it up.
    public func triu(diagonal: Int = 0) -> Tensor { triangle("triu", isLower: false, diagonal) }

    private func triangle(_ name: String, isLower: Bool, _ diagonal: Int) -> Tensor {
        if isInert { return self }
        guard rank >= 2 else { return failed(name, "shape is \(shape), expected at least two axes") }
        let result = Tensor.uninitialized(shape, type: elementType)
        copyTriangle(body, result.body, isLower, diagonal)
        record(.triangle, as: result) {
            $0.flag = isLower
            $0.integer0 = diagonal
        }
        return result
    }
}

private func copyTriangle(_ source: TensorBody, _ target: TensorBody, _ isLower: Bool, _ diagonal: Int) {
    let (rows, columns) = (source.shape[-2], source.shape[-1])
    let diagonal = Swift.min(Swift.max(diagonal, -rows - 1), columns + 1)
    let (from, to) = (source.integers, target.integers)
    for row in 0..<(columns == 0 ? 0 : source.count / columns) {
        // Columns before `cut` belong to the lower triangle, its diagonal included; the upper begins one before it.
        let cut = Swift.min(Swift.max(row % rows + diagonal + (isLower ? 1 : 0), 0), columns)
        for column in 0..<columns {
            let isKept = isLower ? column < cut : column >= cut
            to[row * columns + column] = isKept ? from[row * columns + column] : 0
        }
    }
}

func triangleBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    let result = Tensor.uninitialized(gradient.shape)
    copyTriangle(gradient, result.body, record.flag, record.integer0)
    tape.give(result.body, to: record.input0)
}
