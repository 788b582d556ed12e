import HoneKernels

extension Tensor {
    /// Zeroes each element with `probability` and divides the others by 1 − probability (Srivastava et al. 2014).
    ///
    /// The mask is a function of the thread's random key (``withRandomKey(_:_:)``) and of how many masks were drawn
    /// with it, so that it can be drawn again.
    public func dropout(_ probability: Float) -> Tensor {
        if isInert || probability == 0 { return self }
        guard elementType == .float32, probability > 0, probability <= 1 else {
            return failed("dropout", "\(elementType) with probability \(probability), expected float32 and 0...1")
        }
        let state = Context.current
        let key = state.pointee.randomKey.derived(index: state.pointee.randomDraws)
        state.pointee.randomDraws += 1
        let result = Tensor.uninitialized(shape)
        applyMask(key.bits, probability, body.floats, result.body.floats, count, accumulates: false)
        if let tape = state.pointee.tape {
            let slot = tape.slot(of: self)
            if slot >= 0 {
                tape.append(
                    Tape.Record(
                        operation: .dropout, output: tape.enter(result), input0: slot,
                        integer0: Int(bitPattern: UInt(key.bits)),
                        scalar: Double(probability)))
            }
        }
        return result
    }

    /// ``dropout(_:)`` of whole parts: one draw for each element of the first `leading` axes, for all that it holds.
    ///
    /// With 2 leading axes channels of `[batch, channels, ...]` are dropped (Tompson et al. 2015), with 1 samples.
    public func dropout(_ probability: Float, leading: Int) -> Tensor {
        if isInert || probability == 0 { return self }
        guard elementType == .float32, probability > 0, probability <= 1, leading >= 0, leading <= rank else {
            return failed(
                "dropout",
                "\(elementType) \(shape) with probability \(probability) over \(leading) axes, expected "
                    + "float32 of as many axes and 0...1")
        }
        let lengths = shape.array
        let drawn = withoutGradient { Tensor.ones(Shape(Array(lengths[..<leading]))).dropout(probability) }
        return self * drawn.reshaped(Shape(lengths[..<leading] + lengths[leading...].map { _ in 1 }))
    }
}

private func applyMask(
    _ bits: UInt64, _ probability: Float, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int,
    accumulates: Bool
) {
    if probability == 1 {
        // Everything is dropped; 1 / (1 - p) has no value.
        if !accumulates { hone_fill(HONE_ISA_AUTO, 0, y, count) }
        return
    }
    hone_dropout(HONE_ISA_AUTO, bits, 0, probability, x, y, count, accumulates)
}

func dropoutBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    let (target, accumulates) = tape.target(record.input0)
    applyMask(
        UInt64(UInt(bitPattern: record.integer0)), Float(record.scalar), gradient.floats, target, gradient.count,
        accumulates: accumulates)
}
