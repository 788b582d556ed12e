import HoneKernels

/// An attention's sizes, kept by the tape for its backward pass.
private final class AttentionPlan {
    let sizes: hone_attention
    let query: Tensor
    let key: Tensor
    let value: Tensor
    let mask: Tensor?
    let output: Tensor
    let logSumExp: Tensor
    let slots: (query: Int32, key: Int32, value: Int32)

    init(
        _ sizes: hone_attention, _ query: Tensor, _ key: Tensor, _ value: Tensor, _ mask: Tensor?,
        _ output: Tensor,
        _ logSumExp: Tensor, _ slots: (Int32, Int32, Int32)
    ) {
        self.sizes = sizes
        self.query = query
        self.key = key
        self.value = value
        self.mask = mask
        self.output = output
        self.logSumExp = logSumExp
        self.slots = slots
    }
}

extension Tensor {
    /// softmax(scale · query keyᵀ + mask) · value (Vaswani et al. 2017), without a matrix of all queries by all keys in
    /// memory.
    ///
    /// - Shape: query `[..., queries, width]`, key `[..., keys, width]`, value `[..., keys, value width]`, mask
    ///   broadcastable to `[..., queries, keys]` and added to the scores -> `[..., queries, value width]`
    /// - Parameters:
    ///   - isCausal: whether query i sees the keys 0...i alone.
    ///   - scale: 1/√width when nil.
    ///   - dropout: the share of probabilities that is dropped, 0 up to 1.
    ///   - sharesKeys: whether keys and values may have fewer heads (axis -3) than queries, each for as many queries' heads
    ///     one after the other (Ainslie et al. 2023, "GQA").
    public static func scaledDotProductAttention(
        query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, isCausal: Bool = false,
        scale: Float? = nil,
        dropout: Float = 0, sharesKeys: Bool = false
    ) -> Tensor {
        let name = "scaledDotProductAttention"
        if query.isInert || key.isInert || value.isInert { return .inert }
        let rank = query.rank
        if sharesKeys, rank >= 3, key.rank == rank, value.rank == rank {
            return scaledDotProductAttention(
                query: query, key: key.repeatingHeads(query.shape[-3]), value: value.repeatingHeads(query.shape[-3]),
                mask: mask, isCausal: isCausal, scale: scale, dropout: dropout)
        }
        guard rank >= 2, key.rank == rank, value.rank == rank, query.shape[-1] == key.shape[-1],
            key.shape[-2] == value.shape[-2],
            [query, key, value].allSatisfy({ $0.elementType == .float32 }),
            (0..<rank - 2).allSatisfy({
                query.shape[$0] == key.shape[$0] && key.shape[$0] == value.shape[$0]
            })
        else {
            return failed(
                name,
                "query \(query.shape), key \(key.shape), value \(value.shape), expected [..., queries, width], "
                    + "[..., keys, width] and [..., keys, value width]")
        }
        guard dropout >= 0, dropout < 1 else {
            return failed(name, "dropout is \(dropout), expected 0 up to 1")
        }
        var scores = query.shape
        scores[rank - 1] = key.shape[-2]
        if let mask, Shape.broadcast(mask.shape, scores) != scores || mask.elementType != .float32 {
            return failed(
                name, "a mask of \(mask.elementType) \(mask.shape) cannot be broadcast to float32 \(scores)"
            )
        }
        let state = Context.current
        if let tape = state.pointee.tape, let mask, tape.slot(of: mask) >= 0 {
            return composed(query, key, value, mask, isCausal, scale, dropout)
        }
        var spread = mask?.detached()
        var places = spread.flatMap { MaskReading($0.shape, scores: scores) }
        if spread != nil, places == nil {
            // A mask that no strides can read is spread over all scores.
            spread = spread?.broadcast(to: scores)
            places = MaskReading(scores, scores: scores)
        }
        var sizes = hone_attention()
        sizes.heads = (0..<rank - 2).reduce(1) { $0 * query.shape[$1] }
        (sizes.queries, sizes.keys) = (query.shape[-2], key.shape[-2])
        (sizes.width, sizes.value_width) = (query.shape[-1], value.shape[-1])
        sizes.scale = scale ?? 1 / Float(Swift.max(1, sizes.width)).squareRoot()
        sizes.causal = isCausal
        sizes.mask = spread.map { UnsafePointer($0.body.floats) }
        sizes.heads_per_mask = places?.headsPerMask ?? 1
        (sizes.mask_stride, sizes.mask_row_stride) = (places?.stride ?? 0, places?.rowStride ?? 0)
        if dropout > 0 {
            sizes.dropout = dropout
            sizes.key = state.pointee.randomKey.derived(index: state.pointee.randomDraws).bits
            state.pointee.randomDraws += 1
        }
        var outShape = query.shape
        outShape[rank - 1] = sizes.value_width
        let result = Tensor.uninitialized(outShape)
        let logSumExp = Tensor.uninitialized([sizes.heads, sizes.queries])
        hone_attention_forward(
            HONE_ISA_AUTO, &sizes, query.body.floats, key.body.floats, value.body.floats,
            result.body.floats,
            logSumExp.body.floats)
        if let tape = state.pointee.tape {
            let slots = (tape.slot(of: query), tape.slot(of: key), tape.slot(of: value))
            if slots.0 >= 0 || slots.1 >= 0 || slots.2 >= 0 {
                let plan = AttentionPlan(
                    sizes, query, key, value, spread, result.detached(), logSumExp, slots)
                tape.append(
                    Tape.Record(
                        operation: .attention, output: tape.enter(result), input0: slots.0, custom: plan))
            }
        }
        return result
    }

