import HoneKernels

/// What a recurrent layer does at each step.
public enum RecurrentCell: Sendable, Hashable, Codable {
    /// h' = tanh(x + W h) (Elman 1990).
    case tanh
    /// h' = max(0, x + W h).
    case relu
    /// Hochreiter and Schmidhuber (1997) with forget gates (Gers et al. 2000); gates in the order i, f, g, o.
    case lstm
    /// Cho et al. (2014), with the reset gate after the product as PyTorch has it; gates in the order r, z, n.
    case gru

    /// How many times a state's width the weights have as rows.
    public var gates: Int { hone_cell_gates(kernel) }

    var kernel: hone_cell {
        switch self {
        case .tanh: HONE_CELL_TANH
        case .relu: HONE_CELL_RELU
        case .lstm: HONE_CELL_LSTM
        case .gru: HONE_CELL_GRU
        }
    }
}

/// The weights of one direction of one recurrent layer, as an operation takes them.
public struct RecurrentWeights {
    /// `[gates * hidden, features]`
    public var input: Tensor
    /// `[gates * hidden, hidden]`
    public var hidden: Tensor
    /// `[gates * hidden]`, or nil.
    public var inputBias: Tensor?
    /// `[gates * hidden]`, or nil.
    public var hiddenBias: Tensor?

    /// Makes weights from tensors.
    public init(input: Tensor, hidden: Tensor, inputBias: Tensor? = nil, hiddenBias: Tensor? = nil) {
        self.input = input
        self.hidden = hidden
        self.inputBias = inputBias
        self.hiddenBias = hiddenBias
    }

    fileprivate var all: [Tensor] { [input, hidden] + [inputBias, hiddenBias].compactMap { $0 } }
}

/// One direction of a recurrent layer, kept by the tape for its backward pass.
private final class RecurrentPlan {
    let sizes: hone_recurrent
    let input: Tensor
    let weights: RecurrentWeights
    let first: Tensor
    let firstCell: Tensor
    /// What the gates were; their gradients once the backward pass has been there.
    let gates: Tensor
    let products: Tensor?
    let cells: Tensor?
    let output: Tensor
    let slots: (input: Int32, first: Int32, firstCell: Int32)
    /// The slots of `weights`, in the order of its properties.
    let weightSlots: [Int32]
    /// The gradient of the last cell, if that was used.
    var cellGradient: TensorBody?

    init(
        _ sizes: hone_recurrent, _ input: Tensor, _ weights: RecurrentWeights, _ first: Tensor, _ firstCell: Tensor,
        gates: Tensor, products: Tensor?, cells: Tensor?, output: Tensor, slots: (Int32, Int32, Int32),
        weightSlots: [Int32]
    ) {
        self.sizes = sizes
        self.input = input
        self.weights = weights
        self.first = first
        self.firstCell = firstCell
        self.gates = gates
        self.products = products
        self.cells = cells
        self.output = output
        self.slots = slots
        self.weightSlots = weightSlots
    }
}

extension Tensor {
    /// One direction of a recurrent layer over a whole sequence, as one operation.
    ///
    /// - Shape: self `[time, batch, features]` (`[batch, time, features]` with `batchFirst`), `hidden` and `cell`
    ///   `[batch, hidden]` -> output `[time, batch, hidden]` (or batch first), last cell `[batch, hidden]` of an LSTM
    /// - Parameters:
    ///   - hidden: the state before the first step; zeros when nil.
    ///   - cell: an LSTM's cell before the first step; zeros when nil.
    ///   - reversed: whether the last step is taken first. The output stays in the order of the input.
    public func recurrent(
        _ kind: RecurrentCell, _ weights: RecurrentWeights, hidden: Tensor? = nil, cell: Tensor? = nil,
        batchFirst: Bool = false, reversed: Bool = false
    ) -> (output: Tensor, cell: Tensor?) {
        let tensors = [self] + weights.all + [hidden, cell].compactMap { $0 }
        if tensors.contains(where: \.isInert) { return (.inert, .inert) }
        if let problem = recurrentProblem(kind, weights, hidden, cell, batchFirst, tensors) {
            return (failed("recurrent", problem), .inert)
        }
        let width = weights.hidden.shape[1]
        var sizes = hone_recurrent()
        sizes.cell = kind.kernel
        (sizes.time, sizes.batch) = batchFirst ? (shape[1], shape[0]) : (shape[0], shape[1])
        sizes.hidden = width
        (sizes.batch_first, sizes.reverse) = (batchFirst, reversed)
        let entries = Shape([sizes.batch, width])
        let first = hidden ?? .zeros(entries)
        let firstCell = cell ?? (kind == .lstm ? .zeros(entries) : .inert)
        // A GRU's reset gate stands between the two biases; elsewhere their sum goes into the input's product.
        let (ofInput, ofHidden): (Tensor?, Tensor?) = withoutGradient {
            if kind == .gru { return (weights.inputBias, weights.hiddenBias) }
            guard let one = weights.inputBias, let other = weights.hiddenBias else {
                return (weights.inputBias ?? weights.hiddenBias, nil)
            }
            return (one + other, nil)
        }
        let gates = withoutGradient { linear(weights.input, bias: ofInput) }
        if gates.isInert { return (.inert, .inert) }
        let output = Tensor.uninitialized(shape.replacing(axis: 2, with: width))
        let products = kind == .gru ? Tensor.uninitialized(gates.shape) : nil
        let cells = kind == .lstm ? Tensor.uninitialized(output.shape) : nil
        hone_recurrent_forward(
            HONE_ISA_AUTO, &sizes, weights.hidden.body.floats, ofHidden?.body.floats, first.body.floats,
            cells == nil ? nil : firstCell.body.floats, gates.body.floats, products?.body.floats, cells?.body.floats,
            output.body.floats)
        let lastCell = cells.map { cells in withoutGradient { cells.step(reversed ? 0 : sizes.time - 1, batchFirst) } }
        if let tape = Context.current.pointee.tape {
            let slots = (
                tape.slot(of: self), hidden.map { tape.slot(of: $0) } ?? -1, cell.map { tape.slot(of: $0) } ?? -1
            )
            let weightSlots = [weights.input, weights.hidden, weights.inputBias, weights.hiddenBias].map {
                $0.map { tape.slot(of: $0) } ?? -1
            }
            if ([slots.0, slots.1, slots.2] + weightSlots).contains(where: { $0 >= 0 }) {
                let plan = RecurrentPlan(
                    sizes, self, weights, first, firstCell, gates: gates, products: products, cells: cells,
                    output: output.detached(), slots: slots, weightSlots: weightSlots)
                let slot = tape.enter(output)
                tape.append(Tape.Record(operation: .recurrent, output: slot, custom: plan))
                if let lastCell {
                    // Walked first: it leaves the cell's gradient with the plan.
                    tape.append(
                        Tape.Record(
                            operation: .recurrent, flag: true, output: tape.enter(lastCell), input0: slot, custom: plan)
                    )
                }
            }
        }
        return (output, lastCell)
    }

