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
