import HoneNN
import HoneTensor
import Testing

@Suite struct SequenceTransformerTests {
    private func encoderLayer(
        _ activation: TransformerActivation = .gelu, normFirst: Bool = false, dropout: Float = 0, bias: Bool = true,
        batchFirst: Bool = true
    ) -> TransformerEncoderLayer {
        TransformerEncoderLayer(
            4, heads: 2, feedForward: 5, dropout: dropout, activation: activation, normFirst: normFirst, bias: bias,
            batchFirst: batchFirst)
    }

    private func decoderLayer(normFirst: Bool = false, dropout: Float = 0) -> TransformerDecoderLayer {
        TransformerDecoderLayer(
            4, heads: 2, feedForward: 5, dropout: dropout, activation: .gelu, normFirst: normFirst)
    }

    /// LayerNorm without its parameters, which begin as ones and zeros.
    private func normalised(_ x: Tensor) -> Tensor { x.layerNorm(axes: 1, scale: nil, shift: nil, epsilon: 1e-5) }

    private func value(_ module: any Module, _ name: String) -> Tensor {
        module.parameters.first { $0.name == name }?.parameter.value ?? Tensor(0)
    }

    private func feedForward(_ layer: any Module, _ x: Tensor, _ activation: TransformerActivation) -> Tensor {
        let inner = x.linear(value(layer, "linear1.weight"), bias: value(layer, "linear1.bias"))
        return (activation == .relu ? inner.relu() : inner.gelu())
            .linear(value(layer, "linear2.weight"), bias: value(layer, "linear2.bias"))
    }

    private func attention(_ layer: any Module, _ path: String) -> MultiheadAttention {
        let attention = MultiheadAttention(4, heads: 2)
        for (name, parameter) in attention.parameters { parameter.value = value(layer, "\(path).\(name)") }
        return attention
    }

    @Test(arguments: [TransformerActivation.relu, .gelu], [false, true])
    func anEncoderLayerIsItsFormula(activation: TransformerActivation, normFirst: Bool) {
        let layer = encoderLayer(activation, normFirst: normFirst)
        layer.initialise(seed: 1)
        var numbers = TestNumbers(seed: 1)
        let x = numbers.tensor([2, 3, 4])
        let own = attention(layer, "self_attn")
        let expected: Tensor
        if normFirst {
            let y = x + own(normalised(x))
            expected = y + feedForward(layer, normalised(y), activation)
        } else {
            let y = normalised(x + own(x))
            expected = normalised(y + feedForward(layer, y, activation))
        }
        #expect(distance(layer(x), expected) < 1e-5)
    }

    @Test(arguments: [false, true])
    func aDecoderLayerIsItsFormula(normFirst: Bool) {
        let layer = decoderLayer(normFirst: normFirst)
        layer.initialise(seed: 2)
        var numbers = TestNumbers(seed: 2)
        let (x, memory) = (numbers.tensor([2, 3, 4]), numbers.tensor([2, 5, 4]))
        let (own, cross) = (attention(layer, "self_attn"), attention(layer, "multihead_attn"))
        let expected: Tensor
        if normFirst {
            let y = x + own(normalised(x), mask: nil, isCausal: true)
            let z = y + cross(query: normalised(y), key: memory, value: memory)
            expected = z + feedForward(layer, normalised(z), .gelu)
        } else {
            let y = normalised(x + own(x, mask: nil, isCausal: true))
            let z = normalised(y + cross(query: y, key: memory, value: memory))
            expected = normalised(z + feedForward(layer, z, .gelu))
        }
        #expect(distance(layer(x, memory: memory, masks: TransformerMasks(isCausal: true)), expected) < 1e-5)
        let plain = layer(x, memory: memory)
        #expect(layer([x, memory])[0].isBitwiseEqual(to: plain) && distance(plain, expected) > 1e-3)
    }

