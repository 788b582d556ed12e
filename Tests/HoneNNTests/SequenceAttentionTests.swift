import Foundation
import HoneNN
import HoneTensor
import Testing

@Suite struct SequenceAttentionTests {
    private func attention(
        _ features: Int = 6, heads: Int = 2, dropout: Float = 0, bias: Bool = true, keyBias: Bool = false,
        zeroKey: Bool = false, keyFeatures: Int? = nil, valueFeatures: Int? = nil, batchFirst: Bool = true
    ) -> MultiheadAttention {
        let layer = MultiheadAttention(
            features, heads: heads, dropout: dropout, bias: bias, addsKeyBias: keyBias, addsZeroKey: zeroKey,
            keyFeatures: keyFeatures, valueFeatures: valueFeatures, batchFirst: batchFirst)
        layer.initialise(seed: 4)
        // PyTorch's biases begin as zeros, with which a mistake about them would not be seen.
        var numbers = TestNumbers(seed: 40)
        for (name, parameter) in layer.parameters where name.hasSuffix("bias") {
            parameter.value = numbers.tensor(parameter.shape.array, in: -0.5...0.5)
        }
        return layer
    }

    @Test func gradientsAreThoseOfCentralDifferences() throws {
        var numbers = TestNumbers(seed: 1)
        let (q, k, v) = (numbers.tensor([2, 3, 6]), numbers.tensor([2, 4, 6]), numbers.tensor([2, 4, 6]))
        let (wideK, wideV) = (numbers.tensor([2, 4, 3]), numbers.tensor([2, 4, 5]))
        let added = numbers.tensor([3, 4])
        let cross: [(MultiheadAttention, [Tensor])] = [
            (attention(), [q, k, v]), (attention(heads: 1, bias: false), [q, k, v]),
            (attention(heads: 3, keyBias: true, zeroKey: true), [q, k, v]),
            (attention(keyFeatures: 3, valueFeatures: 5), [q, wideK, wideV]),
            (attention(batchFirst: false), [q, k, v].map { $0.transposed(0, 1) }),
        ]
        for (layer, inputs) in cross {
            let worst = try worstSlope(layer, at: inputs, stride: 5) {
                layer(query: $0[0], key: $0[1], value: $0[2])
            }
            #expect(worst < 2e-3)
            #expect(
                try worstSlope(layer, at: inputs + [added], stride: 7) {
                    layer(query: $0[0], key: $0[1], value: $0[2], mask: $0[3])
                } < 2e-3)
        }
        let layer = attention()
        #expect(try worstSlope(layer, at: [q], stride: 5) { layer($0[0], mask: nil, isCausal: true) } < 2e-3)
    }

    @Test func everyParameterReceivesAGradient() throws {
        var numbers = TestNumbers(seed: 2)
        let q = numbers.tensor([2, 3, 6])
        for layer in [attention(), attention(keyBias: true)] {
            #expect(try namesWithoutGradient(layer) { layer(q) } == [])
        }
        let wide = attention(keyFeatures: 3, valueFeatures: 5)
        let (k, v) = (numbers.tensor([2, 4, 3]), numbers.tensor([2, 4, 5]))
        #expect(try namesWithoutGradient(wide) { wide(query: q, key: k, value: v) } == [])
    }

    @Test func namesAndFirstValuesArePyTorchs() {
        let layer = MultiheadAttention(64, heads: 4)
        layer.initialise(seed: 1)
        #expect(names(layer) == ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"])
        #expect(layer.parameters[0].parameter.shape == [192, 64])
        let bounds = [(6.0 / 256).squareRoot(), 0, 0.125, 0]
        for ((_, parameter), bound) in zip(layer.parameters, bounds) {
            let largest = Double(parameter.value.scalars.reduce(0) { max($0, abs($1)) })
            #expect(largest <= bound * (1 + 1e-6) && largest >= 0.99 * bound)
        }
        #expect(
            names(MultiheadAttention(6, heads: 2, bias: false, addsKeyBias: true, keyFeatures: 3))
                == ["q_proj_weight", "k_proj_weight", "v_proj_weight", "bias_k", "bias_v", "out_proj.weight"])
    }

    @Test func selfAttentionIsAttentionToItself() {
        var numbers = TestNumbers(seed: 3)
        let x = numbers.tensor([2, 5, 6])
        for layer in [attention(), attention(batchFirst: false), attention(bias: false)] {
            #expect(distance(layer(x), layer(query: x, key: x, value: x)) < 1e-6)
            #expect(
                distance(
                    layer(x, mask: nil, isCausal: true), layer(query: x, key: x, value: x, isCausal: true)) < 1e-6)
            #expect(distance(layer([x])[0], layer([x, x, x])[0]) < 1e-6)
        }
    }

    @Test func withItsWeightsItGivesTheSame() {
        var numbers = TestNumbers(seed: 4)
        let (q, k, v) = (numbers.tensor([2, 3, 6]), numbers.tensor([2, 4, 6]), numbers.tensor([2, 4, 6]))
        let padding = Tensor([0, 0, 1, 0, 0, 0, 0, 1] as [Int32], shape: [2, 4])
        for layer in [attention(), attention(heads: 3, keyBias: true, zeroKey: true)] {
            for isCausal in [false, true] {
                let plain = layer(query: q, key: k, value: v, keyPadding: padding, isCausal: isCausal)
                let (output, weights) = layer.withWeights(
                    query: q, key: k, value: v, keyPadding: padding, isCausal: isCausal)
                #expect(distance(plain, output) < 1e-5)
                #expect(distance(weights.sum(axes: [2]), .ones([2, 3])) < 1e-5)
                #expect(weights[0, .all, 2].scalars.allSatisfy { $0 == 0 })
                let each = layer.withWeights(
                    query: q, key: k, value: v, keyPadding: padding, isCausal: isCausal, averaged: false
                ).weights
                #expect(each.shape[1] == layer.heads && distance(each.mean(axes: [1]), weights) < 1e-6)
            }
        }
    }

    @Test func aPaddedKeyNeverMatters() {
        var numbers = TestNumbers(seed: 5)
        let q = numbers.tensor([2, 3, 6])
        var (k, v) = (numbers.tensor([2, 4, 6]), numbers.tensor([2, 4, 6]))
        let padding = Tensor([0, 0, 1, 1, 0, 1, 0, 0] as [Int32], shape: [2, 4])
        let floats = Tensor(padding.scalars.map { $0 == 0 ? 0 : -.infinity }, shape: [2, 4])
        let layer = attention()
        let before = layer(query: q, key: k, value: v, keyPadding: padding)
        #expect(layer(query: q, key: k, value: v, keyPadding: floats).isBitwiseEqual(to: before))
        #expect(!layer(query: q, key: k, value: v).isBitwiseEqual(to: before))
        for (batch, key) in [(0, 2), (0, 3), (1, 1)] {
            k[batch, key] = numbers.tensor([6], in: -9...9)
            v[batch, key] = numbers.tensor([6], in: -9...9)
        }
        #expect(layer(query: q, key: k, value: v, keyPadding: padding).isBitwiseEqual(to: before))
        k[1, 0] = numbers.tensor([6])
        #expect(!layer(query: q, key: k, value: v, keyPadding: padding).isBitwiseEqual(to: before))
    }

    @Test func theFutureNeverMatters() {
        var numbers = TestNumbers(seed: 6)
        var x = numbers.tensor([2, 5, 6])
        let triangle = Tensor((0..<25).map { Int32($0 % 5 > $0 / 5 ? 1 : 0) }, shape: [5, 5])
        for layer in [attention(), attention(keyBias: true, zeroKey: true)] {
            let before = layer(x, mask: nil, isCausal: true)
            #expect(distance(layer(x, mask: triangle), before) < 1e-6)
            x[.all, 3] = numbers.tensor([2, 6])
            let after = layer(x, mask: nil, isCausal: true)
            #expect(after[.all, 0..<3].isBitwiseEqual(to: before[.all, 0..<3]))
            #expect(!after[.all, 3].isBitwiseEqual(to: before[.all, 3]))
            #expect(!after[.all, 4].isBitwiseEqual(to: before[.all, 4]))
        }
    }

    @Test func masksMayBeOfEachHead() {
        var numbers = TestNumbers(seed: 7)
        let (q, k) = (numbers.tensor([2, 3, 6]), numbers.tensor([2, 4, 6]))
        let padding = Tensor([0, 0, 1, 1, 0, 1, 0, 0] as [Int32], shape: [2, 4])
        let layer = attention()
        let expected = layer(query: q, key: k, value: k, keyPadding: padding)
        let each = padding.reshaped([2, 1, 1, 4]).expanded(to: [2, 2, 3, 4])
        #expect(layer(query: q, key: k, value: k, mask: each.reshaped([4, 3, 4])).isBitwiseEqual(to: expected))
        #expect(layer(query: q, key: k, value: k, mask: each).isBitwiseEqual(to: expected))
        #expect(layer(query: q, key: k, value: k, mask: each[.all, 0..<1]).isBitwiseEqual(to: expected))
        // One mask for all of the batch, another for each head: what no strides can read.
        let heads = numbers.tensor([1, 2, 1, 4])
        let spread = heads.expanded(to: [2, 2, 3, 4])
        #expect(
            layer(query: q, key: k, value: k, mask: heads)
                .isBitwiseEqual(to: layer(query: q, key: k, value: k, mask: spread)))
        #expect(distance(layer(query: q, key: k, value: k, mask: spread), layer(query: q, key: k, value: k)) > 1e-3)
        let column = numbers.tensor([3, 1])
        #expect(distance(layer(query: q, key: k, value: k, mask: column), layer(query: q, key: k, value: k)) < 1e-6)
    }

    @Test func aSequenceWithoutABatchIsABatchOfOne() {
        var numbers = TestNumbers(seed: 8)
        let (q, k) = (numbers.tensor([3, 6]), numbers.tensor([4, 6]))
        let padding = Tensor([0, 0, 1, 0] as [Int32])
        for batchFirst in [true, false] {
            let layer = attention(batchFirst: batchFirst)
            let axis = batchFirst ? 0 : 1
            let whole = layer(
                query: q.unsqueezed(axis: axis), key: k.unsqueezed(axis: axis), value: k.unsqueezed(axis: axis),
                keyPadding: padding.unsqueezed(axis: 0))
            let alone = layer(query: q, key: k, value: k, keyPadding: padding)
            #expect(alone.shape == [3, 6] && alone.isBitwiseEqual(to: whole.squeezed(axis: axis)))
            let (output, weights) = layer.withWeights(query: q, key: k, value: k, keyPadding: padding)
            #expect(distance(output, alone) < 1e-5 && weights.shape == [3, 4])
        }
    }

    @Test func weightsAreDroppedInTrainingAlone() {
        let layer = attention(dropout: 0.5)
        var numbers = TestNumbers(seed: 9)
        let x = numbers.tensor([2, 5, 6])
        func output(_ seed: UInt64) -> Tensor { withRandomKey(RandomKey(seed: seed)) { layer(x) } }
        #expect(output(1).isBitwiseEqual(to: output(1)) && !output(1).isBitwiseEqual(to: output(2)))
        layer.eval()
        #expect(output(1).isBitwiseEqual(to: output(2)))
    }

    @Test func itsStateCanBeSavedAndRead() throws {
        var numbers = TestNumbers(seed: 10)
        let x = numbers.tensor([2, 5, 6])
        let make = { MultiheadAttention(6, heads: 2, addsKeyBias: true) }
        #expect(try keepsItsBits(make(), make()) { $0(x) })
    }

    @Test func mistakesAreNamed() {
        let layer = attention()
        let x = Tensor.zeros([2, 5, 6])
        #expect(mistake { layer(Tensor.zeros([2, 5, 4])) }?.contains("query [2, 5, 4]") == true)
        #expect(mistake { layer(query: x, key: Tensor.zeros([3, 5, 6]), value: x) }?.contains("key [3, 5, 6]") == true)
        #expect(
            mistake { layer(x, mask: Tensor.zeros([5, 4])) }
                == "MultiheadAttention 6, 2 heads: the mask is [5, 4], expected [5, 5], [4, 5, 5] or [2, 2, 5, 5]")
        #expect(
            mistake { layer(x, mask: nil, keyPadding: Tensor.zeros([2, 4])) }
                == "MultiheadAttention 6, 2 heads: the key padding is [2, 4], expected [2, 5]")
        #expect(mistake { MultiheadAttention(6, heads: 4)(x) }?.contains("no multiple of 4 heads") == true)
        #expect(mistake { MultiheadAttention(6, heads: 0)(x) }?.contains("no multiple of 0 heads") == true)
        #expect(mistake { attention(dropout: 1)(x) }?.contains("dropout is 1.0") == true)
        #expect(mistake { layer([x, x]) }?.contains("2 inputs") == true)
    }
}