    /// One step of a sequence: `[time, batch, features]`, or batch first, `-> [batch, features]`.
    fileprivate func step(_ time: Int, _ batchFirst: Bool) -> Tensor { batchFirst ? self[.all, time] : self[time] }

    private func recurrentProblem(
        _ kind: RecurrentCell, _ weights: RecurrentWeights, _ hidden: Tensor?, _ cell: Tensor?, _ batchFirst: Bool,
        _ tensors: [Tensor]
    ) -> String? {
        guard tensors.allSatisfy({ $0.elementType == .float32 }) else {
            return "operands are \(tensors.map { "\($0.elementType)" }.joined(separator: ", ")), expected float32"
        }
        guard rank == 3 else {
            return "input \(shape), expected \(batchFirst ? "[batch, time, features]" : "[time, batch, features]")"
        }
        let (time, batch) = batchFirst ? (shape[1], shape[0]) : (shape[0], shape[1])
        guard time > 0 else { return "input \(shape) has no steps" }
        guard weights.hidden.rank == 2, weights.hidden.shape[1] > 0,
            weights.hidden.shape[0] == kind.gates * weights.hidden.shape[1],
            weights.input.shape == [weights.hidden.shape[0], shape[2]]
        else {
            return "input \(shape) with weights \(weights.input.shape) and \(weights.hidden.shape), expected "
                + "[\(kind.gates) * hidden, \(shape[2])] and [\(kind.gates) * hidden, hidden]"
        }
        let (rows, width) = (weights.hidden.shape[0], weights.hidden.shape[1])
        for bias in [weights.inputBias, weights.hiddenBias].compactMap({ $0 }) where bias.shape != [rows] {
            return "a bias is \(bias.shape), expected [\(rows)]"
        }
        for (name, state) in [("hidden state", hidden), ("cell", cell)] {
            if let state, state.shape != [batch, width] {
                return "the first \(name) is \(state.shape), expected [\(batch), \(width)]"
            }
        }
        if cell != nil, kind != .lstm { return "a first cell is given, which an LSTM alone has" }
        return nil
    }
}

func recurrentBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let plan = record.custom as? RecurrentPlan else { return }
    if record.flag {
        plan.cellGradient = gradient
        // The sequence must be walked even if nothing but the last cell was used.
        let (target, accumulates) = tape.target(record.input0)
        if !accumulates { hone_fill(HONE_ISA_AUTO, 0, target, tape.shape(of: record.input0).count) }
        return
    }
    var sizes = plan.sizes
    let state = Tensor.zeros(plan.first.shape)
    let cell = plan.cells.map { _ in Tensor.zeros(plan.first.shape) }
    if let cell, let given = plan.cellGradient {
        cell.body.floats.update(from: given.floats, count: given.count)
    }
    let former = Tensor.uninitialized(plan.output.shape)
    hone_recurrent_backward(
        HONE_ISA_AUTO, &sizes, plan.weights.hidden.body.floats, plan.first.body.floats,
        plan.cells == nil ? nil : plan.firstCell.body.floats, plan.gates.body.floats, plan.products?.body.floats,
        plan.cells?.body.floats, plan.output.body.floats, gradient.floats, state.body.floats, cell?.body.floats,
        former.body.floats)
    // The gates' sums are two dense layers', of the input and of the state before each step.
    let rows = sizes.time * sizes.batch
    func dense(_ x: Tensor, _ slotX: Int32, _ weight: Tensor, _ slotW: Int32, _ slotB: Int32, _ slopes: Tensor) {
        linearBackward(
            Tape.Record(
                operation: .linear, output: record.output, input0: slotX, input1: slotW, input2: slotB,
                integer0: rows, integer1: slopes.shape[-1], saved0: x.body, saved1: weight.body),
            slopes.body, tape)
    }
    let slots = plan.weightSlots
    dense(plan.input, plan.slots.input, plan.weights.input, slots[0], slots[2], plan.gates)
    dense(former, -1, plan.weights.hidden, slots[1], slots[3], plan.products ?? plan.gates)
    if plan.slots.first >= 0 { tape.give(state.body, to: plan.slots.first) }
    if let cell, plan.slots.firstCell >= 0 { tape.give(cell.body, to: plan.slots.firstCell) }
}
