import Dispatch
import Foundation
import HoneTensor
import Testing

@Suite struct TapeTests {
    @Test func aValueUsedSeveralTimesTakesAllGradients() throws {
        let x = Tensor([3, -2])
        #expect(try gradients(at: [x]) { $0[0] + $0[0] }[0].scalars == [2, 2])
        #expect(try gradients(at: [x]) { $0[0] * $0[0] * $0[0] }[0].scalars == [27, 12])
        #expect(try gradients(at: [x]) { $0[0] - $0[0] }[0].scalars == [0, 0])
        let chain = try gradients(at: [x]) { inputs in
            let y = inputs[0] * 2
            return y * y + y + inputs[0]
        }
        #expect(chain[0].scalars == [27, -13])
    }

    @Test func sharedGradientsDoNotReachOneAnother() throws {
        // z = y y + y with y = x: what the sum gives to both of its operands is one piece of memory.
        let x = Tensor([3, 5])
        let slopes = try gradients(at: [x]) { inputs in
            let y = inputs[0].reshaped([2])
            return y * y + y
        }
        #expect(slopes[0].scalars == [7, 11])
        let sides = try gradients(at: [Tensor([1, 1]), Tensor([2, 2])]) { inputs in
            let (a, b) = (inputs[0] + 1, inputs[1] + 1)
            let sum = a + b
            return sum + a * 10 + b * 100 + a.reshaped([2]) + inputs[0]
        }
        #expect(sides[0].scalars == [13, 13] && sides[1].scalars == [101, 101])
    }

    @Test func theGradientOfAnIntermediateValueCanBeAskedFor() throws {
        let tape = Tape()
        let slopes = try tape.record { () -> [Tensor] in
            let x = tape.watch(Tensor([2, 3]))
            let y = x * x
            let z = y * 3
            let sum = z + y
            return try tape.gradients(of: sum.sum(), for: [x, y, z, sum])
        }
        #expect(slopes.map(\.scalars) == [[16, 24], [4, 4], [1, 1], [1, 1]])
    }

    @Test func aGradientIsShownOnceItIsWhole() throws {
        let tape = Tape()
        var shown: [[Float]] = []
        var kept: Tensor?
        try tape.record {
            let x = tape.watch(Tensor([2, 3]))
            let y = x * x
            tape.observeGradient(of: y) { shown.append($0.scalars) }
            let z = y + 1
            // One who keeps a gradient keeps its values: what follows may not be computed in its memory.
            tape.observeGradient(of: z) { kept = $0 }
            tape.observeGradient(of: Tensor([1])) { _ in shown.append([]) }
            let sum = (z * 3 + y * y).sum()
            try tape.backward(from: sum)
        }
        #expect(shown == [[11, 21]] && kept?.scalars == [3, 3])
        // A recording that is over has forgotten them.
        try tape.record { try tape.backward(from: tape.watch(Tensor([1])).square().sum()) }
        #expect(shown.count == 1)
    }

    @Test func theGradientOfAValueWithRespectToItselfIsOne() throws {
        #expect(try gradients(at: [Tensor([4, 5])]) { $0[0] }[0].scalars == [1, 1])
        #expect(try gradients(at: [Tensor([4, 5])], seed: Tensor([2, 3])) { $0[0] }[0].scalars == [2, 3])
    }

