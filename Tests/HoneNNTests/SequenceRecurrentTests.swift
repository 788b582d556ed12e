import HoneNN
import HoneTensor
import Testing

@Suite struct SequenceRecurrentTests {
    private func make(
        _ kind: String, _ inputs: Int, _ hidden: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
        dropout: Float = 0, bidirectional: Bool = false
    ) -> RecurrentLayer {
        switch kind {
        case "LSTM":
            LSTM(
                inputs, hidden, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
                bidirectional: bidirectional)
        case "GRU":
            GRU(
                inputs, hidden, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
                bidirectional: bidirectional)
        default:
            RNN(
                inputs, hidden, layers: layers, activation: kind == "relu" ? .relu : .tanh, bias: bias,
                batchFirst: batchFirst, dropout: dropout, bidirectional: bidirectional)
        }
    }

    private func state(_ numbers: inout TestNumbers, _ layer: RecurrentLayer, batch: Int) -> RecurrentState {
        let shape = [layer.layers * (layer.isBidirectional ? 2 : 1), batch, layer.hidden]
        let hidden = numbers.tensor(shape, in: -1...1)
        return RecurrentState(hidden: hidden, cell: layer is LSTM ? numbers.tensor(shape, in: -1...1) : nil)
    }

    @Test(arguments: ["tanh", "relu", "LSTM", "GRU"])
    func gradientsAreThoseOfCentralDifferences(kind: String) throws {
        let shapes: [(time: Int, batch: Int, layers: Int, both: Bool, bias: Bool, batchFirst: Bool)] = [
            (3, 2, 1, false, true, false), (1, 1, 1, false, false, true), (2, 3, 2, true, true, true),
        ]
        for (time, batch, layers, both, bias, batchFirst) in shapes {
            let layer = make(kind, 2, 3, layers: layers, bias: bias, batchFirst: batchFirst, bidirectional: both)
            layer.initialise(seed: 5)
            var numbers = TestNumbers(seed: 1)
            let x = numbers.tensor(batchFirst ? [batch, time, 2] : [time, batch, 2], in: -1...1)
            let first = state(&numbers, layer, batch: batch)
            let inputs = [x, first.hidden] + (first.cell.map { [$0] } ?? [])
            // Everything that comes out goes in.
            let worst = try worstSlope(layer, at: inputs) { inputs in
                let given = RecurrentState(hidden: inputs[1], cell: inputs.count == 3 ? inputs[2] : nil)
                let result = layer(inputs[0], state: given)
                return .concatenate(
                    [result.output, result.state.hidden, result.state.cell].compactMap { $0?.flattened() })
            }
            // A ReLU has a kink, at which differences are off.
            #expect(worst < (kind == "relu" ? 5e-3 : 1e-3), "\(kind) \(time)×\(batch)")
            #expect(try namesWithoutGradient(layer) { layer(x, state: first).output } == [])
        }
    }

    @Test func theLastCellAloneCarriesGradients() throws {
        let layer = LSTM(2, 3)
        var numbers = TestNumbers(seed: 2)
        let x = numbers.tensor([3, 2, 2])
        let worst = try worstSlope(layer, at: [x]) { layer($0[0], state: nil).state.cell ?? Tensor(0) }
        #expect(worst < 1e-3)
    }

