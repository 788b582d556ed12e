import HoneTensor

/// What a recurrent layer knows of the past: the state of each layer and direction.
public struct RecurrentState {
    /// `[layers * directions, batch, hidden]`: the layers in order, forward before backward; `[layers * directions,
    /// hidden]` for a sequence without a batch.
    public var hidden: Tensor
    /// An LSTM's cells, of the same shape; nil for other layers.
    public var cell: Tensor?

    /// Makes a state.
    public init(hidden: Tensor, cell: Tensor? = nil) {
        self.hidden = hidden
        self.cell = cell
    }

    /// The same values as constants: what is carried from one stretch of a text to the next, without its gradients.
    public func detached() -> RecurrentState { RecurrentState(hidden: hidden.detached(), cell: cell?.detached()) }
}

/// What a recurrent layer gives: the outputs of all steps, and the state after the last.
public struct RecurrentOutput {
    /// `[time, batch, directions * hidden]`, or batch first.
    public var output: Tensor
    /// The state after the last step (of the backward direction: after the first).
    public var state: RecurrentState
}

/// What ``RNN``, ``LSTM`` and ``GRU`` have in common: layers one above the other, each of one direction or two.
///
/// - Shape: `[time, batch, inputs] -> [time, batch, directions * hidden]`; `[batch, time, …]` with `batchFirst`; a
///   sequence without a batch has two axes
///
/// Names are PyTorch's (`weight_ih_l0`, `bias_hh_l1_reverse`), and so are the initial values: uniform within 1/√hidden.
public class RecurrentLayer: TrainingModeDependent {
    /// The weights of one direction of one layer.
    struct Direction {
        let suffix: String
        let isReversed: Bool
        let input, hidden: Parameter
        let inputBias, hiddenBias: Parameter?
        /// `[projection, hidden]`: what makes the state of an LSTM's output gate, or nil.
        let projection: Parameter?
    }

    /// The number of features that come in.
    public let inputs: Int
    /// The width of the state.
    public let hidden: Int
    /// The width of an LSTM's outputs where they are projected (Sak et al. 2014), or 0.
    public let projection: Int
    /// The number of layers one above the other.
    public let layers: Int
    /// Whether there is a second direction, from the end to the beginning.
    public let isBidirectional: Bool
    /// Whether the batch is the first axis and time the second.
    public let batchFirst: Bool
    /// The share of each layer's outputs, but the last one's, that is dropped in training.
    public let dropout: Float
    /// Whether elements are dropped.
    public var isTraining = true

    let cell: RecurrentCell
    let directions: [Direction]
    /// The share of the weights of the state that ``WeightDrop`` drops in training.
    var weightDropout: Float = 0

    init(
        _ cell: RecurrentCell, _ inputs: Int, _ hidden: Int, layers: Int, bias: Bool, batchFirst: Bool, dropout: Float,
        isBidirectional: Bool, projection: Int = 0
    ) {
        (self.cell, self.inputs, self.hidden, self.layers) = (cell, inputs, hidden, layers)
        self.projection = projection
        let output = projection > 0 ? projection : hidden
        (self.batchFirst, self.dropout, self.isBidirectional) = (batchFirst, dropout, isBidirectional)
        let bound = 1 / Float(max(1, hidden)).squareRoot()
        let uniform = Initialiser.uniform(low: -bound, high: bound)
        let rows = cell.gates * hidden
        directions = (0..<max(0, layers)).flatMap { layer in
            (isBidirectional ? [false, true] : [false]).map { isReversed in
                Direction(
                    suffix: "_l\(layer)\(isReversed ? "_reverse" : "")", isReversed: isReversed,
                    input: Parameter([rows, layer == 0 ? inputs : (isBidirectional ? 2 : 1) * output], uniform),
                    hidden: Parameter([rows, output], uniform),
                    inputBias: bias ? Parameter([rows], uniform, role: .bias) : nil,
                    hiddenBias: bias ? Parameter([rows], uniform, role: .bias) : nil,
                    projection: projection > 0 ? Parameter([projection, hidden], uniform) : nil)
            }
        }
    }

    /// `LSTM 128→256`, with the number of layers when there are several.
    public var label: String {
        "\(type(of: self)) \(inputs)→\(hidden)\(layers == 1 ? "" : " × \(layers)")\(isBidirectional ? " both ways" : "")"
    }

    /// The outputs of all steps, from a state of zeros.
    public func forward(_ x: Tensor) -> Tensor { run(x, nil, givesState: false).output }

    /// The outputs of all steps and the state after the last, from a state of zeros when there is none.
    public func callAsFunction(_ x: Tensor, state: RecurrentState?) -> RecurrentOutput {
        traced([x], outputs: { [$0.output] }) { forward(x, state: state) }
    }

    /// The outputs of all steps and the state after the last, from a state of zeros when there is none.
    public func forward(_ x: Tensor, state: RecurrentState?) -> RecurrentOutput {
        let (output, finals) = run(x, state, givesState: true)
        if output.isInert {
            return RecurrentOutput(output: output, state: RecurrentState(hidden: output, cell: output))
        }
        func stacked(_ parts: [Tensor]) -> Tensor {
            let all = Tensor.stack(parts)
            return x.rank == 2 ? all.squeezed(axis: 1) : all
        }
        let state = RecurrentState(
            hidden: stacked(finals.map(\.hidden)), cell: cell == .lstm ? stacked(finals.compactMap(\.cell)) : nil)
        return RecurrentOutput(output: output, state: state)
    }

