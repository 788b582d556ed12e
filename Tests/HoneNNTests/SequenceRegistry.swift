import Foundation
import HoneNN
import HoneTensor

// The layers of `Layers/Sequence`.

extension LayerEntry {
    static let sequences: [LayerEntry] = [encodings, sequenceDropouts, recurrent, attentions, transformers]
        .flatMap { $0 }

    // MARK: Encodings and dropouts

    private static let encodings: [LayerEntry] = [
        LayerEntry(
            name: "SinusoidalEncoding", shapes: [[[2, 3, 4]], [[5, 4]]],
            truth: .formula { _, x in
                withPlaces(x[0]) { place, element, value in
                    let angle = Double(place) / pow(10_000, Double(element / 2) / 2)
                    return value + (element % 2 == 0 ? sin(angle) : cos(angle))
                }
            }
        ) { SinusoidalEncoding(4) },
        LayerEntry(
            name: "LearnedEncoding", state: ["weight"], shapes: [[[2, 3, 4]], [[3, 4]]],
            truth: .formula { state, x in
                let rows = state["weight"]?.scalars ?? []
                return withPlaces(x[0]) { place, element, value in value + Double(rows[place * 4 + element]) }
            }
        ) { LearnedEncoding(3, 4) },
        LayerEntry(
            name: "LearnedEncoding", variant: "dropout", state: ["weight"], shapes: [[[2, 3, 4]]],
            differsInTraining: true,
            truth: .formula { state, x in
                let rows = state["weight"]?.scalars ?? []
                return withPlaces(x[0]) { place, element, value in value + Double(rows[place * 4 + element]) }
            }
        ) { LearnedEncoding(3, 4, dropout: 0.5) },
        LayerEntry(
            name: "RotaryEncoding", shapes: [[[2, 2, 3, 4]], [[5, 4]]],
            truth: .formula { _, x in
                let values = x[0].scalars.map(Double.init)
                let time = x[0].shape[-2]
                let turned = values.indices.map { index -> Float in
                    let (element, place, row) = (index % 4, index / 4 % time, index / 4 * 4)
                    let angle = Double(place) / pow(100, Double(element % 2))
                    let (first, second) = (values[row + element % 2], values[row + element % 2 + 2])
                    return Float(
                        element < 2
                            ? first * cos(angle) - second * sin(angle) : first * sin(angle) + second * cos(angle))
                }
                return Tensor(turned, shape: x[0].shape)
            }
        ) { RotaryEncoding(4) },
    ]

    private static let sequenceDropouts: [LayerEntry] = [
        LayerEntry(
            name: "VariationalDropout", shapes: [[[3, 4, 2]], [[2, 5, 3]]], differsInTraining: true,
            truth: .elements { $0 }
        ) { VariationalDropout(0.5) },
        LayerEntry(
            name: "EmbeddingDropout", state: ["emb.weight"], shapes: [[[7]], [[2, 5]]], values: .indices(below: 5),
            differsInTraining: true,
            truth: .formula { state, x in
                let rows = state["emb.weight"]?.scalars ?? []
                return Tensor(
                    x[0].integers.flatMap { rows[Int($0) * 3..<Int($0) * 3 + 3] },
                    shape: Shape(x[0].shape.array + [3]))
            }
        ) { EmbeddingDropout(Embedding(5, 3), words: 5, 0.5) },
        LayerEntry(
            name: "WeightDrop",
            state: ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"].map { "module." + $0 },
            shapes: [[[4, 2, 3]], [[5, 3]]], differsInTraining: true,
            truth: .formula { state, x in elman(state, "module.", x[0]) }
        ) { WeightDrop(RNN(3, 4), 0.5) },
    ]

    /// Each element of `[..., time, 4]` by its place in time and its place in the row.
    private static func withPlaces(_ x: Tensor, _ value: (Int, Int, Double) -> Double) -> Tensor {
        let time = x.shape[-2]
        return Tensor(
            x.scalars.enumerated().map { Float(value($0.offset / 4 % time, $0.offset % 4, Double($0.element))) },
            shape: x.shape)
    }

    // MARK: Recurrent layers

