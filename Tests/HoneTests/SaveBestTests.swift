import Hone
import Testing

/// The best model, kept in memory.
@Suite struct SaveBestTests {
    private func learner(
        _ values: [Double] = [0], _ direction: Direction = .lowerIsBetter, _ callbacks: any Callback...
    ) throws -> Learner {
        try Line.learner(
            valid: 2, optimizer: Adam(learningRate: 0.125), metrics: [Scripted(values, direction)], callbacks: callbacks
        )
    }

    /// The weight at the end of each epoch.
    private func weights(_ learner: Learner, epochs: Int) throws -> [Double] {
        var weights: [Double] = []
        try learner.fit(epochs, callbacks: [.on(.afterEpoch) { weights.append(Line.weight(of: $0)) }])
        return weights
    }

    @Test func theBestModelComesBackWithItsOptimizer() throws {
        let best = SaveBest(.metric("scripted"))
        let learner = try learner([5, 3, .nan, 4, 3, 6], .lowerIsBetter, best)
        let weights = try weights(learner, epochs: 6)
        #expect(best.best?.value == 3 && best.best?.epoch == 1 && best.best?.step == 6)
        #expect(
            best.best?.description
                == "scripted 3.000000 in epoch 1, after step 6, of the trained weights")
        #expect(Line.weight(of: learner) == weights[5])
        #expect(try best.restore(into: learner) == best.best)
        #expect(Line.weight(of: learner) == weights[1] && learner.progress.step == 18)
        // With moments and counts of the second epoch the third one comes again.
        try learner.withoutCallbacks(SaveBest.self) { try learner.fit(1) }
        #expect(Line.weight(of: learner) == weights[2])
    }

    @Test func theMonitorSaysWhichWayIsBetter() throws {
        for (direction, epoch) in [(Direction.higherIsBetter, 2), (.lowerIsBetter, 1)] {
            let best = SaveBest(.metric("scripted"))
            try learner([2, 1, 4, 4, 1], direction, best).fit(5)
            #expect(best.best?.epoch == epoch)
        }
        let best = SaveBest(.trainLoss)
        let learner = try learner([0], .lowerIsBetter, best)
        try learner.fit(4)
        #expect(best.best?.value == learner.recorder.epochs.map(\.trainLoss).min() && best.best?.name == "train loss")
    }

    @Test func whatIsNoNumberIsNeverTheBest() throws {
        let best = SaveBest(.metric("scripted"), restoresBest: true)
        let learner = try learner([.nan, .nan], .lowerIsBetter, best)
        let weights = try weights(learner, epochs: 2)
        #expect(best.best == nil && Line.weight(of: learner) == weights[1])
        let error = try #require(throws: LearnerError.self) { try best.restore(into: learner) }
        #expect("\(error)" == "snapshot: SaveBest has seen no figure")
    }

    @Test func itIsPutBackAtTheEndIfAsked() throws {
        let learner = try learner([5, 3, 4, 6], .lowerIsBetter, SaveBest(.metric("scripted"), restoresBest: true))
        let weights = try weights(learner, epochs: 4)
        #expect(Line.weight(of: learner) == weights[1] && weights[1] != weights[3])
    }

    @Test func validationsWithinEpochsCount() throws {
        // Three batches an epoch: after each of the first two a validation, and one at the end.
        let best = SaveBest(.metric("scripted"))
        let learner = try learner([9, 8, 7, 3, 8, 9], .lowerIsBetter, best)
        var weights: [Double] = []
        try learner.fit(
            2, validateEvery: .steps(1), callbacks: [.on(.afterStep) { weights.append(Line.weight(of: $0)) }])
        #expect(best.best?.value == 3 && best.best?.step == 4 && best.best?.epoch == 1)
        try best.restore(into: learner)
        #expect(Line.weight(of: learner) == weights[3])
    }

    @Test func ofNamedSetsTheLastOneSettlesIt() throws {
        let set = try DataLoader(Points.dataset(16, seed: 11), batchSize: 8)
        let best = SaveBest(.metric("other loss"))
        let plain = try Points.learner()
        let learner = Learner(
            try plain.data.validating("other", on: set), model: plain.model, loss: CrossEntropy(), callbacks: [best],
            handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        try learner.fit(2, validateEvery: .steps(2))
        let metrics = learner.recorder.validations.map(\.metrics) + learner.recorder.epochs.map(\.metrics)
        let figures = metrics.compactMap { $0.first { $0.name == "other loss" }?.value }
        #expect(figures.count == 6 && best.best?.value == figures.min())
        try best.restore(into: learner)
        #expect(try learner.validate()["other loss"] == best.best?.value)
    }

    /// Has validations use the double of the weights.
    private final class Doubling: LearnerCallback {
        private var trained: [Float] = []
        private func fill(_ learner: Learner, _ values: [Float]) {
            learner.arena.willChangeValues()
            _ = learner.arena.values.update(fromContentsOf: values)
        }
        override func beforeValidate(_ learner: Learner) throws {
            trained = Array(learner.arena.values)
            fill(learner, trained.map { 2 * $0 })
            learner.weightsInUse = "double"
        }
        override func afterValidate(_ learner: Learner) throws {
            fill(learner, trained)
            learner.weightsInUse = Learner.trainedWeights
        }
    }

    @Test func itKnowsWhichWeightsWereMeasuredAndHoldsBoth() throws {
        let best = SaveBest(.metric("scripted"))
        let learner = try learner([5, 3, 4], .lowerIsBetter, Doubling(), best)
        let weights = try weights(learner, epochs: 3)
        #expect(best.best?.weights == "double")
        try best.restore(into: learner)
        #expect(Line.weight(of: learner) == 2 * weights[1])
        try best.restore(into: learner, trained: true)
        #expect(Line.weight(of: learner) == weights[1])
        // A figure of training is one of the trained weights.
        let ofTraining = SaveBest(.trainLoss)
        try self.learner([0], .lowerIsBetter, Doubling(), ofTraining).fit(2)
        #expect(ofTraining.best?.weights == "trained")
    }

    @Test func anAverageOfTheOptimizersIsMeasuredAgainAsItWas() throws {
        let best = SaveBest()
        let learner = try Points.learner(optimizer: ScheduleFreeAdamW(learningRate: 0.05), callbacks: [best])
        try learner.fit(3)
        #expect(best.best?.weights == "averaged")
        try best.restore(into: learner)
        #expect(try learner.validate().loss == best.best?.value)
    }

    @Test func anotherLearnerOfTheModelMayHaveItAndAnotherModelMayNot() throws {
        let best = SaveBest()
        let learner = try Points.learner(callbacks: [best])
        try learner.fit(2)
        let twin = try Points.learner(seed: 7)
        try best.restore(into: twin)
        #expect(try twin.validate().loss == best.best?.value)
        let other = try Points.learner(model: Sequential(Linear(6, 3)))
        let before = bits(other)
        #expect(throws: LearnerError.self) { try best.restore(into: other) }
        #expect(bits(other) == before)
    }

    @Test func aModelOfAnotherProcessIsNotThere() throws {
        let best = SaveBest()
        let learner = try Points.learner(callbacks: [SaveBest()])
        try learner.fit(2)
        let resumed = try Points.learner(callbacks: [best])
        try resumed.restore(try learner.snapshot())
        #expect(best.best != nil)
        let error = try #require(throws: LearnerError.self) { try best.restore(into: resumed) }
        #expect("\(error)".hasSuffix("is not kept in this process"))
    }

    @Test func theNextFitHasABestOfItsOwn() throws {
        let best = SaveBest(.metric("scripted"))
        let learner = try learner([1, 2, 5, 4], .lowerIsBetter, best)
        try learner.fit(2)
        #expect(best.best?.value == 1)
        try learner.fit(2)
        #expect(best.best?.value == 4 && best.best?.epoch == 1)
    }

    @Test func aRehearsalLeavesItAlone() throws {
        let best = SaveBest()
        let learner = try Points.learner(callbacks: [best])
        try learner.fit(1)
        let kept = best.best
        try learner.rehearse(3)
        #expect(best.best == kept)
        try best.restore(into: learner)
        #expect(try learner.validate().loss == kept?.value)
    }

    @Test func aFigureThatWillNotBeThereIsAnErrorAtTheStart() throws {
        let empty = try Line.learner(valid: 0, callbacks: [SaveBest()])
        #expect(throws: CallbackError.self) { try empty.fit(1) }
        #expect(throws: CallbackError.self) { try Points.learner(callbacks: [SaveBest(.metric("none"))]).fit(1) }
    }
}
