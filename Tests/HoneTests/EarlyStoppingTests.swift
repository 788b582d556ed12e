import Foundation
import Hone
import Testing

/// A metric whose values are written down beforehand, one a validation.
struct Scripted: Metric {
    struct State: MetricState {
        var value: Double
        static func + (a: State, b: State) -> State { b }
    }

    private final class Script: @unchecked Sendable {  // Used by one learner on one thread.
        var rest: ArraySlice<Double>
        init(_ values: [Double]) { rest = values[...] }
    }

    let direction: Direction
    private let script: Script
    var name: String { "scripted" }

    init(_ values: [Double], _ direction: Direction = .lowerIsBetter) {
        self.direction = direction
        script = Script(values)
    }

    func measure(_ prediction: Tensor, _ target: Tensor) throws -> State {
        State(value: script.rest.popFirst() ?? script.rest.last ?? 0)
    }
}

@Suite struct EarlyStoppingTests {
    /// Fits with a scripted metric, for one epoch more than there are values at most.
    private func fit(
        _ values: [Double], _ direction: Direction = .lowerIsBetter, epochs: Int? = nil, patience: Interval,
        minDelta: Double = 0
    ) throws -> (epochs: Int, stopping: EarlyStopping, outcome: FitOutcome) {
        let stopping = EarlyStopping(monitor: .metric("scripted"), patience: patience, minDelta: minDelta)
        let learner = try Line.learner(valid: 2, metrics: [Scripted(values, direction)], callbacks: [stopping])
        let outcome = try learner.fit(epochs ?? values.count)
        return (learner.progress.epoch, stopping, outcome)
    }

    @Test func stopsWhenTheFigureHasNotBecomeBetter() throws {
        let result = try fit([5, 4, 4.5, 3, 3.5, 3, 2, 1], patience: .epochs(2))
        #expect(result.epochs == 6 && result.stopping.best == 3 && result.stopping.wait == 2)
        #expect("\(result.outcome)" == "stopped by EarlyStopping: scripted has not improved on 3.000000 for 2 epochs")
    }

    @Test func aFitThatImprovesIsCompleted() throws {
        let result = try fit([5, 4, 3, 2], patience: .epochs(1))
        #expect(result.epochs == 4 && result.stopping.wait == 0)
        #expect("\(result.outcome)" == "completed")
    }

    @Test func theMetricSaysWhichWayIsBetter() throws {
        #expect(try fit([1, 2, 3, 2, 1, 0], .higherIsBetter, patience: .epochs(2)).epochs == 5)
        #expect(try fit([1, 2, 3, 2, 1, 0], .lowerIsBetter, patience: .epochs(2)).epochs == 3)
    }

    @Test func onlyMoreThanMinDeltaCounts() throws {
        // Half a unit is not more than half a unit.
        let lower = try fit([4, 3.5, 3.25, 2.75, 2.5, 2.25, 2], patience: .epochs(3), minDelta: 0.5)
        #expect(lower.epochs == 7 && lower.stopping.best == 2.5 && lower.stopping.wait == 2)
        let equal = try fit([1, 1.5, 2, 2.25], .higherIsBetter, patience: .epochs(1), minDelta: 0.5)
        #expect(equal.epochs == 2 && equal.stopping.best == 1)
        let better = try fit([1, 1.75, 2.5, 2.75], .higherIsBetter, patience: .epochs(1), minDelta: 0.5)
        #expect(better.epochs == 4 && better.stopping.best == 2.5)
    }

    @Test func whatIsNoNumberIsNeverTheBest() throws {
        let never = try fit([.nan, .nan, .nan, .nan, .nan], patience: .epochs(3))
        #expect(never.epochs == 3 && never.stopping.best == nil)
        #expect("\(never.outcome)".contains("has not improved on nothing for 3 epochs"))
        for direction in [Direction.higherIsBetter, .lowerIsBetter] {
            let between = try fit([2, .nan, 2, .nan, 2], direction, patience: .epochs(3))
            #expect(between.epochs == 4 && between.stopping.best == 2)
        }
        let later = try fit([.nan, .nan, 7, 8, 9], patience: .epochs(3))
        #expect(later.epochs == 5 && later.stopping.best == 7 && later.stopping.wait == 2)
    }