    private static let recurrent: [LayerEntry] = [
        LayerEntry(
            name: "RNN", state: weightNames(["l0"]), shapes: [[[4, 2, 3]], [[5, 3]]],
            truth: .formula { state, x in elman(state, "", x[0]) }
        ) { RNN(3, 4) },
        LayerEntry(
            name: "LSTM", state: weightNames(["l0"]), shapes: [[[3, 2, 3]], [[4, 3]]], truth: .vectors("LSTM")
        ) { LSTM(3, 2) },
        LayerEntry(
            name: "LSTM", variant: "both ways, two layers, state, dropout",
            state: weightNames(["l0", "l0_reverse", "l1", "l1_reverse"]),
            shapes: [[[2, 3, 3], [4, 2, 2], [4, 2, 2]]],
            differsInTraining: true, call: withState, truth: .vectors("LSTM")
        ) { LSTM(3, 2, layers: 2, batchFirst: true, dropout: 0.5, bidirectional: true) },
        LayerEntry(
            name: "GRU", state: weightNames(["l0"]), shapes: [[[3, 2, 3]], [[4, 3]]], truth: .vectors("GRU")
        ) { GRU(3, 2) },
        LayerEntry(
            name: "GRU", variant: "both ways, state", state: weightNames(["l0", "l0_reverse"]),
            shapes: [[[3, 2, 3], [2, 2, 2]], [[4, 3], [2, 2]]], call: withState, truth: .vectors("GRU")
        ) { GRU(3, 2, bidirectional: true) },
    ]

    private static func weightNames(_ suffixes: [String]) -> [String] {
        suffixes.flatMap { suffix in ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map { "\($0)_\(suffix)" } }
    }

    /// The outputs and the last state for an input, a first state and perhaps a first cell.
    @Sendable private static func withState(_ module: any Module, _ inputs: [Tensor]) -> [Tensor] {
        guard let layer = module as? RecurrentLayer else { return [] }
        let first = RecurrentState(hidden: inputs[1], cell: inputs.count > 2 ? inputs[2] : nil)
        let result = layer(inputs[0], state: first)
        return [result.output, result.state.hidden] + (result.state.cell.map { [$0] } ?? [])
    }

    /// An Elman network of one layer of width 4 over `[time, batch, 3]` or `[time, 3]`, step by step.
    private static func elman(_ state: StateDictionary, _ prefix: String, _ x: Tensor) -> Tensor {
        func values(_ name: String) -> [Float] { state["\(prefix)\(name)_l0"]?.scalars ?? [] }
        let (input, hidden) = (values("weight_ih"), values("weight_hh"))
        let (inputBias, hiddenBias) = (values("bias_ih"), values("bias_hh"))
        let (time, batch, scalars) = (x.shape[0], x.rank == 3 ? x.shape[1] : 1, x.scalars)
        var outputs: [Float] = []
        var last = [Float](repeating: 0, count: batch * 4)
        for step in 0..<time {
            var next: [Float] = []
            for sample in 0..<batch {
                for row in 0..<4 {
                    var sum = inputBias[row] + hiddenBias[row]
                    for i in 0..<3 { sum += input[row * 3 + i] * scalars[(step * batch + sample) * 3 + i] }
                    for i in 0..<4 { sum += hidden[row * 4 + i] * last[sample * 4 + i] }
                    next.append(Float(tanh(Double(sum))))
                }
            }
            last = next
            outputs += next
        }
        return Tensor(outputs, shape: Shape(x.shape.array.dropLast() + [4]))
    }

    // MARK: Attention

    private static let attentionNames = ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"]

    private static let attentions: [LayerEntry] = [
        LayerEntry(
            name: "MultiheadAttention", state: attentionNames, shapes: [[[2, 3, 4]], [[3, 4]]],
            truth: .vectors("MultiheadAttention")
        ) { MultiheadAttention(4, heads: 2) },
        LayerEntry(
            name: "MultiheadAttention", variant: "cross", state: attentionNames,
            shapes: [[[2, 3, 4], [2, 5, 4], [2, 5, 4]], [[1, 4], [3, 4], [3, 4]]],
            truth: .formula { state, x in attention(state, "", x[0], x[1], x[2]) }
        ) { MultiheadAttention(4, heads: 2) },
        LayerEntry(
            name: "MultiheadAttention", variant: "widths, more keys, dropout",
            state: ["q", "k", "v"].map { "\($0)_proj_weight" } + ["in_proj_bias", "bias_k", "bias_v"]
                + attentionNames.suffix(2), shapes: [[[2, 3, 4], [2, 3, 3], [2, 3, 2]]], differsInTraining: true,
            truth: .formula { state, x in attention(state, "", x[0], x[1], x[2], addsZeroKey: true) }
        ) {
            MultiheadAttention(
                4, heads: 2, dropout: 0.5, addsKeyBias: true, addsZeroKey: true, keyFeatures: 3, valueFeatures: 2)
        },
    ]