    private func run(
        _ x: Tensor, _ state: RecurrentState?, givesState: Bool
    ) -> (output: Tensor, finals: [(hidden: Tensor, cell: Tensor?)]) {
        if x.isInert { return (x, []) }
        if let problem = problem(x, state) { return (failed(label, problem), []) }
        // A sequence without a batch is a batch of one.
        let batchAxis = batchFirst ? 0 : 1
        var x = x
        var first = state
        let isAlone = x.rank == 2
        if isAlone {
            x = x.unsqueezed(axis: batchAxis)
            first = state.map {
                RecurrentState(hidden: $0.hidden.unsqueezed(axis: 1), cell: $0.cell?.unsqueezed(axis: 1))
            }
        }
        var finals: [(hidden: Tensor, cell: Tensor?)] = []
        let both = isBidirectional ? 2 : 1
        for layer in 0..<layers {
            let outputs = (layer * both..<(layer + 1) * both).map { index -> Tensor in
                let direction = directions[index]
                let (output, cell) = walk(x, direction, hidden: first?.hidden[index], cell: first?.cell?[index])
                if givesState, !output.isInert {
                    let last = direction.isReversed ? 0 : -1
                    finals.append((batchFirst ? output[.all, last] : output[last], cell))
                }
                return output
            }
            x = isBidirectional ? .concatenate(outputs, axis: 2) : outputs[0]
            if isTraining, layer + 1 < layers { x = x.dropout(dropout) }
        }
        return (isAlone ? x.squeezed(axis: batchAxis) : x, finals)
    }

    /// All steps of one direction, and an LSTM's last cell.
    private func walk(
        _ x: Tensor, _ direction: Direction, hidden first: Tensor?, cell firstCell: Tensor?
    ) -> (output: Tensor, cell: Tensor?) {
        let weights = weights(of: direction)
        guard let projection = direction.projection?.tensor else {
            return x.recurrent(
                cell, weights, hidden: first, cell: firstCell, batchFirst: batchFirst, reversed: direction.isReversed)
        }
        // With a projection within the step, each step is made of single operations.
        let gates = x.linear(weights.input, bias: weights.inputBias)
        let batch = x.shape[batchFirst ? 0 : 1]
        var state = first ?? .zeros([batch, projection.shape[0]])
        var cells = firstCell ?? .zeros([batch, hidden])
        let time = x.shape[batchFirst ? 1 : 0]
        var outputs: [Tensor] = []
        for step in 0..<time {
            let place = direction.isReversed ? time - 1 - step : step
            let ofInput = batchFirst ? gates[.all, place] : gates[place]
            let parts = (ofInput + state.linear(weights.hidden, bias: weights.hiddenBias)).split(hidden, axis: 1)
            // An inert product has no four parts.
            guard parts.count == 4 else { return (parts.first ?? gates, nil) }
            cells = parts[1].sigmoid() * cells + parts[0].sigmoid() * parts[2].tanh()
            state = (parts[3].sigmoid() * cells.tanh()).linear(projection)
            outputs.append(state)
        }
        if outputs.isEmpty { return (failed(label, "input is \(x.shape), expected at least one step"), nil) }
        let ordered = direction.isReversed ? outputs.reversed() : outputs
        return (.stack(ordered, axis: batchFirst ? 1 : 0), cells)
    }

    private func weights(of direction: Direction) -> RecurrentWeights {
        var hidden = direction.hidden.tensor
        if isTraining, weightDropout > 0 { hidden = hidden.dropout(weightDropout) }
        return RecurrentWeights(
            input: direction.input.tensor, hidden: hidden, inputBias: direction.inputBias?.tensor,
            hiddenBias: direction.hiddenBias?.tensor)
    }

    private func problem(_ x: Tensor, _ state: RecurrentState?) -> String? {
        guard layers > 0, hidden > 0 else {
            return "\(layers) layers of width \(hidden), expected at least one of each"
        }
        guard dropout >= 0, dropout <= 1 else { return "dropout is \(dropout), expected 0...1" }
        guard x.rank == 2 || x.rank == 3, x.shape[-1] == inputs else {
            return
                "input is \(x.shape), expected \(batchFirst ? "[batch, time, \(inputs)]" : "[time, batch, \(inputs)]")"
        }
        guard projection >= 0, projection < hidden else {
            return "the projection is \(projection) wide, expected less than the state's \(hidden), or 0"
        }
        guard let state else { return nil }
        let lead = x.rank == 3 ? [directions.count, x.shape[batchFirst ? 0 : 1]] : [directions.count]
        var expected = lead + [projection > 0 ? projection : hidden]
        if state.hidden.shape != Shape(expected) {
            return "the first hidden state is \(state.hidden.shape), expected \(Shape(expected))"
        }
        expected = lead + [hidden]
        switch (state.cell, cell == .lstm) {
        case (let given?, true):
            return given.shape == Shape(expected)
                ? nil : "the first cell is \(given.shape), expected \(Shape(expected))"
        case (nil, true): return "the first state has no cell"
        case (_?, false): return "the first state has a cell, which an LSTM's alone has"
        case (nil, false): return nil
        }
    }

    /// Names the parameters as PyTorch does.
    public func visitChildren(_ visitor: inout ModuleVisitor) {
        for direction in directions {
            visitor.visit("weight_ih\(direction.suffix)", direction.input)
            visitor.visit("weight_hh\(direction.suffix)", direction.hidden)
            if let bias = direction.inputBias { visitor.visit("bias_ih\(direction.suffix)", bias) }
            if let bias = direction.hiddenBias { visitor.visit("bias_hh\(direction.suffix)", bias) }
            if let weight = direction.projection { visitor.visit("weight_hr\(direction.suffix)", weight) }
        }
    }
}
