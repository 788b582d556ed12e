import Foundation
import HoneKernels
import Testing

@Suite struct RecurrentTests {
    /// A recurrent layer in double precision, and the gradients that central differences of it give.
    private struct Case {
        var cell: hone_cell
        var time = 3
        var batch = 2
        var hidden = 3
        var batchFirst = false
        var reverse = false

        var weight: [Float] = []
        var bias: [Float] = []
        var sums: [Float] = []
        var first: [Float] = []
        var firstCell: [Float] = []
        var dout: [Float] = []
        var dcell: [Float] = []

        var gates: Int { hone_cell_gates(cell) }
        var rows: Int { time * batch }
        var shape: hone_recurrent {
            hone_recurrent(
                cell: cell, time: time, batch: batch, hidden: hidden, batch_first: batchFirst, reverse: reverse)
        }

        mutating func draw(seed: Int) {
            var numbers = TestNumbers(seed: UInt64(seed))
            weight = numbers.floats(gates * hidden * hidden, in: -0.5...0.5)
            bias = cell == HONE_CELL_GRU ? numbers.floats(gates * hidden, in: -0.5...0.5) : []
            sums = numbers.floats(rows * gates * hidden, in: -1.5...1.5)
            first = numbers.floats(batch * hidden, in: -1...1)
            firstCell = numbers.floats(batch * hidden, in: -1...1)
            dout = numbers.floats(rows * hidden, in: -1...1)
            dcell = numbers.floats(batch * hidden, in: -1...1)
        }

        func row(_ step: Int, _ entry: Int) -> Int { batchFirst ? entry * time + step : step * batch + entry }

        /// All outputs, and the last cells.
        var truth: (out: [Double], cells: [Double]) {
            func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
            var out = [Double](repeating: 0, count: rows * hidden)
            var cells = firstCell.map(Double.init)
            for entry in 0..<batch {
                var state = (0..<hidden).map { Double(first[entry * hidden + $0]) }
                for number in 0..<time {
                    let row = row(reverse ? time - 1 - number : number, entry)
                    func sum(_ gate: Int, _ unit: Int) -> (input: Double, state: Double) {
                        let at = gate * hidden + unit
                        var total = bias.isEmpty ? 0 : Double(bias[at])
                        for k in 0..<hidden { total += Double(weight[at * hidden + k]) * state[k] }
                        return (Double(sums[row * gates * hidden + at]), total)
                    }
                    func both(_ gate: Int, _ unit: Int) -> Double {
                        let s = sum(gate, unit)
                        return s.input + s.state
                    }
                    let next = (0..<hidden).map { unit -> Double in
                        switch cell {
                        case HONE_CELL_TANH: return tanh(both(0, unit))
                        case HONE_CELL_RELU: return max(0, both(0, unit))
                        case HONE_CELL_LSTM:
                            let at = entry * hidden + unit
                            cells[at] =
                                sigmoid(both(1, unit)) * cells[at] + sigmoid(both(0, unit)) * tanh(both(2, unit))
                            return sigmoid(both(3, unit)) * tanh(cells[at])
                        default:
                            let (r, z) = (sigmoid(both(0, unit)), sigmoid(both(1, unit)))
                            let s = sum(2, unit)
                            return (1 - z) * tanh(s.input + r * s.state) + z * state[unit]
                        }
                    }
                    for unit in 0..<hidden { out[row * hidden + unit] = next[unit] }
                    state = next
                }
            }
            return (out, cells)
        }

        /// What is differentiated: the outputs and last cells weighted by their gradients.
        var value: Double {
            let (out, cells) = truth
            let last = cell == HONE_CELL_LSTM ? zip(cells, dcell).reduce(0) { $0 + $1.0 * Double($1.1) } : 0
            return zip(out, dout).reduce(last) { $0 + $1.0 * Double($1.1) }
        }

        func slope(_ path: WritableKeyPath<Case, [Float]>, _ i: Int) -> Double {
            var (above, below) = (self, self)
            above[keyPath: path][i] += 0x1p-9
            below[keyPath: path][i] -= 0x1p-9
            let step = Double(above[keyPath: path][i]) - Double(below[keyPath: path][i])
            return (above.value - below.value) / step
        }
    }

    /// What the kernels make of a case.
    private struct Made {
        var out, cells, gates, products, state, cell, former: [Float]

        init(_ c: Case, _ variant: hone_isa) {
            var shape = c.shape
            let isLSTM = c.cell == HONE_CELL_LSTM
            let isGRU = c.cell == HONE_CELL_GRU
            func room(_ count: Int) -> GuardedArray<Float> { GuardedArray([Float](repeating: .nan, count: count)) }
            let (weight, bias) = (GuardedArray(c.weight), GuardedArray(c.bias))
            let (first, firstCell, dout) = (GuardedArray(c.first), GuardedArray(c.firstCell), GuardedArray(c.dout))
            let gates = GuardedArray(c.sums)
            let products = room(isGRU ? c.sums.count : 0)
            let cells = room(isLSTM ? c.dout.count : 0)
            let (out, former) = (room(c.dout.count), room(c.dout.count))
            let state = GuardedArray([Float](repeating: 0, count: c.first.count))
            let cell = GuardedArray(c.dcell)
            hone_recurrent_forward(
                variant, &shape, weight.pointer, isGRU ? bias.pointer : nil, first.pointer,
                isLSTM ? firstCell.pointer : nil, gates.pointer, isGRU ? products.pointer : nil,
                isLSTM ? cells.pointer : nil, out.pointer)
            hone_recurrent_backward(
                variant, &shape, weight.pointer, first.pointer, isLSTM ? firstCell.pointer : nil, gates.pointer,
                isGRU ? products.pointer : nil, isLSTM ? cells.pointer : nil, out.pointer, dout.pointer, state.pointer,
                isLSTM ? cell.pointer : nil, former.pointer)
            (self.out, self.cells, self.gates, self.products) = (out.array, cells.array, gates.array, products.array)
            (self.state, self.cell, self.former) = (state.array, cell.array, former.array)
        }
    }

