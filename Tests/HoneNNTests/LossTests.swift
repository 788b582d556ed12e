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

    @Test func aLabelOutsideTheClassesIsNamedWithItsSample() {
        let losses: [any Loss] = [CrossEntropy(), CrossEntropy(smoothing: 0.1), NegativeLogLikelihood(), Focal()]
        for loss in losses {
            for label in [Int32.min, -1, 3] {
                let error = #expect(throws: LabelError.self) {
                    try catchingTensorErrors {
                        loss(.zeros([2, 3, 2]), Tensor([0, 1, 2, label] as [Int32], shape: [2, 2]))
                    }
                }
                #expect(error?.row == 1 && error?.label == Int(label) && error?.operation == "\(type(of: loss))")
            }
        }
    }

    @Test func ignoredLabelsCountNothing() throws {
        let logits = Tensor([[1, 2, 3], [3, 2, 1], [0, 0, 5]])
        let value = CrossEntropy().evaluate(logits, Tensor([Int32(0), -100, 2]))
        let kept = CrossEntropy().evaluate(logits.rows([0, 2]), Tensor([Int32(0), 2]))
        #expect(value.count == 2 && abs(value.sum.item() - kept.sum.item()) < 1e-6)
        #expect(CrossEntropy().elements(logits, Tensor([Int32(0), -100, 2])).values.scalars[1] == 0)
        #expect(mistake { CrossEntropy(ignoring: nil)(logits, Tensor([Int32(0), -100, 2])) } != nil)
        let none = CrossEntropy().evaluate(logits, Tensor([Int32](repeating: -100, count: 3)))
        #expect(none.count == 0 && none.sum.item() == 0)
        // A class that cannot be has −∞, which an ignored row must not meet.
        let masked = Tensor([[-.infinity, 0, 0], [-.infinity, 1, 1]])
        let elements = CrossEntropy(ignoring: 9).elements(masked, Tensor([Int32(1), 9])).values.scalars
        #expect(abs(elements[0] - Float(log(2.0))) < 1e-6 && elements[1] == 0)
    }

    @Test func classesMayLieAlongTheLastAxis() {
        var numbers = TestNumbers(seed: 2)
        let x = numbers.tensor([2, 3, 4])
        let labels = Tensor([0, 1, 2, 3, 0, -100] as [Int32], shape: [2, 3])
        for reduction in [Reduction.sum, .mean, .none] {
            let last = CrossEntropy(axis: -1)(x, labels, reduction: reduction)
            #expect(distance(last, CrossEntropy()(x.transposed(1, 2), labels, reduction: reduction)) < 1e-6)
        }
        let smoothed = CrossEntropy(smoothing: 0.1, axis: 2).elements(x, x.softmax()).values
        #expect(smoothed.shape == [2, 3])
        #expect(mistake { CrossEntropy(axis: 3)(x, labels) }?.hasPrefix("CrossEntropy: predictions are") == true)
    }

    @Test func extremePredictionsHaveFiniteLosses() throws {
        let logits = Tensor([1000, -1000, 1000, -1000])
        let target = Tensor([1, 0, 0, 1])
        #expect(BinaryCrossEntropyWithLogits().elements(logits, target).values.scalars == [0, 0, 1000, 1000])
        let weighted = BinaryCrossEntropyWithLogits(positiveWeights: Tensor(3))
        #expect(weighted.elements(logits, target).values.scalars == [0, 0, 1000, 3000])
        #expect(BinaryCrossEntropy().elements(Tensor([1, 0]), Tensor([0, 1])).values.scalars == [100, 100])
        for loss in [BinaryFocal(), BinaryFocal(gamma: 0.5), BinaryFocal(gamma: 0, alpha: nil)] {
            let tape = Tape()
            let slope = try tape.record { () -> Tensor in
                let x = tape.watch(logits)
                return try tape.gradients(of: loss(x, target), for: [x])[0]
            }
            let isFinite = slope.scalars.allSatisfy { $0.isFinite }
            #expect(isFinite)
        }
        #expect(KLDivergence().elements(Tensor([-1, -2]), Tensor([0, 1])).values.scalars == [0, 2])
    }

    @Test func optionsOutOfRangeAreNamed() {
        let (x, y) = (Tensor.zeros([2, 3]), Tensor.zeros([2, 3]))
        let labels = Tensor([Int32(0), 1])
        let mistakes: [(String, () -> Tensor)] = [
            ("CrossEntropy: smoothing is 1.5, expected 0...1", { CrossEntropy(smoothing: 1.5)(x, labels) }),
            (
                "CrossEntropy: there are 2 weights, expected one for each of 3 classes",
                { CrossEntropy(weights: [1, 2])(x, labels) }
            ),
            ("Focal: gamma is -1.0, expected >= 0", { Focal(gamma: -1)(x, labels) }),
            ("Huber: delta is 0.0, expected > 0", { Huber(delta: 0)(x, y) }),
            ("SmoothL1: beta is -1.0, expected >= 0", { SmoothL1(beta: -1)(x, y) }),
            ("Hinge: a target is 0.0, expected -1 or 1", { Hinge()(x, y) }),
            (
                "CosineEmbedding: a target is 2.0, expected -1 or 1",
                { CosineEmbedding()(.zeros([1, 2, 3]), Tensor([Int32(2)])) }
            ),
            (
                "BinaryCrossEntropy: a prediction is 1.5, expected a probability; for logits there is "
                    + "BinaryCrossEntropyWithLogits",
                { BinaryCrossEntropy()(x + 1.5, y) }
            ),
            (
                "BinaryCrossEntropyWithLogits: positive weights are float32 [2], expected float32 that can be "
                    + "broadcast to predictions [2, 3]",
                { BinaryCrossEntropyWithLogits(positiveWeights: Tensor([1, 2]))(x, y) }
            ),
            (
                "FunctionLoss: the losses of single elements are not known, only their sum",
                { FunctionLoss { x, _ in LossValue(sum: x.sum(), count: 1) }(x, y, reduction: .none) }
            ),
        ]
        for (words, make) in mistakes { #expect(mistake(in: make) == words) }
    }

    @Test func smoothL1WithoutAParabolaIsTheAbsoluteError() {
        let (x, y) = (Tensor([1, -2, 3]), Tensor([1, 1, 1]))
        #expect(SmoothL1(beta: 0).elements(x, y).values.scalars == [0, 3, 2])
    }

    @Test func pairsOfVectorsMayComeApart() {
        let (a, b) = (Tensor([[1, 0], [3, 4]]), Tensor([[0, 2], [3, 4]]))
        let loss = CosineEmbedding()(a, b, Tensor([1, -1]), reduction: .none)
        #expect(distance(loss, Tensor([1, 1])) < 1e-6)
        #expect(mistake { CosineEmbedding()(a, Tensor([1]), Tensor([1, 1])) } != nil)
    }
}
