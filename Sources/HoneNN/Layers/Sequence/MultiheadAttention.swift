import HoneTensor

/// Attention of several heads (Vaswani et al. 2017, section 3.2.2): self attention with one input, cross attention with
/// query, key and value.
///
/// - Shape: query `[batch, queries, features]`, key `[batch, keys, keyFeatures]`, value `[batch, keys, valueFeatures]`
///   -> `[batch, queries, features]`; time first (`[queries, batch, features]`) with `batchFirst: false`; all without
///   their batch, if wanted
///
/// Names and initial values are PyTorch's. Masks are its too: one of integers hides what is not 0, one of floats is
/// added to the scores. A query that may see no key gets 0 from its heads.
public final class MultiheadAttention: TrainingModeDependent, MultiInputModule {
    /// `in_proj_weight` `[3 * features, features]`; nil where keys or values have features of their own.
    let packedWeight: Parameter?
    /// `q_proj_weight`, `k_proj_weight`, `v_proj_weight`, each `[features, …]`; empty where they are packed.
    let weights: [Parameter]
    /// `in_proj_bias` `[3 * features]`
    let bias: Parameter?
    /// `bias_k` and `bias_v`, one more key and its value.
    let keyBias, valueBias: Parameter?
    /// `out_proj`
    let projection: Linear

    /// The width of queries and outputs.
    public let features: Int
    /// The number of heads.
    public let heads: Int
    /// The share of the attention's weights that is dropped in training.
    public let dropout: Float
    /// Whether the batch is the first axis and time the second.
    public let batchFirst: Bool
    /// Whether weights are dropped.
    public var isTraining = true

    private let addsZeroKey: Bool

    /// Makes the layer.
    ///
    /// - Parameters:
    ///   - features: the width of queries and outputs, a multiple of `heads`.
    ///   - bias: whether all four projections have one.
    ///   - addsKeyBias: whether a learned key and value are appended to every sequence (`add_bias_kv`).
    ///   - addsZeroKey: whether a key and value of zeros are appended to every sequence (`add_zero_attn`).
    ///   - keyFeatures: the width of keys, if not `features`.
    ///   - valueFeatures: the width of values, if not `features`.
    ///   - batchFirst: whether the batch comes before time; true by default, unlike PyTorch and recurrent layers.
    public init(
        _ features: Int, heads: Int, dropout: Float = 0, bias: Bool = true, addsKeyBias: Bool = false,
        addsZeroKey: Bool = false, keyFeatures: Int? = nil, valueFeatures: Int? = nil, batchFirst: Bool = true
    ) {
        (self.features, self.heads, self.dropout) = (features, heads, dropout)
        (self.batchFirst, self.addsZeroKey) = (batchFirst, addsZeroKey)
        let widths = [features, keyFeatures ?? features, valueFeatures ?? features]
        // Glorot and Bengio (2010), of the packed matrix as a whole.
        func uniform(_ rows: Int, _ columns: Int) -> Parameter {
            let bound = (6 / Float(max(1, rows + columns))).squareRoot()
            return Parameter([rows, columns], .uniform(low: -bound, high: bound))
        }
        let isPacked = widths.allSatisfy { $0 == features }
        packedWeight = isPacked ? uniform(3 * features, features) : nil
        weights = isPacked ? [] : widths.map { uniform(features, $0) }
        self.bias = bias ? Parameter([3 * features], .zeros, role: .bias) : nil
        let normal = Initialiser.normal(mean: 0, deviation: 1 / Float(max(1, features)).squareRoot())
        keyBias = addsKeyBias ? Parameter([1, 1, features], normal, role: .bias) : nil
        valueBias = addsKeyBias ? Parameter([1, 1, features], normal, role: .bias) : nil
        projection = Linear(features, features, weight: .torchWeight, bias: bias ? .zeros : nil)
    }