    // Three steps and five samples an epoch; nothing is better than the first of ten epochs.
    @Test(arguments: [
        (Interval.epochs(1), 2), (.epochs(3), 4), (.epochs(0.5), 2), (.epochs(2.5), 4),
        (.steps(1), 2), (.steps(3), 2), (.steps(4), 3), (.steps(9), 4),
        (.samples(5), 2), (.samples(6), 3), (.samples(20), 5),
        (.fraction(0.1), 2), (.fraction(0.2), 3), (.fraction(0.25), 4), (.fraction(1), 10),
        (.minutes(0), 2), (.minutes(1000), 10),
    ])
    func patienceIsInEveryUnit(_ patience: Interval, _ expected: Int) throws {
        let result = try fit([1] + Array(repeating: 2, count: 9), epochs: 10, patience: patience)
        #expect(result.epochs == expected)
    }

    @Test func withoutAnyFigurePatienceCountsFromTheStart() throws {
        let values = Array(repeating: Double.nan, count: 10)
        for (patience, expected) in [(Interval.steps(6), 2), (.samples(15), 3), (.fraction(0.4), 4), (.epochs(5), 5)] {
            #expect(try fit(values, patience: patience).epochs == expected, "\(patience)")
        }
    }

    @Test func anEpochWithoutValidationIsOneWithoutImprovement() throws {
        let stopping = EarlyStopping(patience: .epochs(2))
        let learner = try Line.learner(callbacks: [stopping])
        learner.add(Listener { event, learner in if event == .afterTrain { learner.request(.endEpoch) } })
        try learner.fit(9)
        #expect(learner.progress.epoch == 2 && stopping.best == nil)
    }

    @Test func theLossesCanBeWatched() throws {
        let (train, valid) = (EarlyStopping(monitor: .trainLoss), EarlyStopping(monitor: .validLoss))
        let learner = try Line.learner(callbacks: [train, valid])
        try learner.fit(1)
        #expect(train.best == learner.epochLoss && valid.best == learner.validation?.loss)
        #expect(train.best != valid.best)
        let alone = try Line.learner(valid: 0, callbacks: [EarlyStopping(monitor: .trainLoss)])
        #expect("\(try alone.fit(2))" == "completed")
    }

    // MARK: Figures of a part

    /// Ends the phase under way, a validation or an epoch's training, after its first batch, in some epochs.
    private func ender(validating: Bool, epochs: ClosedRange<Int>) -> Listener {
        Listener("Ender") { event, learner in
            guard event == .afterBatch, learner.isTraining != validating, epochs.contains(learner.run.epoch),
                learner.run.batch == 0
            else { return }
            learner.request(.endPhase)
        }
    }

    @Test func aFigureOfPartOfAValidationIsNone() throws {
        let stopping = EarlyStopping(patience: .epochs(9))
        let plateau = ReduceLROnPlateau()
        let stop = StopWhen(.below(.validLoss, 1e9))
        let learner = try Line.learner(callbacks: [stopping, plateau, stop])
        let outcome = try learner.fit(2, callbacks: [ender(validating: true, epochs: 0...1)])
        #expect("\(outcome)" == "completed" && learner.progress.epoch == 2)
        #expect(stopping.best == nil && stopping.wait == 2 && plateau.rule?.best == nil)
        // The row has it all the same, marked.
        #expect(learner.recorder.epochs.allSatisfy { $0.validLoss != nil && !$0.isComplete })
        // The training was whole.
        let training = EarlyStopping(monitor: .trainLoss)
        try learner.fit(1, callbacks: [training, ender(validating: true, epochs: 0...0)])
        #expect(training.best == learner.epochLoss)
    }

    @Test func aLossOfPartOfATrainingIsNone() throws {
        let (training, validation) = (EarlyStopping(monitor: .trainLoss), EarlyStopping())
        let learner = try Line.learner(callbacks: [training, validation])
        try learner.fit(2, callbacks: [ender(validating: false, epochs: 1...1)])
        #expect(training.best == learner.recorder.epochs[0].trainLoss && training.wait == 1)
        #expect(validation.best == learner.recorder.epochs.compactMap(\.validLoss).min())
    }

