import Hone
import HoneMixing
import Testing

/// 12 images of 1×4×4 in 3 classes, all numbers of image i within i...i + 1, and a linear model.
private func makeLearner(
    _ callbacks: [any Callback], loss: any Loss = CrossEntropy(), window: Int = 1, seed: UInt64 = 7
) throws -> Learner {
    let noise = RandomKey(seed: 1).uniform(12 * 16)
    let images = Tensor((0..<12 * 16).map { Float($0 / 16) + noise[$0] }, shape: [12, 1, 4, 4])
    let data = try TensorDataset(images, Tensor((0..<12).map { Int32($0 % 3) }))
    let learner = Learner(
        try DataLoaders(train: DataLoader(data, batchSize: 4), valid: DataLoader(data, batchSize: 12)),
        model: Sequential(Flatten(), Linear(16, 3)), loss: loss, optimizer: SGD(), metrics: [Accuracy()],
        callbacks: callbacks + (window > 1 ? [GradAccumulation(batches: window)] : []), seed: seed)
    learner.removeCallbacks(of: ProgressReporter.self)
    return learner
}

/// Takes down batches, predictions and losses of training as the loop sees them.
private final class Witness: LearnerCallback {
    var inputs: [[Float]] = []
    var predictions: [Tensor] = []
    var losses: [LossValue] = []
    var validInputs: [[Float]] = []

    override func afterLoss(_ learner: Learner) throws {
        guard learner.isTraining else { return validInputs.append(learner.batch.input.scalars) }
        inputs.append(learner.batch.input.scalars)
        predictions.append(learner.predictions[0].detached())
        losses.append(LossValue(sum: learner.loss.sum.detached(), count: learner.loss.count))
    }
}

/// The partners and shares that the package draws, from the documented key alone.
private func drawn(_ name: String, batch: Int, alpha: Double, seed: UInt64 = 7) -> (partners: [Int], shares: [Float]) {
    let key = RandomKey(seed: seed).derived(name, batch)
    let shares = key.derived("shares").beta(4, alpha, alpha).map { max($0, 1 - $0) }
    return (key.derived("partners").permutation(4), shares)
}

@Suite struct MixUpTests {
    @Test func inputsAndLossesAreMixedByTheSameShares() throws {
        let weights: [Float] = [1, 2, 5]
        let witness = Witness()
        let learner = try makeLearner([MixUp(), witness], loss: CrossEntropy(weights: weights))
        let plain = Witness()
        try makeLearner([plain], loss: CrossEntropy(weights: weights)).fit(1, lr: 1e-30)
        try learner.fit(1, lr: 1e-30)
        for batch in 0..<3 {
            let (partners, shares) = drawn("MixUp", batch: batch, alpha: 0.4)
            #expect(shares.allSatisfy { $0 >= 0.5 && $0 <= 1 })
            for index in 0..<64 {
                let (row, place) = (index / 16, index % 16)
                let own = plain.inputs[batch][index]
                let other = plain.inputs[batch][16 * partners[row] + place]
                let mixed = shares[row] * own + (1 - shares[row]) * other
                #expect(abs(witness.inputs[batch][index] - mixed) < 1e-4)
            }
            // The loss by its definition: weighted logarithms, divided by the weights, both mixed.
            let logarithms = witness.predictions[batch].logSoftmax().scalars
            let labels = (0..<4).map { (4 * batch + $0) % 3 }
            var (sum, count) = (0.0, 0.0)
            for row in 0..<4 {
                for (label, share) in [(labels[row], shares[row]), (labels[partners[row]], 1 - shares[row])] {
                    sum -= Double(share * weights[label] * logarithms[3 * row + label])
                    count += Double(share * weights[label])
                }
            }
            #expect(abs(Double(witness.losses[batch].sum.item()) - sum) < 1e-3 * max(1, sum))
            #expect(abs(witness.losses[batch].count - count) < 1e-5)
        }
    }