    @Test func namesArePyTorchs() {
        let attention = ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"]
        let dense = ["linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"]
        func norms(_ count: Int) -> [String] { (1...count).flatMap { ["norm\($0).weight", "norm\($0).bias"] } }
        #expect(names(encoderLayer()) == attention.map { "self_attn.\($0)" } + dense + norms(2))
        #expect(
            names(decoderLayer())
                == attention.map { "self_attn.\($0)" } + attention.map { "multihead_attn.\($0)" } + dense + norms(3))
        let encoder = TransformerEncoder(count: 2, norm: LayerNorm(4)) { encoderLayer() }
        #expect(names(encoder).first == "layers.0.self_attn.in_proj_weight")
        #expect(names(encoder).suffix(2) == ["norm.weight", "norm.bias"] && names(encoder).count == 26)
        #expect(names(TransformerDecoder(count: 1) { decoderLayer() }).last == "layers.0.norm3.bias")
        #expect(!names(encoderLayer(bias: false)).contains { $0.hasSuffix("bias") })
    }

    @Test func gradientsAreThoseOfCentralDifferences() throws {
        var numbers = TestNumbers(seed: 3)
        let (x, memory) = (numbers.tensor([2, 3, 4]), numbers.tensor([2, 2, 4]))
        for normFirst in [false, true] {
            let layer = encoderLayer(normFirst: normFirst)
            layer.initialise(seed: 3)
            #expect(try worstSlope(layer, at: [x], stride: 7) { layer($0[0], mask: nil, isCausal: true) } < 3e-3)
            #expect(try namesWithoutGradient(layer) { layer(x) } == [])
            let other = decoderLayer(normFirst: normFirst)
            other.initialise(seed: 4)
            #expect(try worstSlope(other, at: [x, memory], stride: 7) { other($0[0], memory: $0[1]) } < 3e-3)
            #expect(try namesWithoutGradient(other) { other(x, memory: memory) } == [])
        }
    }

    @Test func aStackIsItsLayersInTurn() {
        var numbers = TestNumbers(seed: 5)
        let (x, memory) = (numbers.tensor([2, 3, 4]), numbers.tensor([2, 2, 4]))
        let padding = Tensor([0, 0, 1, 0, 1, 1] as [Int32], shape: [2, 3])
        let encoder = TransformerEncoder(count: 2, norm: LayerNorm(4)) { encoderLayer(normFirst: true) }
        encoder.initialise(seed: 5)
        let expected = normalised(
            encoder.layers[1](encoder.layers[0](x, mask: nil, keyPadding: padding), mask: nil, keyPadding: padding))
        #expect(encoder(x, mask: nil, keyPadding: padding).isBitwiseEqual(to: expected))
        #expect(!encoder(x).isBitwiseEqual(to: expected))
        let decoder = TransformerDecoder(count: 2) { decoderLayer() }
        let masks = TransformerMasks(
            memory: Tensor([0, 1, 0, 0, 1, 0] as [Int32], shape: [3, 2]), targetPadding: padding,
            memoryPadding: .zeros([2, 2]), isCausal: true)
        let both = decoder.layers[1](decoder.layers[0](x, memory: memory, masks: masks), memory: memory, masks: masks)
        #expect(decoder(x, memory: memory, masks: masks).isBitwiseEqual(to: both))
        #expect(!decoder([x, memory])[0].isBitwiseEqual(to: both))
    }

    @Test func paddingNeverMattersInAStack() {
        var numbers = TestNumbers(seed: 6)
        var x = numbers.tensor([2, 3, 4])
        let padding = Tensor([0, 0, 1, 0, 1, 1] as [Int32], shape: [2, 3])
        let encoder = TransformerEncoder(count: 2) { encoderLayer() }
        let before = encoder(x, mask: nil, keyPadding: padding)
        x[0, 2] = numbers.tensor([4])
        x[1, 1..<3] = numbers.tensor([2, 4])
        let after = encoder(x, mask: nil, keyPadding: padding)
        #expect(after[0, 0..<2].isBitwiseEqual(to: before[0, 0..<2]))
        #expect(after[1, 0].isBitwiseEqual(to: before[1, 0]))
        #expect(!after[1, 1].isBitwiseEqual(to: before[1, 1]))
    }

    @Test func whatADecoderMayNotSeeNeverMatters() {
        var numbers = TestNumbers(seed: 10)
        let x = numbers.tensor([2, 3, 4])
        let memory = numbers.tensor([2, 2, 4])
        let layer = decoderLayer()
        let hidden = Tensor([0, 1, 0, 1, 0, 1] as [Int32], shape: [3, 2])
        let padding = Tensor([0, 1, 0, 0] as [Int32], shape: [2, 2])
        var changed = memory
        changed[0, 1] = numbers.tensor([4])
        for masks in [TransformerMasks(memory: hidden), TransformerMasks(memoryPadding: padding)] {
            let before = layer(x, memory: memory, masks: masks)
            #expect(layer(x, memory: changed, masks: masks).isBitwiseEqual(to: before))
            #expect(!layer(x, memory: changed).isBitwiseEqual(to: layer(x, memory: memory)))
        }
        var other = x
        other[.all, 2] = numbers.tensor([2, 4])
        let last = Tensor([0, 0, 1, 0, 0, 1, 0, 0, 0] as [Int32], shape: [3, 3])
        let ends = Tensor([0, 0, 1, 0, 0, 1] as [Int32], shape: [2, 3])
        for masks in [
            TransformerMasks(target: last), TransformerMasks(targetPadding: ends), TransformerMasks(isCausal: true),
        ] {
            let (before, after) = (layer(x, memory: memory, masks: masks), layer(other, memory: memory, masks: masks))
            #expect(after[.all, 0..<2].isBitwiseEqual(to: before[.all, 0..<2]))
            #expect(!after[.all, 2].isBitwiseEqual(to: before[.all, 2]))
        }
        #expect(!layer(other, memory: memory)[.all, 0].isBitwiseEqual(to: layer(x, memory: memory)[.all, 0]))
    }

    @Test func timeMayComeFirst() {
        var numbers = TestNumbers(seed: 7)
        let x = numbers.tensor([2, 3, 4])
        let (layer, other) = (encoderLayer(), encoderLayer(batchFirst: false))
        layer.initialise(seed: 7)
        other.initialise(seed: 7)
        #expect(distance(other(x.transposed(0, 1)).transposed(0, 1), layer(x)) < 1e-6)
    }

    @Test func dropoutActsInTrainingAlone() {
        var numbers = TestNumbers(seed: 8)
        let (x, memory) = (numbers.tensor([2, 3, 4]), numbers.tensor([2, 2, 4]))
        let (layer, other) = (encoderLayer(dropout: 0.5), decoderLayer(dropout: 0.5))
        func outputs(_ seed: UInt64) -> [Tensor] {
            withRandomKey(RandomKey(seed: seed)) { [layer(x), other(x, memory: memory)] }
        }
        for (a, b) in zip(outputs(1), outputs(2)) { #expect(!a.isBitwiseEqual(to: b)) }
        layer.eval()
        other.eval()
        for (a, b) in zip(outputs(1), outputs(2)) { #expect(a.isBitwiseEqual(to: b)) }
        // Attention, after it, between the dense layers, after them.
        #expect(layer.modules.filter { ($0.module as? Dropout)?.isTraining == false }.map(\.path).count == 3)
    }

    @Test func theirStatesCanBeSavedAndRead() throws {
        var numbers = TestNumbers(seed: 9)
        let x = numbers.tensor([2, 3, 4])
        let make = { TransformerEncoder(count: 2, norm: LayerNorm(4)) { self.encoderLayer() } }
        #expect(try keepsItsBits(make(), make()) { $0(x) })
    }

    @Test func mistakesNameThePath() {
        let encoder = TransformerEncoder(count: 2) { encoderLayer() }
        #expect(
            mistake { encoder(Tensor.zeros([2, 3, 5])) }?
                .hasPrefix("TransformerEncoder.layers.0.self_attn (MultiheadAttention 4, 2 heads): query [2, 3, 5]")
                == true)
        let decoder = TransformerDecoder(count: 1) { decoderLayer() }
        #expect(mistake { decoder([Tensor([1])]) } == "TransformerDecoder: 1 inputs, expected target and memory")
        #expect(mistake { decoderLayer()(Tensor([1])) }?.contains("expected target and memory") == true)
    }
}