    @Test func anEpochWithoutTrainingHasNoLoss() throws {
        let stopping = EarlyStopping(monitor: .trainLoss, minDelta: 1e9)
        let learner = try Line.learner(callbacks: [stopping])
        let skipper = Listener { event, learner in
            if event == .beforeEpoch, learner.run.epoch == 1 { learner.request(.endEpoch) }
        }
        try learner.fit(3, callbacks: [skipper])
        let losses = learner.recorder.epochs.map(\.trainLoss)
        #expect(losses[0].isFinite && losses[1].isNaN && losses[2].isFinite && stopping.wait == 2)
    }

    // MARK: Validations within epochs

    /// One epoch of five steps, validated after each but the last, and at its end.
    private func fitWithin(
        _ values: [Double], epochs: Int = 1, _ callbacks: [any Callback]
    ) throws -> (learner: Learner, outcome: FitOutcome) {
        let learner = try Line.learner(valid: 2, batchSize: 1, metrics: [Scripted(values)], callbacks: callbacks)
        return (learner, try learner.fit(epochs, validateEvery: .steps(1)))
    }

    @Test(arguments: [
        (Interval.steps(2), 3), (.samples(3), 4), (.epochs(0.4), 3), (.epochs(0.5), 4), (.fraction(0.2), 2),
        (.epochs(1), 5), (.minutes(0), 2),
    ])
    func patienceEndsAFitAmidItsEpoch(_ patience: Interval, _ steps: Int) throws {
        let stopping = EarlyStopping(monitor: .metric("scripted"), patience: patience)
        let (learner, outcome) = try fitWithin([1] + Array(repeating: 2, count: 9), [stopping])
        #expect(learner.progress.step == steps && stopping.best == 1)
        #expect(stopping.wait == steps - 1)
        if steps < 5 {
            #expect(
                "\(outcome)"
                    == "stopped by EarlyStopping: scripted has not improved on 1.000000 for \(steps - 1) validations")
        }
    }

    @Test func theBestModelMayBeThatOfAValidationWithinAnEpoch() throws {
        let stopping = EarlyStopping(monitor: .metric("scripted"), patience: .steps(2), restoresBest: true)
        var weights: [Double] = []
        let ear = Listener { event, learner in if event == .afterStep { weights.append(Line.weight(of: learner)) } }
        let (learner, _) = try fitWithin([3, 1, 2, 2, 2], [stopping, ear])
        #expect(weights.count == 4 && Line.weight(of: learner) == weights[1])
    }

    @Test func theTrainingLossIsThatOfWholeEpochs() throws {
        let stopping = EarlyStopping(monitor: .trainLoss, patience: .epochs(1), minDelta: 1e9)
        #expect(try fitWithin([], epochs: 3, [stopping]).learner.progress.step == 10)
    }

    @Test func aPlateauAndAConditionLookWithinEpochsToo() throws {
        let plateau = ReduceLROnPlateau(monitor: .metric("scripted"), factor: 0.5, patience: 0)
        var rates: [Double] = []
        let ear = Listener { event, learner in
            if event == .beforeStep { rates.append(learner.optimizer.learningRate) }
        }
        _ = try fitWithin([1, 2, 1, 0, 0], [plateau, ear])
        #expect(rates == [1, 1, 0.5, 0.25, 0.25].map { $0 * Line.rate })
        let stop = StopWhen(.above(.metric("scripted").smoothed(0.5), 1.5))
        // 1; (½·1 + 2)/1.5 = 5/3.
        #expect(try fitWithin([1, 2, 9], [stop]).learner.progress.step == 2)
    }

    @Test func aFigureOfANamedSetIsWaitedFor() throws {
        let stopping = EarlyStopping(monitor: .metric("odd loss"), patience: .steps(2), minDelta: 1e9)
        let held = try TensorDataset(Tensor([1, 2], shape: [2, 1]), Tensor([1, 2], shape: [2, 1]))
        let plain = try Line.learner(batchSize: 1)
        let learner = Learner(
            try plain.data.validating("odd", on: DataLoader(held, batchSize: 2)), model: plain.model,
            loss: MeanSquaredError(), optimizer: SGD(learningRate: 0.1), callbacks: [stopping], handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        try learner.fit(1, validateEvery: .steps(1))
        #expect(learner.progress.step == 3 && stopping.wait == 2)
    }

    @Test func aFigureThatWillNotBeThereIsAnErrorAtTheStart() throws {
        func words(_ monitor: Monitor, valid: Int = 3, metrics: [any Metric] = []) throws -> String {
            let learner = try Line.learner(
                valid: valid, metrics: metrics, callbacks: [EarlyStopping(monitor: monitor)])
            let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
            #expect(error.event == .beforeFit && learner.progress.microBatch == 0)
            return "\(error.underlying)"
        }
        let none = "expected validation data, of which there is none"
        #expect(try words(.validLoss, valid: 0) == "monitor is valid loss, \(none)")
        #expect(try words(.metric("scripted"), valid: 0, metrics: [Scripted([])]) == "monitor is scripted, \(none)")
        #expect(try words(.metric("f1")) == "monitor is f1, expected a metric, of which there is none")
        #expect(
            try words(.metric("f1"), metrics: [Scripted([]), Accuracy()])
                == "monitor is f1, expected one of scripted, accuracy")
    }

    @Test func badArgumentsAreErrorsAtTheStart() throws {
        let bad = [
            EarlyStopping(patience: .epochs(-1)), EarlyStopping(patience: .steps(-1)),
            EarlyStopping(patience: .epochs(.nan)), EarlyStopping(patience: .fraction(.infinity)),
            EarlyStopping(minDelta: -0.1), EarlyStopping(minDelta: .nan),
        ]
        for callback in bad {
            let learner = try Line.learner(callbacks: [callback])
            let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
            #expect("\(error.underlying)".hasPrefix("EarlyStopping "))
            #expect(learner.progress.microBatch == 0)
        }
    }
}