    @Test func ignoredLabelsCountNothingOnEitherSide() throws {
        let witness = Witness()
        try makeLearner([MixUp(), witness], loss: CrossEntropy(ignoring: 1)).fit(1, lr: 1e-30)
        for batch in 0..<3 {
            let (partners, shares) = drawn("MixUp", batch: batch, alpha: 0.4)
            let counts: [Float] = (0..<4).map { (4 * batch + $0) % 3 == 1 ? 0 : 1 }
            var count: Float = 0
            for row in 0..<4 { count += shares[row] * counts[row] + (1 - shares[row]) * counts[partners[row]] }
            #expect(abs(witness.losses[batch].count - Double(count)) < 1e-5)
        }
    }

    @Test func aLossWithoutCrossEntropysShortcutCountsTheSame() throws {
        // The same loss behind a name of its own is asked sample by sample.
        struct Other: ElementwiseLoss {
            let base: CrossEntropy
            func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements { base.elements(prediction, target) }
        }
        let loss = CrossEntropy(weights: [1, 2, 5], ignoring: 1)
        let (known, unknown) = (Witness(), Witness())
        try makeLearner([MixUp(), known], loss: loss).fit(1, lr: 1e-30)
        try makeLearner([MixUp(), unknown], loss: Other(base: loss)).fit(1, lr: 1e-30)
        for (a, b) in zip(known.losses, unknown.losses) {
            #expect(abs(a.count - b.count) < 1e-5 && abs(a.sum.item() - b.sum.item()) < 1e-4 * abs(a.sum.item()))
        }
    }

    @Test func validationsSeeTheDataAsTheyAre() throws {
        let (mixed, plain) = (Witness(), Witness())
        let learner = try makeLearner([MixUp(), mixed])
        let other = try makeLearner([plain])
        try learner.fit(1, lr: 1e-30)
        try other.fit(1, lr: 1e-30)
        #expect(mixed.validInputs == plain.validInputs && learner.validation == other.validation)
        #expect(learner.lossFunction is CrossEntropy)
    }

    @Test func theSameSeedMixesTheSameSamplesAndAnotherOnesOthers() throws {
        func inputs(_ seed: UInt64) throws -> [[Float]] {
            let witness = Witness()
            try makeLearner([MixUp(), witness], seed: seed).fit(1, lr: 0.01)
            return witness.inputs
        }
        #expect(try inputs(7) == inputs(7))
        #expect(try inputs(7) != inputs(8))
    }

    @Test func anAccumulatedWindowIsComputedAgainWithItsMixtures() throws {
        // Each batch of the window is mixed by shares of its own; the gradients must find them again.
        final class Again: LearnerCallback {
            var pairs: [([Float], [Float])] = []
            override func beforeFit(_ learner: Learner) throws { learner.stages.keepBatches() }
            override func gradientsReady(_ learner: Learner) throws {
                let first = Array(learner.arena.gradientsToRead)
                try learner.recomputeGradients()
                pairs.append((first, Array(learner.arena.gradientsToRead)))
            }
        }
        let again = Again()
        try makeLearner([MixUp(), again], window: 3).fit(2, lr: 0.01)
        #expect(again.pairs.count == 2 && again.pairs.allSatisfy { $0.0 == $0.1 })
        #expect(again.pairs.allSatisfy { $0.0.contains { $0 != 0 } })
    }

    @Test func mistakesAreErrorsAtTheStart() throws {
        for bad in [[MixUp(alpha: 0)], [CutMix(alpha: .nan)], [LabelMixing(1.5)], [MixUp(), CutMix()]]
            as [[any Callback]]
        {
            let learner = try makeLearner(bad)
            #expect(throws: CallbackError.self) { try learner.fit(1, lr: 0.01) }
            #expect(learner.progress.microBatch == 0 && learner.lossFunction is CrossEntropy)
        }
    }

    @Test func aLossWithoutElementsIsAnErrorThatSaysSo() throws {
        let loss = FunctionLoss { prediction, target in CrossEntropy().evaluate(prediction, target) }
        let error = #expect(throws: (any Error).self) { try makeLearner([MixUp()], loss: loss).fit(1, lr: 0.01) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("cannot be mixed"))
        // One share a batch needs no elements.
        try makeLearner([CutMix()], loss: loss).fit(1, lr: 0.01)
    }

