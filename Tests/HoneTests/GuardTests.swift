import Foundation
import Hone
import Testing

@Suite struct StopWhenTests {
    /// Fits with a metric whose values are written down, and says after how many epochs it ended.
    private func epochs(_ values: [Double], _ condition: StopCondition) throws -> Int {
        let metric = Scripted(values, .higherIsBetter)
        let learner = try Line.learner(valid: 2, metrics: [metric], callbacks: [StopWhen(condition)])
        try learner.fit(values.count)
        return learner.progress.epoch
    }

    private let figure = StopCondition.Figure.metric("scripted")

    @Test func endsAfterTheEpochThatMeetsTheCondition() throws {
        #expect(try epochs([1, 2, 3, 4], .above(figure, 2)) == 3)
        #expect(try epochs([4, 3, 2, 1], .below(figure, 2)) == 4)
        #expect(try epochs([1, 2, 3, 4], .above(figure, 9)) == 4)
        #expect(try epochs([.nan, .nan, 3, 1], .above(figure, 2)) == 3)
    }

    @Test func conditionsAreJoined() throws {
        let low = StopCondition.above(figure, 1)
        let high = StopCondition.above(figure, 3)
        #expect(try epochs([1, 2, 3, 4, 5], low && high) == 4)
        #expect(try epochs([1, 2, 3, 4, 5], low || high) == 2)
        #expect(try epochs([1, 2, 3], .all([])) == 3)
        #expect(try epochs([1, 2, 3], .any([])) == 3)
        let words = (low && (high || low)).description
        #expect(words == "scripted is above 1.0 and (scripted is above 3.0 or scripted is above 1.0)")
    }

    @Test func aFigureIsSmoothedWithoutTheBiasOfItsStart() throws {
        // The mean of the values so far, each weighing half as much as the one after it.
        let values = [4.0, 1, 1, 1, 1]
        let means = values.indices.map { last in
            let weights = (0...last).map { pow(0.5, Double(last - $0)) }
            return zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
        }
        let first = try #require(means.firstIndex { $0 < 1.3 })
        #expect(first == 3)
        #expect(try epochs(values, .below(figure.smoothed(0.5), 1.3)) == first + 1)
        #expect(try epochs(values, .below(figure, 1.3)) == 2)
    }

    @Test func aSkippedValidationHasNoFigure() throws {
        let learner = try Line.learner(callbacks: [StopWhen(.below(.validLoss, 1e9))])
        learner.add(Listener { event, learner in if event == .afterTrain { learner.request(.endEpoch) } })
        let outcome = try learner.fit(2)
        #expect("\(outcome)" == "completed")
    }

    @Test func theReasonIsTheCondition() throws {
        let learner = try Line.learner(callbacks: [StopWhen(.below(.trainLoss.smoothed(0.5), 1e9))])
        let outcome = try learner.fit(3)
        #expect("\(outcome)" == "stopped by StopWhen: train loss (smoothed 0.5) is below 1000000000.0")
    }

    @Test func whatCannotBeLookedAtIsAnErrorAtTheStart() throws {
        for condition in [
            StopCondition.below(.validLoss, 1), .above(.metric("f1"), 1), .above(.trainLoss.smoothed(1), 1),
            .below(.trainLoss, 1) && .below(.trainLoss.smoothed(-0.5), 1),
        ] {
            let learner = try Line.learner(valid: 0, callbacks: [StopWhen(condition)])
            #expect(throws: CallbackError.self) { try learner.fit(1) }
            #expect(learner.progress.microBatch == 0)
        }
    }
}

@Suite struct TimeLimitTests {
    @Test func endsAfterTheStepThatPassesTheLimit() throws {
        let learner = try Line.learner(callbacks: [TimeLimit(minutes: 5.0 / 60)])
        learner.add(
            Listener { event, learner in
                if event == .beforeStep, learner.run.step == 1 { Thread.sleep(forTimeInterval: 5.1) }
            })
        let outcome = try learner.fit(1000)
        #expect(learner.progress.step == 2)
        let words = "\(outcome)"
        #expect(words.hasPrefix("stopped by TimeLimit: 5.") && words.hasSuffix("have passed, the limit is 0.08 min"))
    }

    @Test func aLimitOfNothingLetsOneStepThrough() throws {
        let learner = try Line.learner(callbacks: [TimeLimit(minutes: 0)])
        try learner.fit(3)
        #expect(learner.progress.step == 1)
    }

    @Test func withTimeLeftAFitIsCompleted() throws {
        let outcome = try Line.learner(callbacks: [TimeLimit(minutes: 60)]).fit(2)
        #expect("\(outcome)" == "completed")
    }

    @Test(arguments: [-1, Double.nan, .infinity]) func aLimitThatIsNoneIsRefused(_ minutes: Double) throws {
        let learner = try Line.learner(callbacks: [TimeLimit(minutes: minutes)])
        #expect(throws: CallbackError.self) { try learner.fit(1) }
    }
}