    /// `MultiheadAttention 64, 4 heads`
    public var label: String { "MultiheadAttention \(features), \(heads) heads" }

    /// Self attention without masks.
    public func forward(_ x: Tensor) -> Tensor { forward(x, mask: nil) }

    /// Self attention of one input, or attention of query, key and value.
    public func forward(_ inputs: [Tensor]) -> [Tensor] {
        switch inputs.count {
        case 1: [forward(inputs[0])]
        case 3: [forward(query: inputs[0], key: inputs[1], value: inputs[2])]
        default: [failed(label, "\(inputs.count) inputs, expected one, or query, key and value")]
        }
    }

    /// Self attention.
    ///
    /// - Parameters: as those of ``callAsFunction(query:key:value:mask:keyPadding:isCausal:)``.
    public func callAsFunction(
        _ x: Tensor, mask: Tensor?, keyPadding: Tensor? = nil, isCausal: Bool = false
    ) -> Tensor {
        traced([x], outputs: { [$0] }) { forward(x, mask: mask, keyPadding: keyPadding, isCausal: isCausal) }
    }

    /// Cross attention.
    ///
    /// - Parameters:
    ///   - mask: `[queries, keys]`, `[batch * heads, queries, keys]` or `[batch, heads, queries, keys]`, any of the four
    ///     1. Integers hide what is not 0; floats are added to the scores, and may be learned.
    ///   - keyPadding: `[batch, keys]`, of the same two kinds.
    ///   - isCausal: whether query i sees the keys 0...i alone.
    public func callAsFunction(
        query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, keyPadding: Tensor? = nil,
        isCausal: Bool = false
    ) -> Tensor {
        traced([query, key, value], outputs: { [$0] }) {
            forward(query: query, key: key, value: value, mask: mask, keyPadding: keyPadding, isCausal: isCausal)
        }
    }

    /// Self attention; its three projections are one product.
    func forward(_ x: Tensor, mask: Tensor?, keyPadding: Tensor? = nil, isCausal: Bool = false) -> Tensor {
        if x.isInert { return x }
        guard let packedWeight, x.rank == 3, keyBias == nil, x.shape[-1] == features, isSplittable else {
            return forward(query: x, key: x, value: x, mask: mask, keyPadding: keyPadding, isCausal: isCausal)
        }
        let packed = x.linear(packedWeight.tensor, bias: bias?.tensor)
        if mask == nil, keyPadding == nil, !addsZeroKey, dropout >= 0, dropout < 1 {
            return projection(
                packed.packedAttention(
                    heads: heads, batchFirst: batchFirst, isCausal: isCausal, dropout: isTraining ? dropout : 0))
        }
        let parts = packed.reshaped([x.shape[0], x.shape[1], 3, heads, features / heads])
            .permuted(batchFirst ? [2, 0, 3, 1, 4] : [2, 1, 3, 0, 4])
        return attend((parts[0], parts[1], parts[2]), mask, keyPadding, isCausal)
    }

    func forward(
        query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, keyPadding: Tensor? = nil,
        isCausal: Bool = false
    ) -> Tensor {
        if isAlone((query, key, value)) {
            let inputs = batched((query, key, value))
            return forward(
                query: inputs.query, key: inputs.key, value: inputs.value, mask: mask, keyPadding: batched(keyPadding),
                isCausal: isCausal
            ).squeezed(axis: batchAxis)
        }
        guard let parts = projected(query, key, value) else { return failedInput(query, key, value) }
        return attend(parts, mask, keyPadding, isCausal)
    }

    /// The output, and what each query took of each key: `[batch, queries, keys]`, the mean of the heads, or `[batch,
    /// heads, queries, keys]` when not `averaged`. All weights are in memory, which plain calls avoid; a query that may
    /// see no key has weights that are no numbers.
    public func withWeights(
        query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, keyPadding: Tensor? = nil,
        isCausal: Bool = false, averaged: Bool = true
    ) -> (output: Tensor, weights: Tensor) {
        traced([query, key, value], outputs: { [$0.output] }) {
            forwardWithWeights(
                (query, key, value), mask: mask, keyPadding: keyPadding, isCausal: isCausal, averaged: averaged)
        }
    }