    @Test(arguments: ["tanh", "LSTM", "GRU"])
    func namesShapesAndFirstValuesArePyTorchs(kind: String) {
        let layer = make(kind, 5, 64, layers: 2, bidirectional: true)
        layer.initialise(seed: 1)
        let gates = ["tanh": 1, "LSTM": 4, "GRU": 3][kind] ?? 0
        let suffixes = ["_l0", "_l0_reverse", "_l1", "_l1_reverse"]
        #expect(
            names(layer)
                == suffixes.flatMap { ["weight_ih\($0)", "weight_hh\($0)", "bias_ih\($0)", "bias_hh\($0)"] })
        let shapes = layer.parameters.map(\.parameter.shape.array)
        #expect(shapes[0] == [gates * 64, 5] && shapes[1] == [gates * 64, 64] && shapes[8] == [gates * 64, 128])
        for (_, parameter) in layer.parameters {
            let largest = parameter.value.scalars.reduce(0) { max($0, abs($1)) }
            #expect(largest <= 0.125 && largest > 0.11)
        }
        #expect(make(kind, 5, 4, bias: false).parameters.count == 2)
    }

    @Test(arguments: ["tanh", "relu", "LSTM", "GRU"])
    func bothDirectionsAreTwoOfOneDirection(kind: String) {
        let both = make(kind, 3, 4, bidirectional: true)
        both.initialise(seed: 3)
        let (ahead, back) = (make(kind, 3, 4), make(kind, 3, 4))
        for (target, source) in zip(ahead.parameters + back.parameters, both.parameters) {
            target.parameter.value = source.parameter.value
        }
        var numbers = TestNumbers(seed: 4)
        let x = numbers.tensor([5, 2, 3])
        let result = both(x, state: nil)
        let (one, other) = (ahead(x, state: nil), back(x.flipped(axes: [0]), state: nil))
        #expect(distance(result.output, .concatenate([one.output, other.output.flipped(axes: [0])], axis: 2)) < 1e-6)
        #expect(distance(result.state.hidden, .concatenate([one.state.hidden, other.state.hidden])) < 1e-6)
        #expect(result.state.cell == nil || kind == "LSTM")
    }

    @Test(arguments: ["tanh", "relu", "LSTM", "GRU"])
    func aStateThatIsCarriedOnMakesOneLongSequence(kind: String) {
        let layer = make(kind, 3, 4, layers: 2)
        layer.initialise(seed: 3)
        var numbers = TestNumbers(seed: 5)
        let x = numbers.tensor([7, 2, 3])
        let whole = layer(x, state: nil)
        let begin = layer(x[0..<4], state: nil)
        let end = layer(x[4..<7], state: begin.state.detached())
        #expect(Tensor.concatenate([begin.output, end.output]).isBitwiseEqual(to: whole.output))
        #expect(end.state.hidden.isBitwiseEqual(to: whole.state.hidden))
        #expect(whole.state.hidden[1].isBitwiseEqual(to: whole.output[-1]))
        #expect(layer(x).isBitwiseEqual(to: whole.output))
        if let cell = whole.state.cell { #expect(end.state.cell?.isBitwiseEqual(to: cell) == true) }
    }

    @Test(arguments: ["tanh", "LSTM", "GRU"])
    func theOrderOfAxesAndTheBatchAreMattersOfFormAlone(kind: String) {
        let (layer, other) = (
            make(kind, 3, 4, bidirectional: true), make(kind, 3, 4, batchFirst: true, bidirectional: true)
        )
        layer.initialise(seed: 3)
        other.initialise(seed: 3)
        var numbers = TestNumbers(seed: 6)
        let x = numbers.tensor([5, 20, 3])
        let result = layer(x, state: nil)
        let turned = other(x.transposed(0, 1), state: nil)
        #expect(turned.output.transposed(0, 1).isBitwiseEqual(to: result.output))
        #expect(turned.state.hidden.isBitwiseEqual(to: result.state.hidden))
        let alone = layer(x[.all, 7], state: nil)
        #expect(distance(alone.output, result.output[.all, 7]) < 1e-6)
        #expect(distance(alone.state.hidden, result.state.hidden[.all, 7]) < 1e-6)
        #expect(alone.state.hidden.shape == [2, 4])
        let first = RecurrentState(hidden: .zeros([2, 4]), cell: kind == "LSTM" ? .zeros([2, 4]) : nil)
        #expect(layer(x[.all, 7], state: first).output.isBitwiseEqual(to: alone.output))
    }

    @Test func dropoutLiesBetweenLayersInTrainingAlone() {
        let layer = GRU(3, 4, layers: 2, dropout: 0.5)
        var numbers = TestNumbers(seed: 7)
        let x = numbers.tensor([5, 2, 3])
        func output(_ seed: UInt64) -> Tensor { withRandomKey(RandomKey(seed: seed)) { layer(x) } }
        #expect(output(1).isBitwiseEqual(to: output(1)) && !output(1).isBitwiseEqual(to: output(2)))
        layer.eval()
        #expect(output(1).isBitwiseEqual(to: output(2)))
        let plain = GRU(3, 4, dropout: 0.5)
        #expect(
            withRandomKey(RandomKey(seed: 1)) { plain(x) }.isBitwiseEqual(
                to: withRandomKey(RandomKey(seed: 2)) { plain(x) }))
    }

    @Test(arguments: ["tanh", "LSTM", "GRU"])
    func statesOfLayersCanBeSavedAndRead(kind: String) throws {
        var numbers = TestNumbers(seed: 8)
        let x = numbers.tensor([3, 2, 2])
        let make = { self.make(kind, 2, 3, layers: 2, bidirectional: true) }
        #expect(try keepsItsBits(make(), make()) { $0(x) })
    }

    @Test func mistakesAreNamed() {
        let layer = LSTM(3, 4)
        let x = Tensor.zeros([5, 2, 3])
        #expect(
            mistake { layer(Tensor.zeros([5, 2, 2])) } == "LSTM 3→4: input is [5, 2, 2], expected [time, batch, 3]")
        #expect(mistake { layer(Tensor.zeros([0, 2, 3])) }?.contains("no steps") == true)
        let short = RecurrentState(hidden: .zeros([1, 3, 4]), cell: .zeros([1, 3, 4]))
        #expect(
            mistake { layer(x, state: short).output }
                == "LSTM 3→4: the first hidden state is [1, 3, 4], expected [1, 2, 4]")
        #expect(
            mistake { layer(x, state: RecurrentState(hidden: .zeros([1, 2, 4]))).output }
                == "LSTM 3→4: the first state has no cell")
        #expect(
            mistake { GRU(3, 4)(x, state: RecurrentState(hidden: .zeros([1, 2, 4]), cell: .zeros([1, 2, 4]))).output }
                == "GRU 3→4: the first state has a cell, which an LSTM's alone has")
        #expect(mistake { RNN(3, 4, layers: 0)(x) }?.contains("0 layers") == true)
        #expect(mistake { RNN(3, 4, dropout: 2)(x) } == "RNN 3→4: dropout is 2.0, expected 0...1")
        #expect(LSTM(3, 4, layers: 2, bidirectional: true).label == "LSTM 3→4 × 2 both ways")
    }

    @Test func anEmptyBatchGivesAnEmptyOutput() {
        #expect(LSTM(3, 4)(Tensor.zeros([5, 0, 3])).shape == [5, 0, 4])
    }

    // MARK: Dropping

    @Test func weightDropDropsTheWeightsOfTheStateForAllSteps() throws {
        let layer = WeightDrop(LSTM(3, 4), 0.5)
        layer.initialise(seed: 2)
        #expect(names(layer).first == "module.weight_ih_l0")
        var numbers = TestNumbers(seed: 9)
        let x = numbers.tensor([4, 2, 3])
        let dropped = withRandomKey(RandomKey(seed: 1)) { layer(x, state: nil) }
        // The same with a layer whose weight was dropped beforehand.
        let plain = LSTM(3, 4)
        for (target, source) in zip(plain.parameters, layer.parameters) {
            let value = source.parameter.value
            target.parameter.value =
                target.name == "weight_hh_l0" ? withRandomKey(RandomKey(seed: 1)) { value.dropout(0.5) } : value
        }
        #expect(dropped.output.isBitwiseEqual(to: plain(x)))
        #expect(try namesWithoutGradient(layer) { layer(x) } == [])
        layer.eval()
        #expect(!layer(x).isBitwiseEqual(to: dropped.output))
        #expect(layer(x).isBitwiseEqual(to: layer.module(x)))
        #expect(mistake { WeightDrop(LSTM(3, 4), 2)(x) } == "WeightDrop 2.0: probability is 2.0, expected 0...1")
    }

    @Test func variationalDropoutDropsAFeatureAtAllSteps() {
        for batchFirst in [true, false] {
            let layer = VariationalDropout(0.5, batchFirst: batchFirst)
            let y = layer(Tensor.ones(batchFirst ? [3, 5, 40] : [5, 3, 40]))
            let steps = batchFirst ? y.transposed(0, 1) : y
            for step in 1..<5 { #expect(steps[step].isBitwiseEqual(to: steps[0])) }
            #expect(Set(y.scalars) == [0, 2])
            #expect(!steps[0][0].isBitwiseEqual(to: steps[0][1]))
            layer.eval()
            #expect(Set(layer(Tensor.ones([3, 5, 40])).scalars) == [1])
        }
        #expect(mistake { VariationalDropout(0.5)(Tensor([1])) }?.hasPrefix("VariationalDropout 0.5") == true)
    }

    private final class Rows: Module {
        let weight = Parameter([50, 3], .ones)
        func forward(_ x: Tensor) -> Tensor { weight.tensor.rows(x) }
    }

    @Test func embeddingDropoutDropsWholeWords() {
        let layer = EmbeddingDropout(Rows(), words: 50, 0.5)
        #expect(names(layer) == ["emb.weight"])
        let indices = Tensor((0..<100).map { Int32($0 % 50) }, shape: [2, 50])
        let y = layer(indices)
        #expect(y.shape == [2, 50, 3] && Set(y.scalars) == [0, 2])
        #expect(y[0].isBitwiseEqual(to: y[1]))
        for word in 0..<50 { #expect(Set(y[0, word].scalars).count == 1) }
        layer.eval()
        #expect(Set(layer(indices).scalars) == [1])
        #expect(mistake { EmbeddingDropout(Rows(), words: 50, -1)(indices) }?.contains("expected 0...1") == true)
    }
}