@Suite struct EarlyStoppingOptionTests {
    private func fit(_ values: [Double], _ stopping: EarlyStopping) throws -> Learner {
        let learner = try Line.learner(valid: 2, metrics: [Scripted(values)], callbacks: [stopping])
        try learner.fit(values.count)
        return learner
    }

    private let figure = Monitor.metric("scripted")

    @Test func aDeltaMayBeAShareOfTheBest() throws {
        // A tenth of 100 is 10, a tenth of 85 is 8.5.
        let stopping = EarlyStopping(monitor: figure, patience: .epochs(9), minDelta: 0.1, isRelative: true)
        _ = try fit([100, 91, 85, 77, 76], stopping)
        #expect(stopping.best == 76 && stopping.wait == 0)
        _ = try fit([-100, -105, -111], stopping)
        #expect(stopping.best == -111)
    }

    @Test func aBaselineHasToBeBeaten() throws {
        let stopping = EarlyStopping(monitor: figure, patience: .epochs(2), baseline: 3)
        #expect(try fit([5, 4, 2, 1], stopping).progress.epoch == 2)
        #expect(stopping.best == nil)
        #expect(try fit([5, 2, 2, 2, 2], stopping).progress.epoch == 4)
        #expect(stopping.best == 2)
        let bad = EarlyStopping(monitor: figure, baseline: .nan)
        #expect(throws: CallbackError.self) { try fit([1], bad) }
    }

    @Test func theModelOfTheBestEpochIsPutBack() throws {
        var weights: [Double] = []
        for restores in [false, true] {
            let stopping = EarlyStopping(monitor: figure, patience: .epochs(2), restoresBest: restores)
            let learner = try Line.learner(
                valid: 2, optimizer: SGD(learningRate: 0.125, momentum: 0.9), metrics: [Scripted([3, 1, 2, 2])],
                callbacks: [stopping])
            weights = []
            learner.add(
                Listener(phase: .persist) { event, learner in
                    if event == .afterEpoch { weights.append(Line.weight(of: learner)) }
                })
            try learner.fit(4)
            #expect(Line.weight(of: learner) == weights[restores ? 1 : 3])
            #expect(learner.progress.epoch == 4 && learner.optimizer.learningRate == 0.125)
        }
        #expect(weights[1] != weights[3])
    }

    @Test func aFitThatImprovesToTheEndIsLeftAlone() throws {
        let kept = try fit([3, 2, 1], EarlyStopping(monitor: figure, restoresBest: true))
        let plain = try fit([3, 2, 1], EarlyStopping(monitor: figure))
        #expect(Line.weight(of: kept) == Line.weight(of: plain))
    }
}

/// The weight before each batch, and the rate and the steps after it.
private final class WeightCourse: LearnerCallback {
    var before: [Double] = []
    var rates: [Double] = []
    var steps: [Int] = []
    override var phase: Phase { .persist }
    override func beforeBatch(_ learner: Learner) throws { before.append(Line.weight(of: learner)) }
    override func afterBatch(_ learner: Learner) throws {
        rates.append(learner.optimizer.learningRate)
        steps.append(learner.progress.step)
    }
}

@Suite struct SpikeGuardTests {
    /// The squared error, times a factor for some batches of the fit.
    private func learner(
        _ factors: [Int: Float], _ guardian: SpikeGuard, momentum: Double = 0, callbacks: [any Callback] = []
    ) throws -> (learner: Learner, course: WeightCourse) {
        let course = WeightCourse()
        var batch = 0
        let counter = Listener("Counter") { event, learner in
            if event == .beforeBatch { batch = learner.run.microBatch }
        }
        let loss = FunctionLoss { prediction, target in
            let whole = MeanSquaredError().evaluate(prediction, target)
            return factors[batch].map { LossValue(sum: whole.sum * $0, count: whole.count) } ?? whole
        }
        let learner = try Line.learner(
            valid: 0, optimizer: SGD(learningRate: 0.125, momentum: momentum), loss: loss,
            callbacks: [guardian, course, counter] + callbacks)
        return (learner, course)
    }

    @Test func aLossThatIsNoNumberTakesTheModelBackAndCutsTheRate() throws {
        let guardian = SpikeGuard(window: 5, every: .steps(1000), cut: 0.5)
        let (learner, course) = try learner([4: .nan], guardian)
        let outcome = try learner.fit(3)
        #expect("\(outcome)" == "completed")
        #expect(course.before[4] != Double(Line.start) && course.before[5] == course.before[1])
        #expect(course.rates[3] == 0.125 && course.rates[4...].allSatisfy { $0 == 0.0625 })
        #expect(guardian.spikes == 1 && learner.progress.step == 8 && learner.progress.microBatch == 9)
        #expect(learner.optimizer.learningRate == 0.125, "the cut ends with the fit")
        #expect(learner.smoothedLoss.isFinite)
    }

