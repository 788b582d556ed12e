import Hone
import Testing

/// Learners whose subclass overrides a part of the loop, and models of several inputs and outputs.
@Suite struct TrainingStepTests {
    /// Two numbers that pull at each other: f = a² + 2 a b − b², which a makes small and b large.
    private final class Game: Module {
        let a = Parameter([1], .constant(1))
        let b = Parameter([1], .constant(0.5))
        func forward(_ x: Tensor) -> Tensor { x }
        func value(a: Tensor, b: Tensor) -> Tensor { (a * a + 2 * a * b - b * b).sum() }
    }

    /// First b goes up, and then a down, each by an optimizer step of its own.
    private final class Players: Learner {
        override var updatesPerBatch: Int { 2 }
        override func trainingStep(_ batch: Batch) throws {
            guard let game = model as? Game else { return }
            try update(groups: [1]) { LossValue(sum: -game.value(a: game.a.tensor, b: game.b.tensor), count: 1) }
            try update(groups: [0]) { LossValue(sum: game.value(a: game.a.tensor, b: game.b.tensor), count: 1) }
        }
    }

    private func players(_ callbacks: [any Callback] = []) throws -> Players {
        let samples = try TensorDataset(Tensor([0, 0, 0], shape: [3, 1]))
        let learner = Players(
            try DataLoaders(
                train: DataLoader(samples, batchSize: 1), valid: DataLoader(Subset(samples, []), batchSize: 1)),
            model: Game(), loss: MeanSquaredError(), optimizer: SGD(learningRate: 0.125), callbacks: callbacks,
            groups: .startingAt(["b"]), handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        return learner
    }

    /// a and b after so many batches, by hand.
    private func expected(_ batches: Int, rate: (Int) -> Double = { _ in 0.125 }) -> (Double, Double) {
        var (a, b) = (1.0, 0.5)
        for batch in 0..<batches {
            b += rate(2 * batch) * (2 * a - 2 * b)
            a -= rate(2 * batch + 1) * (2 * a + 2 * b)
        }
        return (a, b)
    }

    private func expectValues(_ learner: Learner, _ values: (Double, Double)) {
        let found = learner.model.parameters.map { Double($0.parameter.value.scalars[0]) }
        #expect(isClose(found[0], values.0) && isClose(found[1], values.1), "\(found), expected \(values)")
    }

    @Test func partsAreTrainedInTurn() throws {
        let learner = try players()
        try learner.fit(2)
        expectValues(learner, expected(6))
        #expect(learner.progress.step == 12 && learner.progress.microBatch == 6 && learner.run.totalSteps == 12)
        #expect(learner.arena.entries.allSatisfy { $0.parameter.isTrainable })
        // b's loss at the first step is −f(1, ½) = −1.75.
        #expect(learner.recorder.steps.count == 12 && isClose(learner.recorder.steps[0].loss, -1.75))
    }

    @Test func schedulesFollowTheStepsOfAllParts() throws {
        let learner = try players()
        let falling = ParameterScheduler([.learningRate: .linear(from: 0.25, to: 0)])
        try learner.fit(2, callbacks: [falling])
        // A schedule is looked up before each batch.
        expectValues(learner, expected(6) { step in 0.25 * (1 - Double(step / 2 * 2) / 12) })
    }

    @Test func plannedBatchSizesCountTheStepsOfAllParts() throws {
        let learner = try players([BatchSizeScheduler([.epochs(1): 3], scaling: .none)])
        let falling = ParameterScheduler([.learningRate: .linear(from: 0.25, to: 0)])
        try learner.fit(2, callbacks: [falling])
        // Three batches and one, of two steps each.
        #expect(learner.run.step == 8 && learner.run.totalSteps == 8 && learner.run.fraction == 1)
        #expect(learner.recorder.steps.map(\.learningRate) == [8, 8, 6, 6, 4, 4, 2, 2].map { $0 / 32 })
    }

    @Test func eventsOfEachUpdateComeInOrder() throws {
        let learner = try players()
        let heard = try moments(learner) { try learner.fit(1) }
        let update = [
            "afterLoss", "beforeBackward", "afterBackward", "gradientsReady", "beforeStep", "afterStep",
        ]
        let first = heard.filter { $0.hasSuffix("train 0") }.map { $0.split(separator: " ")[0] }
        #expect(first.map(String.init) == ["beforeBatch"] + update + update + ["afterBatch"])
    }

    @Test func requestsActOnUpdates() throws {
        let skip = Listener { event, learner in
            if event == .afterLoss, learner.run.batch == 0, learner.run.step == 0 { learner.request(.skipBatch) }
        }
        let learner = try players([skip])
        try learner.fit(1)
        // The rest of the first batch is skipped, so two remain.
        #expect(learner.progress.step == 4)
        expectValues(learner, expected(2))
        let other = try players([Listener { event, learner in if event == .beforeStep { learner.request(.skipStep) } }])
        try other.fit(1)
        #expect(other.progress.step == 0)
        expectValues(other, (1, 0.5))
    }

    @Test func updatesWhereTheyCannotBeAreErrors() throws {
        let learner = try players()
        #expect(throws: LearnerError.self) { try learner.update { LossValue(sum: Tensor(0), count: 1) } }
        let accumulating = try players([GradAccumulation(batches: 2)])
        #expect(throws: LearnerError.self) { try accumulating.fit(1) }
        final class Wrong: Learner {
            override func trainingStep(_ batch: Batch) throws {
                try update(groups: [4]) { LossValue(sum: Tensor(0), count: 1) }
            }
        }
        let wrong = Wrong(
            try Points.learner().data, model: Linear(6, 3), loss: CrossEntropy(), callbacks: [], handlesInterrupt: false
        )
        let error = try #require(throws: LearnerError.self) { try wrong.quietly { try wrong.fit(1) } }
        #expect("\(error)" == "update group is 4, expected one of 0..<1")
    }

    @Test func gradientsOfUpdatesCannotBeComputedAgain() throws {
        let again = Listener { event, learner in
            if event == .beforeFit { learner.stages.keepBatches() }
            if event == .gradientsReady { try learner.recomputeGradients() }
        }
        let error = #expect(throws: CallbackError.self) { try self.players([again]).fit(1) }
        #expect(error.map { "\($0.underlying)" }?.contains("update(groups:_:)") ?? false)
    }

    @Test func aSubclassMayLeaveBatchesToTheUsualStep() throws {
        final class EveryOther: Learner {
            var taken: [Int] = []
            override func trainingStep(_ batch: Batch) throws {
                if run.batch % 2 == 0 {
                    taken.append(run.batch)
                    try super.trainingStep(batch)
                }
            }
        }
        let data = try Line.learner().data
        let layer = Linear(1, 1, bias: false)
        layer.weight.value = Tensor([Line.start], shape: [1, 1])
        let learner = EveryOther(
            data, model: Sequential(layer), loss: MeanSquaredError(), optimizer: SGD(learningRate: Line.rate),
            handlesInterrupt: false)
        try learner.quietly { try learner.fit(1) }
        #expect(learner.taken == [0, 2] && learner.progress.step == 2)
        #expect(isClose(Line.weight(of: learner), Line.weight(after: [[0], [2]])))
    }

    // MARK: Several inputs and outputs

    /// Sum and difference of two layers, one for each input.
    private final class Two: MultiInputModule {
        let left = Linear(2, 1, bias: false)
        let right = Linear(1, 1, bias: false)
        func forward(_ inputs: [Tensor]) -> [Tensor] {
            let (a, b) = (left(inputs[0]), right(inputs[1]))
            return [a + b, a - b]
        }
    }

    private struct Pairs: Dataset {
        let x = Tensor([1, 0, 0, 1, 1, 1, -1, 1], shape: [4, 2])
        let z = Tensor([1, -1, 0.5, 2], shape: [4, 1])
        var count: Int { 4 }
        func batch(_ indices: [Int]) throws -> Batch {
            let rows = indices.map { Int32($0) }
            let (a, b) = (x.rows(rows).sum(axes: [1], keepDimensions: true), z.rows(rows) * 2)
            return Batch(inputs: [x.rows(rows), z.rows(rows)], targets: [a + b, a - b], indices: indices)
        }
    }

    private final class BothLosses: Learner {
        override func computeLoss(_ predictions: [Tensor], _ batch: Batch) throws -> LossValue {
            let losses = zip(predictions, batch.targets).map { lossFunction.evaluate($0, $1) }
            return LossValue(sum: losses[0].sum + losses[1].sum, count: losses[0].count)
        }
    }

    @Test func modelsOfSeveralInputsAndOutputsAreTrainedAndAsked() throws {
        let loader = try DataLoader(Pairs(), batchSize: 2)
        let model = Two()
        let learner = BothLosses(
            try DataLoaders(train: loader, valid: loader), model: model, loss: MeanSquaredError(),
            optimizer: SGD(learningRate: 0.1), handlesInterrupt: false)
        try learner.quietly { try learner.fit(200) }
        // y₁ = x₁ + x₂ + 2 z and y₂ = x₁ + x₂ − 2 z: the solution is exact.
        #expect(model.left.weight.value.scalars.allSatisfy { isClose(Double($0), 1, 1e-3) })
        #expect(isClose(Double(model.right.weight.value.scalars[0]), 2, 1e-3))
        #expect(try learner.validate().loss < 1e-5)
        let outputs = try learner.predictions()
        #expect(outputs.count == 2 && outputs.allSatisfy { $0.shape == [4, 1] })
        let one = try learner.predict(Tensor([1, 1]), Tensor([0.5]))
        #expect(one.outputs.count == 2)
        #expect(
            isClose(Double(one.outputs[0].scalars[0]), 3, 1e-3) && isClose(Double(one.outputs[1].scalars[0]), 1, 1e-3))
    }
}
