import Hone
import Testing

/// What a validation's model answered, gathered while it went by.
@Suite struct PredictionsGathererTests {
    /// A learner whose validation is in an order of its own.
    private func learner(_ callbacks: any Callback...) throws -> Learner {
        let learner = Learner(
            try DataLoaders(
                train: DataLoader(Points.dataset(), batchSize: 8),
                valid: DataLoader(Points.dataset(20, seed: 10), batchSize: 6, shuffles: true)
            ).validating("other", on: DataLoader(Points.dataset(10, seed: 11), batchSize: 4)),
            model: Sequential(Linear(6, 3)), loss: CrossEntropy(), metrics: [Accuracy()], callbacks: callbacks,
            handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        return learner
    }

    private func expectSame(_ a: Predictions?, _ b: Predictions, losses: Bool = true) throws {
        let a = try #require(a)
        #expect(a.indices == b.indices && a.outputs.count == 1 && a.targets.count == 1)
        #expect(a.outputs[0].allClose(to: b.outputs[0]) && a.probabilities.allClose(to: b.probabilities))
        #expect(a.targets[0].integers == b.targets[0].integers && a.decoded.integers == b.decoded.integers)
        #expect((a.losses != nil) == losses)
        if let one = a.losses, let other = b.losses { #expect(one.allClose(to: other)) }
    }

    @Test func aFitsLastValidationIsThereInOrder() throws {
        let gatherer = PredictionsGatherer(withLosses: true)
        let learner = try learner(gatherer)
        try learner.fit(2)
        try expectSame(gatherer.predictions, try learner.predictions(withLosses: true))
        let other = try #require(learner.data.named.first).loader
        try expectSame(gatherer.predictions(of: "other"), try learner.predictions(on: other, withLosses: true))
        #expect(gatherer.predictions(of: "none") == nil)
        let losses = try #require(gatherer.predictions?.losses).scalars
        let loss = try #require(learner.recorder.epochs.last?.validLoss)
        #expect(isClose(losses.map(Double.init).reduce(0, +) / 20, loss))
    }

    @Test func soIsThatOfAValidationOnItsOwn() throws {
        let gatherer = PredictionsGatherer()
        let learner = try learner(gatherer)
        _ = try learner.validate()
        try expectSame(gatherer.predictions, try learner.predictions(withLosses: true), losses: false)
        #expect(gatherer.predictions(of: "other") != nil)
        _ = try learner.validate(on: learner.data.train)
        try expectSame(
            gatherer.predictions, try learner.predictions(on: learner.data.train, withLosses: true), losses: false)
        #expect(gatherer.predictions(of: "other") == nil)
    }

    @Test func aValidationWithinAnEpochIsGatheredAndTrainingGoesOnAsItWould() throws {
        let (gathering, plain) = (try learner(PredictionsGatherer(withLosses: true)), try learner())
        var counts: [Int?] = []
        try gathering.fit(
            1, validateEvery: .steps(2),
            callbacks: [
                .on(.afterValidate) { counts.append($0.callback(PredictionsGatherer.self)?.predictions?.indices.count) }
            ])
        try plain.fit(1)
        #expect(bits(gathering) == bits(plain) && counts == Array(repeating: 20, count: 6))
    }

    @Test func skippedBatchesAreLeftOut() throws {
        let gatherer = PredictionsGatherer()
        let learner = try learner(gatherer)
        learner.on(.afterForward, joins: .validate) { if $0.run.batch == 1 { $0.request(.skipBatch) } }
        _ = try learner.validate(on: learner.data.train)
        #expect(gatherer.predictions?.indices == Array(0..<8) + Array(16..<48))
        #expect(gatherer.predictions?.outputs[0].shape == [40, 3])
    }

    @Test func answersAreByTheLearnersOwnLoss() throws {
        let gatherer = PredictionsGatherer(withLosses: true)
        let replacing = Hook(.beforeFit) { learner in
            let own = learner.lossFunction
            learner.replace(\.lossFunction, with: FunctionLoss { own.evaluate($0, $1) })
        }
        let learner = try learner(replacing, gatherer)
        try learner.fit(1)
        try expectSame(gatherer.predictions, try learner.predictions(withLosses: true))
    }

    @Test func aFitWithoutValidationForgetsTheLast() throws {
        let gatherer = PredictionsGatherer()
        try learner(gatherer).fit(1)
        #expect(gatherer.predictions != nil)
        let learner = try Line.learner(valid: 0, callbacks: [gatherer])
        try learner.fit(1)
        #expect(gatherer.predictions == nil)
    }

    @Test func lossesThatAreNotKnownAreAnErrorAtTheStart() throws {
        let loss = FunctionLoss { prediction, target in MeanSquaredError().evaluate(prediction, target) }
        let learner = try Line.learner(loss: loss, callbacks: [PredictionsGatherer(withLosses: true)])
        let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
        #expect("\(error.underlying)".contains("a loss that knows those of single samples"))
        #expect(throws: CallbackError.self) { try learner.validate() }
        try Line.learner(loss: loss, callbacks: [PredictionsGatherer()]).fit(1)
    }
}