    @Test func aSpikeBeforeAnythingWasTakenDownGoesBackToTheBeginning() throws {
        let (learner, course) = try learner([1: .infinity], SpikeGuard())
        try learner.fit(1)
        #expect(course.before[1] != Double(Line.start) && course.before[2] == Double(Line.start))
    }

    @Test func aLossFarAboveTheOthersIsASpikeAndOneALittleAboveIsNot() throws {
        for (factor, spikes) in [(Float(1), 0), (1.2, 0), (1e4, 1)] {
            let guardian = SpikeGuard(threshold: 20, window: 6, every: .steps(1000))
            let (learner, _) = try learner([16: factor], guardian)
            try learner.fit(6, lr: 0.001)
            #expect(guardian.spikes == spikes, "\(factor)")
        }
    }

    @Test func aMomentIsGoodOnlyWhenLossesAfterItWereNoSpikes() throws {
        // Taken down after step 1, and good after the losses of batches 1 and 2; then taken down after step 3, and good
        // after those of 3 and 4; then after step 5, with batch 5 alone behind it when batch 6 is the spike.
        let (learner, course) = try learner([6: .infinity], SpikeGuard(window: 10, every: .steps(1)))
        try learner.fit(3)
        #expect(course.before[7] == course.before[3] && course.before[6] != course.before[7])
    }

    @Test func furtherBatchesAreLeftOut() throws {
        let (learner, course) = try learner([3: .nan], SpikeGuard(skipping: 2))
        try learner.fit(3)
        #expect(course.steps == [1, 2, 3, 3, 3, 3, 4, 5, 6])
    }

    @Test func afterTheRetriesTheFitEnds() throws {
        let guardian = SpikeGuard(retries: 1)
        let (learner, _) = try learner([2: .nan, 5: .nan, 6: .nan], guardian)
        let outcome = try learner.fit(9)
        #expect("\(outcome)" == "stopped by SpikeGuard: the loss shot up to nan once more, after 1 retries")
        #expect(learner.progress.microBatch == 6 && guardian.spikes == 2)
        #expect(Line.weight(of: learner).isFinite)
    }

    @Test func aWindowThatWasOpenIsNotStepped() throws {
        // Windows of three batches; the second batch of the second window is the spike.
        let (learner, course) = try learner([4: .nan], SpikeGuard(), callbacks: [GradAccumulation(batches: 3)])
        try learner.fit(3)
        #expect(course.steps == [0, 0, 1, 1, 1, 1, 1, 1, 2])
    }

    @Test func aWindowThatWasLeftWithItsEpochTakesNoOtherWithIt() throws {
        // The second batch of a window of three is the spike, and somebody ends the epoch's training there.
        let asker = Listener("Asker") { event, learner in
            if event == .afterBatch, learner.run.microBatch == 2 { learner.request(.endPhase) }
        }
        let (learner, course) = try learner([1: .nan], SpikeGuard(), callbacks: [GradAccumulation(batches: 3), asker])
        try learner.fit(3)
        #expect(course.steps == [0, 0, 0, 0, 1, 1, 1, 2])
    }

    @Test func aWindowThatTheLossScalingHasDroppedTakesNoOtherWithIt() throws {
        let spoiler = Listener("Spoiler", phase: .prepare) { event, learner in
            if event == .afterBackward, learner.run.microBatch == 2 { learner.arena.gradients[0] = .infinity }
        }
        let (learner, course) = try learner(
            [1: .nan], SpikeGuard(), callbacks: [GradAccumulation(batches: 3), LossScaler(fixed: 8), spoiler])
        try learner.fit(2)
        #expect(course.steps == [0, 0, 0, 0, 0, 1])
    }

    @Test func theOptimizersMemoryGoesBackToo() throws {
        let (learner, course) = try learner([3: .nan], SpikeGuard(every: .steps(1000), cut: 1), momentum: 0.9)
        try learner.fit(2)
        // The moment after the first step was not good yet only if no losses followed; window / 5 = 10 were needed. So
        // the next step, of batch 1, is as the first of all: its momentum is nothing.
        #expect(course.before[4] == Double(Line.start))
        #expect(isClose(course.before[5], Line.weight(after: [[1]])))
    }

    @Test func badArgumentsAreErrorsAtTheStart() throws {
        for bad in [
            SpikeGuard(threshold: 0), SpikeGuard(window: 4), SpikeGuard(every: .steps(-1)), SpikeGuard(cut: 0),
            SpikeGuard(cut: 1.5), SpikeGuard(skipping: -1), SpikeGuard(retries: -1), SpikeGuard(threshold: .nan),
        ] {
            let learner = try Line.learner(callbacks: [bad])
            let error = #expect(throws: CallbackError.self) { try learner.fit(1) }
            let text = error.map { "\($0.underlying)" } ?? ""
            #expect(text.hasPrefix("SpikeGuard ") && learner.progress.microBatch == 0)
        }
    }
}
