import Hone
import Testing

/// Optimizers that train with other weights than those to evaluate with.
@Suite struct EvaluationWeightsTests {
    private func learner(_ callbacks: [any Callback] = []) throws -> Learner {
        try Points.learner(optimizer: ScheduleFreeAdamW(learningRate: 0.05), dropout: 0, callbacks: callbacks)
    }

    @Test func validationsAndPredictionsUseTheAverage() throws {
        let learner = try learner()
        try learner.fit(3)
        let trained = bits(learner)
        let result = try learner.validate()
        let outputs = try learner.predictions()[0]
        #expect(bits(learner) == trained)
        // By hand: load the average into a model of its own.
        let weights = learner.withEvaluationWeights { learner.model.stateDictionary }
        #expect(bits(learner) == trained)
        let other = try Points.learner(dropout: 0)
        try other.model.load(weights)
        #expect(try other.validate().loss == result.loss)
        #expect(try other.predictions()[0].isBitwiseEqual(to: outputs))
        try other.model.load(learner.model.stateDictionary)
        #expect(try other.validate().loss != result.loss)
    }

    @Test func theAverageIsThatOfTheFormulaWhereAFitCyclesTheMomentum() throws {
        // The rate and the momentum of each step are the callback's; all else is worked out here.
        let learner = try Line.learner(optimizer: ScheduleFreeSGD())
        var values: [(rate: Double, beta: Double)] = []
        let listener = Listener { event, learner in
            guard event == .beforeStep else { return }
            values.append(try (learner.optimizer.value(of: .learningRate), learner.optimizer.value(of: .momentum)))
        }
        try learner.withCallbacks(listener) { try learner.fitOneCycle(4, lrMax: 0.5, moms: (0.95, 0.5, 0.95)) }
        var (x, y, z) = (Double(Line.start), Double(Line.start), Double(Line.start))
        var (largest, sum) = (0.0, 0.0)
        for (step, (rate, beta)) in values.enumerated() {
            let samples = Line.batches[step % 3]
            let slopes = samples.map { 2 * Double(Line.x[$0]) * (y * Double(Line.x[$0]) - Double(Line.y[$0])) }
            z -= rate * slopes.reduce(0, +) / Double(samples.count)
            largest = max(largest, rate)
            sum += largest * largest
            x += largest * largest / sum * (z - x)
            y = (1 - beta) * z + beta * x
        }
        #expect(values.count == 12 && Set(values.map(\.beta)).count > 6)
        #expect(isClose(Line.weight(of: learner), y))
        #expect(isClose(learner.withEvaluationWeights { Line.weight(of: learner) }, x))
    }

    @Test func bothWeightsHaveNames() throws {
        let learner = try learner()
        try learner.fit(3)
        let trained = bits(learner)
        #expect(learner.weightNames == ["trained", "averaged"] && learner.recorder.epochs.last?.weights == "averaged")
        let other = try Points.learner(dropout: 0)
        try other.model.load(learner.model.stateDictionary)
        let plain = try learner.validate(weights: "trained")
        #expect(try plain.weights == "trained" && plain.loss == other.validate().loss)
        let averaged = try learner.validate(weights: "averaged")
        #expect(try averaged == learner.validate() && averaged.weights == "averaged" && averaged.loss != plain.loss)
        #expect(throws: LearnerError.self) { try learner.useWeights("averaged") }
        try learner.withWeights("averaged") { try other.model.load(learner.model.stateDictionary) }
        #expect(try other.validate().loss == averaged.loss && bits(learner) == trained)
    }

    @Test func theWeightsToTrainWithAreBackAfterAnErrorInAValidation() throws {
        let learner = try learner()
        try learner.fit(1)
        let trained = bits(learner)
        let failing = Listener(joins: .validate) { event, _ in if event == .afterLoss { throw Oops() } }
        #expect(throws: CallbackError.self) { try learner.withCallbacks(failing) { try learner.validate() } }
        #expect(bits(learner) == trained)
    }

    @Test func aSnapshotTakenInAValidationHoldsTheWeightsToTrainWith() throws {
        var snapshot: TrainingSnapshot?
        let taking = Listener { event, learner in
            if event == .afterValidate, snapshot == nil { snapshot = try learner.snapshot() }
        }
        let learner = try learner([taking])
        try learner.fit(1)
        let trained = bits(learner)
        try learner.fit(1)
        try learner.restore(try #require(snapshot))
        #expect(bits(learner) == trained)
    }

    @Test func putBackWithinAValidationASnapshotStays() throws {
        let learner = try learner()
        try learner.fit(1)
        let (snapshot, trained) = (try learner.snapshot(), bits(learner))
        try learner.fit(1)
        try learner.withEvaluationWeights { try learner.restore(snapshot) }
        #expect(bits(learner) == trained)
    }
}