    private static let cells = [HONE_CELL_TANH, HONE_CELL_RELU, HONE_CELL_LSTM, HONE_CELL_GRU]
    private static let cases: [Case] = cells.flatMap { cell in
        [
            Case(cell: cell), Case(cell: cell, time: 1, batch: 1, hidden: 1),
            Case(cell: cell, time: 2, batch: 19, hidden: 2), Case(cell: cell, hidden: 5, reverse: true),
            Case(cell: cell, time: 4, hidden: 18, batchFirst: true),
            Case(cell: cell, batch: 3, hidden: 4, batchFirst: true, reverse: true),
        ]
    }

    @Test func outputsAreThoseOfTheFormulas() {
        for (seed, var c) in Self.cases.enumerated() {
            c.draw(seed: seed)
            let (out, cells) = c.truth
            for variant in availableVariants {
                let made = Made(c, variant)
                let what = "\(name(of: variant)), \(c.shape)"
                #expect(worstShare(made.out, out, rtol: 1e-5, atol: 2e-6) <= 1, "\(what)")
                for entry in 0..<(c.cell == HONE_CELL_LSTM ? c.batch : 0) {
                    let last = c.row(c.reverse ? 0 : c.time - 1, entry) * c.hidden
                    let (got, expected) = (
                        made.cells[last..<last + c.hidden], cells[entry * c.hidden..<(entry + 1) * c.hidden]
                    )
                    #expect(worstShare(Array(got), Array(expected), rtol: 1e-5, atol: 2e-6) <= 1, "\(what)")
                }
            }
        }
    }

    @Test func gradientsAreThoseOfCentralDifferences() {
        for (seed, var c) in Self.cases.enumerated() where c.hidden <= 5 {
            c.draw(seed: 100 + seed)
            let isGRU = c.cell == HONE_CELL_GRU
            for variant in availableVariants {
                let made = Made(c, variant)
                let what = "\(name(of: variant)), \(c.shape)"
                func agree(_ slope: Double, _ gradient: Double) -> Bool { abs(slope - gradient) < 2e-4 }
                for i in stride(from: 0, to: c.sums.count, by: 3) {
                    #expect(agree(c.slope(\.sums, i), Double(made.gates[i])), "sums, \(what)")
                }
                for i in c.first.indices {
                    #expect(agree(c.slope(\.first, i), Double(made.state[i])), "first, \(what)")
                }
                for i in c.firstCell.indices where c.cell == HONE_CELL_LSTM {
                    #expect(agree(c.slope(\.firstCell, i), Double(made.cell[i])), "first cell, \(what)")
                }
                // The weight's gradient: those of its products by the states before them.
                let slopes = isGRU ? made.products : made.gates
                let width = c.gates * c.hidden
                for i in stride(from: 0, to: c.weight.count, by: 2) {
                    let (line, k) = (i / c.hidden, i % c.hidden)
                    let gradient = (0..<c.rows).reduce(0.0) {
                        $0 + Double(slopes[$1 * width + line]) * Double(made.former[$1 * c.hidden + k])
                    }
                    #expect(agree(c.slope(\.weight, i), gradient), "weight, \(what)")
                }
                for i in c.bias.indices {
                    let gradient = (0..<c.rows).reduce(0.0) { $0 + Double(slopes[$1 * width + i]) }
                    #expect(agree(c.slope(\.bias, i), gradient), "bias, \(what)")
                }
            }
        }
    }

    @Test func variantsAgreeWithThePortableOne() {
        for (seed, var c) in Self.cases.enumerated() {
            c.draw(seed: 200 + seed)
            let reference = Made(c, HONE_ISA_PORTABLE)
            for variant in availableVariants {
                let made = Made(c, variant)
                func near(_ a: [Float], _ b: [Float]) -> Bool {
                    worstShare(a, b.map(Double.init), rtol: 1e-5, atol: 1e-5) <= 1
                }
                let what = "\(name(of: variant)), \(c.shape)"
                #expect(near(made.out, reference.out) && near(made.cells, reference.cells), "\(what)")
                #expect(near(made.gates, reference.gates) && near(made.products, reference.products), "\(what)")
                #expect(near(made.state, reference.state) && near(made.former, reference.former), "\(what)")
            }
        }
    }

    @Test(arguments: [false, true])
    func recurrenceDoesNotDependOnTheThreads(batchFirst: Bool) {
        for cell in Self.cells {
            var c = Case(cell: cell, time: 5, batch: 37, hidden: 33, batchFirst: batchFirst)
            c.draw(seed: 7)
            let fixed = c
            let sizes = [c.dout.count, c.sums.count, c.first.count, c.first.count]
            let result = withAndWithoutThreads(count: sizes.reduce(0, +), filler: Float(0)) { out in
                let made = Made(fixed, HONE_ISA_AUTO)
                var at = out
                for part in [made.out, made.gates, made.state, made.cell] {
                    at.update(from: part, count: part.count)
                    at += part.count
                }
            }
            #expect(sameBits(result.all, result.one))
        }
    }
}
