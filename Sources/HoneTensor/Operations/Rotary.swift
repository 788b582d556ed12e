import HoneKernels

/// Which two elements of a head's width make a pair that is turned.
public enum RotaryPairing: Sendable, Hashable, Codable {
    /// 2i and 2i + 1: the paper's, and GPT-J's.
    case interleaved
    /// i and i + half of what is turned: GPT-NeoX's and Llama's.
    case halves
}

extension Tensor {
    /// Pairs of elements turned by an angle for each time and pair (Su et al. 2021, "RoFormer", equation 34). Elements
    /// beyond the pairs stay as they are. Cosines and sines are constants: they get no gradient.
    ///
    /// - Shape: self `[..., time, width]`, cosines and sines `[time, pairs]`, 2 · pairs at most the width, which stays
    public func rotary(cosines: Tensor, sines: Tensor, pairing: RotaryPairing) -> Tensor {
        if isInert || cosines.isInert || sines.isInert { return .inert }
        guard rank >= 2, cosines.rank == 2, cosines.shape == sines.shape, cosines.shape[0] == shape[-2],
            2 * cosines.shape[1] <= shape[-1], [self, cosines, sines].allSatisfy({ $0.elementType == .float32 })
        else {
            return failed(
                "rotary",
                "input \(elementType) \(shape) with cosines \(cosines.shape) and sines \(sines.shape), expected "
                    + "[..., time, width] and [time, up to half of the width]")
        }
        var sizes = hone_rotary()
        (sizes.time, sizes.width, sizes.pairs) = (shape[-2], shape[-1], cosines.shape[1])
        sizes.heads = (0..<rank - 2).reduce(1) { $0 * shape[$1] }
        sizes.interleaved = pairing == .interleaved
        let result = Tensor.uninitialized(shape)
        hone_rotate(
            HONE_ISA_AUTO, &sizes, body.floats, cosines.body.floats, sines.body.floats, result.body.floats, false)
        if let tape = Context.current.pointee.tape {
            let slot = tape.slot(of: self)
            if slot >= 0 {
                tape.append(
                    Tape.Record(
                        operation: .rotary, flag: sizes.interleaved, output: tape.enter(result), input0: slot,
                        integer0: sizes.heads, integer1: sizes.width, saved0: cosines.body, saved1: sines.body))
            }
        }
        return result
    }
}

/// A rotation's transpose turns back.
func rotaryBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let cosines = record.saved0, let sines = record.saved1 else { return }
    var sizes = hone_rotary()
    (sizes.time, sizes.pairs) = (cosines.shape[0], cosines.shape[1])
    (sizes.heads, sizes.width) = (record.integer0, record.integer1)
    (sizes.interleaved, sizes.inverse) = (record.flag, true)
    let (target, accumulates) = tape.target(record.input0)
    hone_rotate(HONE_ISA_AUTO, &sizes, gradient.floats, cosines.floats, sines.floats, target, accumulates)
}
