import Foundation
import HoneTensor
import Testing

/// Losses of pairs, weighted cross-entropy, and what else losses and layers of indices are made of.
@Suite struct PairLossTests {
    @Test func lossesOfPairsHaveTheirGradients() throws {
        var numbers = TestNumbers(seed: 1)
        for shape in [[], [1], [7], [3, 5], [2, 1, 4], [0], [67]] {
            let (x, y) = (numbers.tensor(shape, in: 0.1...0.9), numbers.tensor(shape, in: 0...0.09))
            try expectGradients(at: [x, y], "absolute \(shape)", step: 2e-3) { $0[0].absoluteError($0[1]) }
            let (a, b) = (numbers.tensor(shape), numbers.tensor(shape, in: 0...1))
            try expectGradients(at: [a, b], "Huber \(shape)") { $0[0].huberError($0[1], delta: 0.8) }
            try expectGradients(at: [a, b], "logits \(shape)") { $0[0].binaryCrossEntropyWithLogits($0[1]) }
            try expectGradients(at: [x, b], "binary \(shape)", step: 2e-3) { $0[0].binaryCrossEntropy($0[1]) }
        }
    }

    private func expectGradients(
        at inputs: [Tensor], _ name: String, step: Float = 5e-3, _ function: ([Tensor]) -> Tensor
    ) throws {
        // Binary cross-entropy near 0 and 1 bends too much for the usual tolerance.
        try HoneTensorTests.expectGradients(at: inputs, tolerance: 6e-3, step: step, name, function)
    }

    @Test func aLossOfATensorAndItselfIsFlat() throws {
        let x = Tensor([1, -2])
        #expect(try gradients(at: [x]) { $0[0].absoluteError($0[0]) }[0].scalars == [0, 0])
        #expect(try gradients(at: [x]) { $0[0].huberError($0[0]) }[0].scalars == [0, 0])
    }

    @Test func crossEntropyCountsTheWeightsOfItsLabels() throws {
        var numbers = TestNumbers(seed: 2)
        let x = numbers.tensor([5, 3])
        let labels = Tensor([Int32(0), 2, -7, 1, 2])
        let weights = Tensor([0.5, 2, 3])
        let value = x.crossEntropy(labels, weights: weights, ignoring: -7)
        #expect(value.count == 8.5)
        let logs = x.logSoftmax().scalars
        let parts: [Float] = [0.5 * logs[0], 3 * logs[5], 2 * logs[10], 3 * logs[14]]
        let expected = -parts.reduce(0, +)
        #expect(abs(value.sum.item() - expected) < 1e-5)
        try HoneTensorTests.expectGradients(at: [x]) {
            $0[0].crossEntropy(labels, weights: weights, ignoring: -7).sum
        }
        #expect(x.crossEntropy(Tensor([Int32](repeating: 4, count: 5)), ignoring: 4).count == 0)
    }

    @Test func noLabelIsIgnoredUnlessItIsAskedFor() throws {
        let x = Tensor.zeros([2, 3])
        for label in [Int32.min, -1, -100] {
            let labels = Tensor([Int32(0), label])
            let error = #expect(throws: LabelError.self) { try catchingTensorErrors { x.crossEntropySum(labels) } }
            #expect(error?.label == Int(label) && error?.row == 1)
            let value = x.crossEntropy(labels, ignoring: Int(label))
            #expect(value.count == 1)
        }
    }

    @Test func aConstantRowGetsNoGradient() throws {
        let table = Tensor([[1, 2], [3, 4], [5, 6]])
        let indices = Tensor([1, 0, 1, 2, 0, 1] as [Int32], shape: [3, 2])
        #expect(table.rows(indices, constant: 1).scalars == [3, 4, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4])
        let slope = try gradients(at: [table]) { $0[0].rows(indices, constant: 1) }[0]
        #expect(slope.scalars == [2, 2, 0, 0, 1, 1])
        #expect(try gradients(at: [table]) { $0[0].rows(indices) }[0].scalars == [2, 2, 3, 3, 1, 1])
        let alone = Tensor([Int32(2), 2])
        #expect(try gradients(at: [table]) { $0[0].rows(alone, constant: 2) }[0].scalars == [0, 0, 0, 0, 0, 0])
    }

    @Test func dropoutOfWholePartsDrawsOnceForEach() throws {
        let x = Tensor.ones([40, 3, 4])
        let y = withRandomKey(RandomKey(seed: 1)) { x.dropout(0.25, leading: 2) }
        let parts = (0..<120).map { Set(y.scalars[$0 * 4..<($0 + 1) * 4]) }
        #expect(parts.allSatisfy { $0 == [0] || $0 == [1 / 0.75] })
        let kept = parts.filter { $0 != [0] }.count
        #expect((70...110).contains(kept))
        let slope = try withRandomKey(RandomKey(seed: 1)) { try gradients(at: [x]) { $0[0].dropout(0.25, leading: 2) } }
        #expect(slope[0].isBitwiseEqual(to: y))
        #expect(Set(x.dropout(1, leading: 1).scalars) == [0])
        let all = withRandomKey(RandomKey(seed: 2)) { x.dropout(0.5, leading: 0) }
        #expect(Set(all.scalars).count == 1)
    }

    @Test func mistakesAreNamed() {
        let mistakes: [(String, () -> Tensor)] = [
            (
                "absoluteError: float32 predictions [2] and float32 targets [1, 2], expected float32 of one shape",
                { Tensor([1, 2]).absoluteError(Tensor([[1, 2]])) }
            ),
            ("huberError: delta is 0.0, expected > 0", { Tensor([1]).huberError(Tensor([1]), delta: 0) }),
            (
                "crossEntropy: weights are float32 [2], expected float32 [3]",
                { Tensor.zeros([1, 3]).crossEntropy(Tensor([Int32(0)]), weights: Tensor([1, 2])).sum }
            ),
            (
                "dropout: float32 [2] with probability 0.5 over 2 axes, expected float32 of as many axes and 0...1",
                { Tensor([1, 2]).dropout(0.5, leading: 2) }
            ),
            (
                "maxPool1d: shape is [], expected [..., length] of 1 to 5 axes",
                { Tensor(1).maxPool1d(2) }
            ),
        ]
        for (words, make) in mistakes {
            let error = #expect(throws: TensorError.self) { try catchingTensorErrors(make) }
            #expect(error?.description == words)
        }
    }
}