    private func forwardWithWeights(
        _ inputs: Parts, mask: Tensor?, keyPadding: Tensor?, isCausal: Bool, averaged: Bool
    ) -> (output: Tensor, weights: Tensor) {
        if isAlone(inputs) {
            let (output, weights) = forwardWithWeights(
                batched(inputs), mask: mask, keyPadding: batched(keyPadding), isCausal: isCausal, averaged: averaged)
            return (output.squeezed(axis: batchAxis), weights.squeezed(axis: 0))
        }
        guard let parts = projected(inputs.query, inputs.key, inputs.value) else {
            let problem = failedInput(inputs.query, inputs.key, inputs.value)
            return (problem, problem)
        }
        let (q, k, v) = extended(parts)
        var scores = q.matmul(k, transposeOther: true) * (1 / Float(max(1, q.shape[-1])).squareRoot())
        switch additiveMask(mask, keyPadding, isCausal: isCausal, q.shape, parts.key.shape[-2]) {
        case .success(let mask): if let mask { scores = scores + mask }
        case .failure(let problem):
            let inert = failed(label, problem.words)
            return (inert, inert)
        }
        var weights = scores.softmax()
        if isTraining { weights = weights.dropout(dropout) }
        return (joined(weights.matmul(v)), averaged ? weights.mean(axes: [1]) : weights)
    }

    // MARK: The steps

    private typealias Parts = (query: Tensor, key: Tensor, value: Tensor)

    private var batchAxis: Int { batchFirst ? 0 : 1 }

    /// Whether sequences come without a batch, which is as a batch of one.
    private func isAlone(_ inputs: Parts) -> Bool {
        inputs.query.rank == 2 && inputs.key.rank == 2 && inputs.value.rank == 2
    }

    private func batched(_ inputs: Parts) -> Parts {
        (
            inputs.query.unsqueezed(axis: batchAxis), inputs.key.unsqueezed(axis: batchAxis),
            inputs.value.unsqueezed(axis: batchAxis)
        )
    }

    private func batched(_ keyPadding: Tensor?) -> Tensor? {
        keyPadding.map { $0.rank == 1 ? $0.unsqueezed(axis: 0) : $0 }
    }

    private var isSplittable: Bool { heads > 0 && features > 0 && features % heads == 0 }

    private func failedInput(_ query: Tensor, _ key: Tensor, _ value: Tensor) -> Tensor {
        if let inert = [query, key, value].first(where: \.isInert) { return inert }
        guard isSplittable else { return failed(label, "\(features) features are no multiple of \(heads) heads") }
        let (own, keys, values) = (features, keyWidth, valueWidth)
        return failed(
            label,
            "query \(query.shape), key \(key.shape), value \(value.shape), expected "
                + (batchFirst
                    ? "[batch, queries, \(own)], [batch, keys, \(keys)], [batch, keys, \(values)]"
                    : "[queries, batch, \(own)], [keys, batch, \(keys)], [keys, batch, \(values)]"))
    }

    private var keyWidth: Int { weights.isEmpty ? features : weights[1].shape[1] }
    private var valueWidth: Int { weights.isEmpty ? features : weights[2].shape[1] }

