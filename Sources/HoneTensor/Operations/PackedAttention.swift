import HoneKernels

/// What the tape keeps of a packed attention for its backward pass.
final class PackedAttentionPlan {
    let sizes: hone_attention
    let packed: Tensor
    let output: Tensor
    let logSumExp: Tensor

    init(_ sizes: hone_attention, _ packed: Tensor, _ output: Tensor, _ logSumExp: Tensor) {
        self.sizes = sizes
        self.packed = packed
        self.output = output
        self.logSumExp = logSumExp
    }
}

extension Tensor {
    /// Self attention of several heads over queries, keys and values that lie side by side, as one projection makes them:
    /// nothing is copied to split heads or to join them again.
    ///
    /// - Shape: `[batch, time, 3 * features] -> [batch, time, features]`, with time first unless `batchFirst`; features
    ///   are a multiple of `heads`, and those of a head lie together
    /// - Parameters:
    ///   - isCausal: whether query i sees the keys 0...i alone.
    ///   - dropout: the share of probabilities that is dropped, 0 up to 1.
    package func packedAttention(heads: Int, batchFirst: Bool, isCausal: Bool, dropout: Float) -> Tensor {
        if isInert { return self }
        guard rank == 3, elementType == .float32, heads > 0, shape[2] % (3 * heads) == 0, dropout >= 0, dropout < 1
        else {
            return failed(
                "packedAttention",
                "\(elementType) \(shape) for \(heads) heads with dropout \(dropout), expected float32 of three axes, the "
                    + "last a multiple of three times the heads, and dropout of 0 up to 1")
        }
        let (batch, time) = batchFirst ? (shape[0], shape[1]) : (shape[1], shape[0])
        let features = shape[2] / 3
        let state = Context.current
        var sizes = hone_attention()
        sizes.heads = batch * heads
        (sizes.queries, sizes.keys) = (time, time)
        (sizes.width, sizes.value_width) = (features / heads, features / heads)
        sizes.scale = 1 / Float(Swift.max(1, sizes.width)).squareRoot()
        sizes.causal = isCausal
        sizes.heads_per_mask = 1
        func places(_ width: Int) -> hone_heads {
            hone_heads(
                batch: batchFirst ? time * width : width, head: features / heads,
                row: batchFirst ? width : batch * width)
        }
        let inside = places(3 * features)
        sizes.places = hone_attention_places(
            heads_per_batch: heads, q: inside, k: inside, v: inside, out: places(features))
        if dropout > 0 {
            sizes.dropout = dropout
            sizes.key = state.pointee.randomKey.derived(index: state.pointee.randomDraws).bits
            state.pointee.randomDraws += 1
        }
        let result = Tensor.uninitialized(shape.replacing(axis: 2, with: features))
        let logSumExp = Tensor.uninitialized([sizes.heads, time])
        let x = body.floats
        hone_attention_forward(
            HONE_ISA_AUTO, &sizes, x, x + features, x + 2 * features, result.body.floats, logSumExp.body.floats)
        if let tape = state.pointee.tape {
            let slot = tape.slot(of: self)
            if slot >= 0 {
                let plan = PackedAttentionPlan(sizes, detached(), result.detached(), logSumExp)
                tape.append(
                    Tape.Record(operation: .attention, output: tape.enter(result), input0: slot, custom: plan))
            }
        }
        return result
    }
}

func packedAttentionBackward(
    _ plan: PackedAttentionPlan, _ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape
) {
    var sizes = plan.sizes
    let features = plan.output.shape[2]
    let (target, accumulates) = tape.target(record.input0)
    let x = plan.packed.body.floats
    hone_attention_backward(
        HONE_ISA_AUTO, &sizes, x, x + features, x + 2 * features, plan.output.body.floats, plan.logSumExp.body.floats,
        gradient.floats, target, target + features, target + 2 * features, accumulates, accumulates, accumulates)
}