    @Test func aSeedWeighsTheElementsOfTheOutput() throws {
        let slopes = try gradients(at: [Tensor([1, 2, 3])], seed: Tensor([1, 0, -2])) { $0[0].square() }
        #expect(slopes[0].scalars == [2, 0, -12])
        #expect(throws: TensorError(operation: "gradients", problem: "the seed is [2], expected [3] as the output")) {
            try gradients(at: [Tensor([1, 2, 3])], seed: Tensor([1, 0])) { $0[0].square() }
        }
    }

    @Test func whatTheOutputDoesNotDependOnHasNoGradient() throws {
        let slopes = try gradients(at: [Tensor([1, 2]), Tensor([[3]])]) { inputs in
            _ = inputs[1] * 2
            return inputs[0] * 5
        }
        #expect(slopes[0].scalars == [5, 5])
        #expect(slopes[1].shape == [1, 1] && slopes[1].scalars == [0])
    }

    @Test func whatIsDetachedIsAConstant() throws {
        let x = Tensor([3, 4])
        #expect(try gradients(at: [x]) { $0[0] * $0[0].detached() }[0].scalars == [3, 4])
        let within = try gradients(at: [x]) { inputs in
            let constant = withoutGradient { inputs[0] * inputs[0] }
            #expect(!constant.isTracked)
            return inputs[0] * constant
        }
        #expect(within[0].scalars == [9, 16])
    }

    @Test func onlyWhatIsRecordedIsTracked() throws {
        let tape = Tape()
        let constant = Tensor([1, 2])
        try tape.record {
            let x = tape.watch(constant)
            #expect(x.isTracked && (x + 1).isTracked && x.sum().isTracked && x.reshaped([2, 1]).isTracked)
            #expect(!constant.isTracked && !(constant + 1).isTracked && !x.detached().isTracked)
            #expect(!x.argmax().isTracked)
            _ = try tape.gradients(of: x.sum(), for: [x])
            #expect(!x.isTracked && !constant.isTracked && !(constant + 1).isTracked)
        }
        #expect(!constant.isTracked)
    }

    @Test func aFinishedTapeSaysSo() throws {
        let tape = Tape()
        let x = tape.record { tape.watch(Tensor([1, 2])) }
        let y = tape.resume { x * 2 }
        _ = try tape.gradients(of: y, for: [x])
        let over = TensorError(
            operation: "backward",
            problem: "the recording is over: a tape serves one backward pass, then start() begins the next")
        #expect(throws: over) { try tape.gradients(of: y, for: [x]) }
        #expect(throws: over) { try tape.backward(from: y) }
        #expect(throws: over) { try Tape().backward(from: y) }
        tape.start()
        #expect(throws: TensorError.self) { try tape.gradients(of: y, for: [x]) }
        let slopes = try tape.resume { () -> [Tensor] in
            let x = tape.watch(Tensor([5]))
            return try tape.gradients(of: x * x, for: [x])
        }
        #expect(slopes[0].scalars == [10])
    }

    @Test func whatATapeDoesNotKnowIsAMistake() {
        let tape = Tape()
        let stranger = Tensor([1, 2])
        tape.record {
            let x = tape.watch(stranger)
            let words = "does not depend on anything that this tape watches"
            #expect(throws: TensorError(operation: "backward", problem: "tensor 1 of [2] \(words)")) {
                try tape.gradients(of: x * 2, for: [x, stranger])
            }
            #expect(throws: TensorError(operation: "backward", problem: "the output of [2] \(words)")) {
                try tape.gradients(of: stranger * 2, for: [x])
            }
            let labels = tape.watch(Tensor([Int32(1)]))
            #expect(!labels.isTracked)
        }
    }

    @Test func aTapeWithinATapeKeepsToItself() throws {
        let (outer, inner) = (Tape(), Tape())
        let slopes = try outer.record { () -> (Tensor, Tensor) in
            let x = outer.watch(Tensor([2]))
            let y = x * 3
            let within = try inner.record { () -> Tensor in
                let z = inner.watch(Tensor([5]))
                #expect(!y.isTracked)
                return try inner.gradients(of: z * y, for: [z])[0]
            }
            #expect(y.isTracked)
            return (within, try outer.gradients(of: y * within, for: [x])[0])
        }
        #expect(slopes.0.scalars == [6] && slopes.1.scalars == [18])
    }

    @Test func aScaledBackwardPassIsThatOfTheScaledOutput() throws {
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: 2)
        defer { memory.deallocate() }
        let sink = Tape.Sink(memory)
        let weights = UnsafeMutablePointer<Float>.allocate(capacity: 2)
        defer { weights.deallocate() }
        (weights[0], weights[1]) = (3, 4)
        let view = TensorView(weights, shape: [2], sink: sink)
        let tape = Tape()
        for (scale, total): (Float, [Float]) in [(0.5, [3, 4]), (2, [15, 20])] {
            // The second pass adds to what the first one left.
            let loss = tape.record { view.tensor(isConstant: false).square().sum() }
            try tape.backward(from: loss, scale: scale)
            #expect([memory[0], memory[1]] == total && sink.isWritten)
        }
        sink.isWritten = false
        let product = tape.record { view.tensor(isConstant: false) * 2 }
        try tape.backward(from: product, seed: Tensor([1, -1]))
        #expect([memory[0], memory[1]] == [2, -2])
        let constant = tape.record { (view.tensor(isConstant: true) * 2).sum() }
        #expect(throws: TensorError.self) { try tape.backward(from: constant) }
    }

    @Test func everyThreadHasATapeOfItsOwn() {
        final class Results: @unchecked Sendable {  // Every thread writes to an element of its own, under the lock.
            private let lock = NSLock()
            private var values = [Float](repeating: 0, count: 8)
            func set(_ index: Int, _ value: Float) { lock.withLock { values[index] = value } }
            var all: [Float] { lock.withLock { values } }
        }
        let results = Results()
        DispatchQueue.concurrentPerform(iterations: 8) { index in
            let slope = try? gradients(at: [Tensor([Float(index)])]) { inputs in
                (0..<200).reduce(inputs[0]) { sum, _ in sum + inputs[0] }.square()
            }
            results.set(index, slope?[0].item() ?? .nan)
        }
        // The slope of (201 x)² is 2 · 201² · x.
        #expect(results.all == (0..<8).map { 80_802 * Float($0) })
    }
}