    // MARK: Transformers

    private static let feedForwardNames = ["linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"]
    private static func normNames(_ names: [String]) -> [String] { names.flatMap { ["\($0).weight", "\($0).bias"] } }
    private static let encoderNames =
        attentionNames.map { "self_attn.\($0)" } + feedForwardNames + normNames(["norm1", "norm2"])
    private static let decoderNames =
        attentionNames.map { "self_attn.\($0)" } + attentionNames.map { "multihead_attn.\($0)" } + feedForwardNames
        + normNames(["norm1", "norm2", "norm3"])
    private static func stackNames(_ names: [String]) -> [String] {
        (0..<2).flatMap { layer in names.map { "layers.\(layer).\($0)" } } + normNames(["norm"])
    }

    private static let transformers: [LayerEntry] = [
        LayerEntry(
            name: "TransformerEncoderLayer", state: encoderNames, shapes: [[[2, 3, 4]], [[3, 4]]],
            truth: .formula { state, x in encoded(state, "", x[0]) }
        ) { TransformerEncoderLayer(4, heads: 2, feedForward: 5, dropout: 0, activation: .gelu) },
        LayerEntry(
            name: "TransformerEncoderLayer", variant: "norm first, dropout", state: encoderNames,
            shapes: [[[2, 3, 4]]],
            differsInTraining: true, truth: .formula { state, x in encoded(state, "", x[0], normFirst: true) }
        ) { TransformerEncoderLayer(4, heads: 2, feedForward: 5, dropout: 0.3, activation: .gelu, normFirst: true) },
        LayerEntry(
            name: "TransformerEncoder", state: stackNames(encoderNames), shapes: [[[2, 3, 4]]],
            truth: .formula { state, x in
                let y = (0..<2).reduce(x[0]) { encoded(state, "layers.\($1).", $0, normFirst: true) }
                return normalised(state, "norm", y)
            }
        ) {
            TransformerEncoder(count: 2, norm: LayerNorm(4)) {
                TransformerEncoderLayer(4, heads: 2, feedForward: 3, dropout: 0, activation: .gelu, normFirst: true)
            }
        },
        LayerEntry(
            name: "TransformerDecoderLayer", state: decoderNames,
            shapes: [[[2, 3, 4], [2, 2, 4]], [[1, 2, 4], [1, 3, 4]]],
            truth: .formula { state, x in decoded(state, "", x[0], x[1]) }
        ) { TransformerDecoderLayer(4, heads: 2, feedForward: 5, dropout: 0, activation: .gelu) },
        LayerEntry(
            name: "TransformerDecoder", state: stackNames(decoderNames), shapes: [[[2, 3, 4], [2, 2, 4]]],
            truth: .formula { state, x in
                let y = (0..<2).reduce(x[0]) { decoded(state, "layers.\($1).", $0, x[1], normFirst: true) }
                return normalised(state, "norm", y)
            }
        ) {
            TransformerDecoder(count: 2, norm: LayerNorm(4)) {
                TransformerDecoderLayer(4, heads: 2, feedForward: 3, dropout: 0, activation: .gelu, normFirst: true)
            }
        },
    ]

    private static func encoded(
        _ state: StateDictionary, _ prefix: String, _ x: Tensor, normFirst: Bool = false
    ) -> Tensor {
        func own(_ x: Tensor) -> Tensor { attention(state, "\(prefix)self_attn.", x, x, x) }
        func residual(_ norm: String, _ x: Tensor, _ part: (Tensor) -> Tensor) -> Tensor {
            let name = prefix + norm
            return normFirst ? x + part(normalised(state, name, x)) : normalised(state, name, x + part(x))
        }
        return residual("norm2", residual("norm1", x, own)) { fedForward(state, prefix, $0) }
    }

