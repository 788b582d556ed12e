import HoneKernels

// Losses of a prediction and a target of one shape, element by element, each in one pass.

extension Tensor {
    /// |self − target|, element by element; the gradient where they are equal is 0.
    public func absoluteError(_ target: Tensor) -> Tensor { pairLoss("absoluteError", HONE_ABSOLUTE_ERROR, target) }

    /// (self − target)² / 2 within `delta`, delta (|self − target| − delta / 2) beyond. Huber (1964).
    public func huberError(_ target: Tensor, delta: Float = 1) -> Tensor {
        guard delta > 0 else { return failed("huberError", "delta is \(delta), expected > 0") }
        return pairLoss("huberError", HONE_HUBER, target, delta)
    }

    /// −target log σ(self) − (1 − target) log(1 − σ(self)), element by element, without overflow for any logit.
    public func binaryCrossEntropyWithLogits(_ target: Tensor) -> Tensor {
        pairLoss("binaryCrossEntropyWithLogits", HONE_LOGISTIC, target)
    }

    /// −target log self − (1 − target) log(1 − self), element by element; logarithms are at least −100, as in PyTorch.
    public func binaryCrossEntropy(_ target: Tensor) -> Tensor { pairLoss("binaryCrossEntropy", HONE_BINARY, target) }

    private func pairLoss(_ name: String, _ kernel: hone_pair_loss, _ target: Tensor, _ parameter: Float = 0) -> Tensor
    {
        if isInert || target.isInert { return .inert }
        guard elementType == .float32, target.elementType == .float32, shape == target.shape else {
            return failed(
                name,
                "\(elementType) predictions \(shape) and \(target.elementType) targets \(target.shape), expected "
                    + "float32 of one shape")
        }
        let result = Tensor.uninitialized(shape)
        hone_pair_losses(
            HONE_ISA_AUTO, kernel, body.floats, target.body.floats, parameter, result.body.floats, count)
        if let tape = Context.current.pointee.tape {
            let (slotX, slotY) = (tape.slot(of: self), tape.slot(of: target))
            if slotX >= 0 || slotY >= 0 {
                tape.append(
                    Tape.Record(
                        operation: .pairLoss, output: tape.enter(result), input0: slotX, input1: slotY,
                        integer0: Int(kernel.rawValue), scalar: Double(parameter), saved0: body, saved1: target.body))
            }
        }
        return result
    }
}

func pairLossBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let x = record.saved0, let y = record.saved1 else { return }
    for (slot, isTarget) in [(record.input0, false), (record.input1, true)] where slot >= 0 {
        let (memory, accumulates) = tape.target(slot)
        hone_pair_losses_backward(
            HONE_ISA_AUTO, hone_pair_loss(rawValue: Int32(record.integer0)), isTarget, x.floats, y.floats,
            Float(record.scalar), gradient.floats, memory, x.count, accumulates)
    }
}