    @Test func aSecondFitBeginsAfresh() throws {
        let callback = MixUp()
        try makeLearner([callback]).fit(2, lr: 0.01)
        let (used, fresh) = (try makeLearner([callback]), try makeLearner([MixUp()]))
        try used.fit(2, lr: 0.01)
        try fresh.fit(2, lr: 0.01)
        #expect(Array(used.arena.values) == Array(fresh.arena.values))
    }
}

@Suite struct CutMixTests {
    @Test func aBoxComesFromThePartnerAndItsAreaIsItsShare() throws {
        let (witness, plain) = (Witness(), Witness())
        try makeLearner([CutMix(), witness]).fit(3, lr: 1e-30)
        try makeLearner([plain]).fit(3, lr: 1e-30)
        var areas: Set<Int> = []
        for batch in 0..<9 {
            let (partners, _) = drawn("CutMix", batch: batch, alpha: 1)
            let places = (0..<64).filter { witness.inputs[batch][$0] != plain.inputs[batch][$0] }
            for index in places {
                let other = plain.inputs[batch][16 * partners[index / 16] + index % 16]
                #expect(witness.inputs[batch][index] == other)
            }
            // Of a sample that is not its own partner, the box is what has changed: one rectangle.
            guard let row = (0..<4).first(where: { partners[$0] != $0 }) else { continue }
            let own = places.filter { $0 / 16 == row }.map { $0 % 16 }
            let (lines, columns) = (Set(own.map { $0 / 4 }), Set(own.map { $0 % 4 }))
            #expect(own.count == lines.count * columns.count)
            areas.insert(own.count)
            let share = 1 - Double(own.count) / 16
            let logarithms = witness.predictions[batch].logSoftmax().scalars
            let labels = (0..<4).map { (4 * (batch % 3) + $0) % 3 }
            var sum = 0.0
            for row in 0..<4 {
                sum -= share * Double(logarithms[3 * row + labels[row]])
                sum -= (1 - share) * Double(logarithms[3 * row + labels[partners[row]]])
            }
            #expect(abs(Double(witness.losses[batch].sum.item()) - sum) < 1e-3 * max(1, sum))
        }
        #expect(areas.count > 1)
    }

    @Test func whatIsNoImageIsRefused() throws {
        let data = try TensorDataset(.zeros([8, 3]), Tensor([Int32](repeating: 0, count: 8)))
        let learner = Learner(
            try DataLoaders(train: data, valid: data, batchSize: 4), model: Linear(3, 2), loss: CrossEntropy(),
            callbacks: [CutMix()])
        learner.removeCallbacks(of: ProgressReporter.self)
        let error = #expect(throws: CallbackError.self) { try learner.fit(1, lr: 0.01) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("expected float32 [batch, channels, height, width]"))
    }
}

@Suite struct LabelMixingTests {
    @Test func lossesAreMixedAndInputsStay() throws {
        let (witness, plain) = (Witness(), Witness())
        try makeLearner([LabelMixing(0.25), witness]).fit(1, lr: 1e-30)
        try makeLearner([plain]).fit(1, lr: 1e-30)
        #expect(witness.inputs == plain.inputs)
        for batch in 0..<3 {
            let (partners, _) = drawn("LabelMixing", batch: batch, alpha: 1)
            let logarithms = witness.predictions[batch].logSoftmax().scalars
            let labels = (0..<4).map { (4 * batch + $0) % 3 }
            var sum: Float = 0
            for row in 0..<4 {
                sum -= 0.75 * logarithms[3 * row + labels[row]]
                sum -= 0.25 * logarithms[3 * row + labels[partners[row]]]
            }
            #expect(abs(witness.losses[batch].sum.item() - sum) < 1e-3 * max(1, sum))
        }
    }

    @Test func aShareOfNothingIsThePlainLoss() throws {
        let (mixed, plain) = (try makeLearner([LabelMixing(0)]), try makeLearner([]))
        try mixed.fit(2, lr: 0.01)
        try plain.fit(2, lr: 0.01)
        #expect(zip(mixed.arena.values, plain.arena.values).allSatisfy { abs($0 - $1) < 1e-5 * max(1, abs($1)) })
    }
}