    private static func decoded(
        _ state: StateDictionary, _ prefix: String, _ x: Tensor, _ memory: Tensor, normFirst: Bool = false
    ) -> Tensor {
        func residual(_ norm: String, _ x: Tensor, _ part: (Tensor) -> Tensor) -> Tensor {
            let name = prefix + norm
            return normFirst ? x + part(normalised(state, name, x)) : normalised(state, name, x + part(x))
        }
        let first = residual("norm1", x) { attention(state, "\(prefix)self_attn.", $0, $0, $0) }
        let second = residual("norm2", first) { attention(state, "\(prefix)multihead_attn.", $0, memory, memory) }
        return residual("norm3", second) { fedForward(state, prefix, $0) }
    }

    private static func dense(_ state: StateDictionary, _ name: String, _ x: Tensor) -> Tensor {
        let weight = state["\(name).weight"] ?? Tensor(0)
        return x.matmul(weight.transposed()) + (state["\(name).bias"] ?? Tensor(0))
    }

    private static func fedForward(_ state: StateDictionary, _ prefix: String, _ x: Tensor) -> Tensor {
        let hidden = dense(state, "\(prefix)linear1", x)
        let active = hidden.scalars.map { Float(Double($0) / 2 * (1 + erf(Double($0) / 2.0.squareRoot()))) }
        return dense(state, "\(prefix)linear2", Tensor(active, shape: hidden.shape))
    }

    /// Layer normalisation over four features.
    private static func normalised(_ state: StateDictionary, _ name: String, _ x: Tensor) -> Tensor {
        let (weight, bias) = (state["\(name).weight"]?.scalars ?? [], state["\(name).bias"]?.scalars ?? [])
        var values = x.scalars.map(Double.init)
        for row in stride(from: 0, to: values.count, by: 4) {
            let mean = values[row..<row + 4].reduce(0, +) / 4
            let variance = values[row..<row + 4].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4
            for i in 0..<4 {
                values[row + i] =
                    (values[row + i] - mean) / (variance + 1e-5).squareRoot() * Double(weight[i]) + Double(bias[i])
            }
        }
        return Tensor(values.map { Float($0) }, shape: x.shape)
    }

    /// Attention of two heads over four features, number by number.
    private static func attention(
        _ state: StateDictionary, _ prefix: String, _ query: Tensor, _ key: Tensor, _ value: Tensor,
        addsZeroKey: Bool = false
    ) -> Tensor {
        let bias = state["\(prefix)in_proj_bias"]?.scalars ?? []
        func projected(_ x: Tensor, _ index: Int, _ name: String) -> [[Float]] {
            let packed = state["\(prefix)in_proj_weight"]?.scalars
            let own = state["\(prefix)\(name)_proj_weight"]?.scalars ?? []
            let (width, scalars) = (x.shape[-1], x.scalars)
            let weight = packed.map { Array($0[index * 16..<(index + 1) * 16]) } ?? own
            return (0..<scalars.count / width).map { row in
                (0..<4).map { output in
                    (0..<width).reduce(bias[index * 4 + output]) {
                        $0 + weight[output * width + $1] * scalars[row * width + $1]
                    }
                }
            }
        }
        let batch = query.rank == 3 ? query.shape[0] : 1
        let (q, k, v) = (projected(query, 0, "q"), projected(key, 1, "k"), projected(value, 2, "v"))
        let (queries, keys) = (q.count / batch, k.count / batch)
        var rows: [Float] = []
        for sample in 0..<batch {
            var (ownKeys, ownValues) = (k[sample * keys..<(sample + 1) * keys], v[sample * keys..<(sample + 1) * keys])
            if let keyBias = state["\(prefix)bias_k"], let valueBias = state["\(prefix)bias_v"] {
                ownKeys.append(keyBias.scalars)
                ownValues.append(valueBias.scalars)
            }
            if addsZeroKey {
                ownKeys.append([0, 0, 0, 0])
                ownValues.append([0, 0, 0, 0])
            }
            for query in q[sample * queries..<(sample + 1) * queries] {
                for head in [0..<2, 2..<4] {
                    let shares = ownKeys.map { key in
                        exp(head.reduce(0.0) { $0 + Double(query[$1] * key[$1]) } / 2.0.squareRoot())
                    }
                    let sum = shares.reduce(0, +)
                    for element in head {
                        rows.append(Float(zip(shares, ownValues).reduce(0) { $0 + $1.0 * Double($1.1[element]) } / sum))
                    }
                }
            }
        }
        return dense(state, "\(prefix)out_proj", Tensor(rows, shape: query.shape))
    }
}
