import Foundation
import HoneNN
import HoneTensor
import Testing

@Suite struct LossTests {
    @Test func crossEntropyGivesSumAndCount() {
        let logits = Tensor([[0, 0], [Float(log(3.0)), 0], [0, Float(log(3.0))]])
        let value = CrossEntropy().evaluate(logits, Tensor([Int32(0), 0, 0]))
        // −log of 1/2, 3/4 and 1/4.
        let expected = log(2.0) + log(4.0 / 3) + log(4.0)
        #expect(abs(Double(value.sum.item()) - expected) < 1e-6)
        #expect(value.count == 3)
        #expect(abs(value.mean - expected / 3) < 1e-6)
        #expect(abs(Double(CrossEntropy()(logits, Tensor([Int32(0), 0, 0])).item()) - expected / 3) < 1e-6)
    }

    @Test func squaredErrorGivesSumAndCount() {
        let value = MeanSquaredError().evaluate(Tensor([[1, 2], [3, 4]]), Tensor([[0, 2], [5, 1]]))
        #expect(value.sum.item() == 14 && value.count == 4 && value.mean == 3.5)
        #expect(MeanSquaredError()(Tensor([1, 2]), Tensor([0, 0])).item() == 2.5)
    }

    @Test func partsOfABatchAddUpToTheWhole() {
        var numbers = TestNumbers(seed: 1)
        let (x, y) = (numbers.tensor([7, 3]), numbers.tensor([7, 3]))
        let whole = MeanSquaredError().evaluate(x, y)
        let parts = [[0, 1, 2, 3], [4, 5], [6]].map { (rows: [Int32]) in
            MeanSquaredError().evaluate(x.rows(rows), y.rows(rows))
        }
        let sum = parts.reduce(0.0) { $0 + Double($1.sum.item()) }
        #expect(abs(sum - Double(whole.sum.item())) < 1e-5)
        #expect(parts.reduce(0) { $0 + $1.count } == whole.count)
    }

    @Test func theGradientOfTheMeanIsTheSumsByTheCount() throws {
        let tape = Tape()
        let slope = try tape.record { () -> Tensor in
            let x = tape.watch(Tensor([1, 5]))
            return try tape.gradients(of: MeanSquaredError()(x, Tensor([0, 2])), for: [x])[0]
        }
        #expect(slope.scalars == [1, 3])
    }

    @Test func aFunctionCanBeALoss() {
        let absolute = FunctionLoss { LossValue(sum: ($0 - $1).abs().sum(), count: 2) }
        #expect(absolute(Tensor([1, -4]), Tensor([0, 0])).item() == 2.5)
        #expect(absolute.evaluate(Tensor([1, -4]), Tensor([0, 0])).mean == 2.5)
    }

    @Test func targetsThatDoNotFitAreMistakes() {
        let logits = Tensor.zeros([2, 3])
        #expect(
            mistake { CrossEntropy()(logits, Tensor([Int32(0), 3])) }
                == "CrossEntropy: label 3 at row 1 is outside the classes 0..<3")
        #expect(
            mistake { CrossEntropy()(logits, Tensor([0, 1])) }
                == "CrossEntropy: predictions are float32 [2, 3] and targets float32 [2], expected float32 [batch, classes, ...] "
                + "with int32 labels [batch, ...], or with float32 probabilities of one shape, and the classes along "
                + "axis 1")
        #expect(
            mistake { MeanSquaredError()(logits, Tensor.zeros([3, 2])) }
                == "MeanSquaredError: predictions are float32 [2, 3] and targets float32 [3, 2], expected float32 of one shape"
        )
    }
}