    /// Each head several times, so that there are `count`; as it is when that is no multiple of their number.
    private func repeatingHeads(_ count: Int) -> Tensor {
        let heads = shape[-3]
        guard heads > 0, count % heads == 0, count != heads else { return self }
        var spread = shape.array
        spread.insert(count / heads, at: rank - 2)
        var target = shape
        target[rank - 3] = count
        return unsqueezed(axis: rank - 2).expanded(to: Shape(spread)).reshaped(target)
    }

    /// The same from single operations, where the mask is learned.
    private static func composed(
        _ query: Tensor, _ key: Tensor, _ value: Tensor, _ mask: Tensor, _ isCausal: Bool,
        _ scale: Float?, _ dropout: Float
    ) -> Tensor {
        let scale = scale ?? 1 / Float(Swift.max(1, query.shape[-1])).squareRoot()
        var scores = query.matmul(key, transposeOther: true) * scale + mask
        if isCausal {
            let (rows, columns) = (query.shape[-2], key.shape[-2])
            scores =
                scores
                + .build(Shape(rows, columns)) { out in
                    for row in 0..<rows {
                        for column in 0..<columns {
                            out[row * columns + column] = column > row ? -.infinity : 0
                        }
                    }
                }
        }
        return scores.softmax().dropout(dropout).matmul(value)
    }
}

/// How a mask is read in place, without copies for the axes along which it is broadcast.
private struct MaskReading {
    var headsPerMask = 1
    var stride = 0
    var rowStride = 0

    /// Nil when the mask is broadcast along its keys, or along leading axes that are not the last of them.
    init?(_ mask: Shape, scores: Shape) {
        let lead = scores.rank - mask.rank
        func length(_ axis: Int) -> Int { axis < lead ? 1 : mask[axis - lead] }
        guard length(scores.rank - 1) == scores[scores.rank - 1] else { return nil }
        let rows = length(scores.rank - 2)
        rowStride = rows == 1 ? 0 : scores[scores.rank - 1]
        var own = 0
        while own < scores.rank - 2, length(own) == scores[own] { own += 1 }
        for axis in own..<scores.rank - 2 {
            guard length(axis) == 1 else { return nil }
            headsPerMask *= Swift.max(1, scores[axis])
        }
        stride = own == 0 ? 0 : rows * scores[scores.rank - 1]
    }
}

func attentionBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    if let plan = record.custom as? PackedAttentionPlan { return packedAttentionBackward(plan, record, gradient, tape) }
    guard let plan = record.custom as? AttentionPlan else { return }
    var sizes = plan.sizes
    // One tensor may be query, key and value: their gradients are added one after the other.
    let slots = [plan.slots.query, plan.slots.key, plan.slots.value]
    let isShared = Set(slots.filter { $0 >= 0 }).count < slots.filter { $0 >= 0 }.count
    let inputs = [plan.query, plan.key, plan.value]
    let fresh =
        isShared ? zip(slots, inputs).map { $0 >= 0 ? Tensor.uninitialized($1.shape) : nil } : []
    let targets = isShared ? [] : slots.map { $0 >= 0 ? tape.target($0) : nil }
    func pointer(_ index: Int) -> UnsafeMutablePointer<Float>? {
        isShared ? fresh[index]?.body.floats : targets[index]?.pointer
    }
    func accumulates(_ index: Int) -> Bool { isShared ? false : targets[index]?.accumulates ?? false }
    hone_attention_backward(
        HONE_ISA_AUTO, &sizes, plan.query.body.floats, plan.key.body.floats, plan.value.body.floats,
        plan.output.body.floats, plan.logSumExp.body.floats, gradient.floats, pointer(0), pointer(1),
        pointer(2),
        accumulates(0), accumulates(1), accumulates(2))
    for (slot, made) in zip(slots, fresh) {
        if let made { tape.give(made.body, to: slot) }
    }
}