    /// The three projections, `[batch, heads, time, width]`; nil when the inputs' shapes do not fit.
    private func projected(_ query: Tensor, _ key: Tensor, _ value: Tensor) -> Parts? {
        let (batch, time) = batchFirst ? (0, 1) : (1, 0)
        guard [query, key, value].allSatisfy({ !$0.isInert && $0.rank == 3 }), isSplittable,
            query.shape[2] == features, key.shape[2] == keyWidth, value.shape[2] == valueWidth,
            query.shape[batch] == key.shape[batch], query.shape[batch] == value.shape[batch],
            key.shape[time] == value.shape[time]
        else { return nil }
        let packed = packedWeight?.tensor
        let bias = bias?.tensor
        func part(_ x: Tensor, _ index: Int) -> Tensor {
            let rows = index * features..<(index + 1) * features
            let weight = packed.map { $0[rows] } ?? weights[index].tensor
            return x.linear(weight, bias: bias.map { $0[rows] })
                .reshaped([x.shape[0], x.shape[1], heads, features / heads])
                .permuted(batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3])
        }
        return (part(query, 0), part(key, 1), part(value, 2))
    }

    /// Keys and values with what is appended to every sequence.
    private func extended(_ parts: Parts) -> Parts {
        var (keys, values) = (parts.key, parts.value)
        let (batch, width) = (keys.shape[0], features / heads)
        if let keyBias, let valueBias {
            func appended(_ x: Tensor, _ bias: Parameter) -> Tensor {
                let row = bias.tensor.reshaped([1, heads, 1, width]).expanded(to: [batch, heads, 1, width])
                return .concatenate([x, row], axis: 2)
            }
            (keys, values) = (appended(keys, keyBias), appended(values, valueBias))
        }
        if addsZeroKey {
            let row = Tensor.zeros([batch, heads, 1, width])
            (keys, values) = (.concatenate([keys, row], axis: 2), .concatenate([values, row], axis: 2))
        }
        return (parts.query, keys, values)
    }

    private func attend(
        _ parts: Parts, _ mask: Tensor?, _ keyPadding: Tensor?, _ isCausal: Bool
    ) -> Tensor {
        let (q, k, v) = extended(parts)
        // What is appended is seen by all, which the operation's own rule would not allow.
        let isExtended = k.shape != parts.key.shape
        switch additiveMask(mask, keyPadding, isCausal: isCausal && isExtended, q.shape, parts.key.shape[-2]) {
        case .success(let mask):
            guard dropout >= 0, dropout < 1 else {
                return failed(label, "dropout is \(dropout), expected 0 up to 1")
            }
            return joined(
                .scaledDotProductAttention(
                    query: q, key: k, value: v, mask: mask, isCausal: isCausal && !isExtended,
                    dropout: isTraining ? dropout : 0))
        case .failure(let problem): return failed(label, problem.words)
        }
    }

    /// `[batch, heads, queries, width]` as the layer's output.
    private func joined(_ heads: Tensor) -> Tensor {
        if heads.isInert { return heads }
        let order = batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3]
        let lead = batchFirst ? [heads.shape[0], heads.shape[2]] : [heads.shape[2], heads.shape[0]]
        return projection(heads.permuted(order).reshaped(Shape(lead + [features])))
    }

    private func additiveMask(
        _ mask: Tensor?, _ keyPadding: Tensor?, isCausal: Bool, _ query: Shape, _ keys: Int
    ) -> Result<Tensor?, AttentionMask.Problem> {
        AttentionMask.sum(
            mask, keyPadding, isCausal: isCausal, batch: query[0], heads: heads, queries: query[2], keys: keys,
            appended: (keyBias == nil ? 0 : 1) + (addsZeroKey ? 1 : 0))
    }

    /// Names the parameters as PyTorch does.
    public func visitChildren(_ visitor: inout ModuleVisitor) {
        if let packedWeight { visitor.visit("in_proj_weight", packedWeight) }
        for (name, weight) in zip(["q", "k", "v"], weights) { visitor.visit("\(name)_proj_weight", weight) }
        if let bias { visitor.visit("in_proj_bias", bias) }
        if let keyBias { visitor.visit("bias_k", keyBias) }
        if let valueBias { visitor.visit("bias_v", valueBias) }
        visitor.visit("out_proj", projection)
    }
}