@Suite struct TerminateOnNaNTests {
    /// The squared error, but `value` times that for one batch.
    private func learner(spoiling batch: Int, by value: Float) throws -> Learner {
        var calls = 0
        let loss = FunctionLoss { prediction, target in
            defer { calls += 1 }
            let whole = MeanSquaredError().evaluate(prediction, target)
            return calls == batch ? LossValue(sum: whole.sum * value, count: whole.count) : whole
        }
        return try Line.learner(loss: loss, callbacks: [TerminateOnNaN()])
    }

    @Test(arguments: [(Float.nan, "nan"), (.infinity, "inf")])
    func stopsBeforeTheStepThatWouldSpoilTheParameters(_ value: Float, _ word: String) throws {
        let learner = try learner(spoiling: 2, by: value)
        var outcome = FitOutcome.completed
        let heard = try moments(learner) { outcome = try learner.fit(3) }
        #expect("\(outcome)" == "stopped by TerminateOnNaN: the loss is \(word) in epoch 0, batch 2")
        #expect(
            heard.suffix(6) == [
                "afterLoss train 2", "afterBatch train 2", "afterTrain 0", "afterEpoch 0", "afterFit", "teardown",
            ])
        #expect(learner.progress.step == 2)
        #expect(isClose(Line.weight(of: learner), Line.weight(after: [[0], [1]])))
        #expect(learner.smoothedLoss.isFinite && learner.epochLoss.isFinite)
    }

    @Test func aValidationLossMayBeAnything() throws {
        // Three training batches, then the first of the validation.
        let learner = try learner(spoiling: 3, by: .nan)
        #expect("\(try learner.fit(2))" == "completed")
        #expect(learner.progress.epoch == 2)
    }

    @Test func withoutItTheLossIsLeftToItself() throws {
        let learner = try learner(spoiling: 1, by: .nan)
        learner.removeCallbacks(of: TerminateOnNaN.self)
        #expect("\(try learner.fit(1))" == "completed")
        #expect(Line.weight(of: learner).isNaN)
    }
}
