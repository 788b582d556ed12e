import Hone
import Testing

/// All of a learner that a trial could leave a trace in.
private struct Trace: Equatable {
    let values: [UInt32]
    let gradients: [[Float]]
    let optimizer: Optimizer.State
    let rates: [Double]
    let progress: TrainingProgress
    let run: [Int]
    let history: Recorder.History
    let losses: [UInt64]
    let validation: [ValidationResult?]
    let flags: [Bool]
    let modes: [Bool]
    let trainable: [Bool]
    let buffer: [Float]
    let timings: [Timings.Entry]
    let callbacks: [ObjectIdentifier]
    let states: [Int]

    init(_ learner: Learner, _ parts: Parts) {
        values = bits(learner)
        gradients = learner.model.parameters.map(\.parameter.gradient.scalars)
        optimizer = learner.optimizer.state
        rates = learner.optimizer.groups.map { $0.values[.learningRate] ?? .nan }
        progress = learner.progress
        run = [
            learner.run.step, learner.run.totalSteps, learner.run.epoch, learner.run.totalEpochs, learner.run.batch,
            learner.run.batchCount, learner.run.microBatch, learner.run.samples,
        ]
        history = learner.recorder.history
        losses = [learner.smoothedLoss, learner.epochLoss, learner.batchLoss].map(\.bitPattern)
        validation = [learner.validation, learner.epochValidation]
        flags = [learner.isRunning, learner.isTraining, learner.didStep, learner.epochIsComplete]
        modes = [parts.dropout.isTraining, parts.counter.isTraining]
        trainable = learner.model.parameters.map(\.parameter.isTrainable)
        buffer = parts.counter.seen.value.scalars
        timings = learner.timings.callbacks
        callbacks = learner.callbacks.map { ObjectIdentifier($0) }
        states = [parts.stopping.wait, parts.tally.batches]
    }
}

/// Counts its forward passes in training in a buffer, and can be told to fail.
private final class Counter: TrainingModeDependent {
    var isTraining = true
    let seen = Buffer(Tensor([Float(0)]))
    var failsAfter = Int.max
    var calls = 0

    func forward(_ x: Tensor) -> Tensor {
        if isTraining { seen.value = seen.value + 1 }
        calls += 1
        return calls > failsAfter ? failed("Counter", "enough") : x
    }
}

/// Joins fits and trials.
private final class Tally: LearnerCallback {
    @RunState var batches = 0
    var throwsAtStep = Int.max
    override var joins: RunKinds { [.fit, .probe] }
    override func afterBatch(_ learner: Learner) throws { batches += 1 }
    override func afterStep(_ learner: Learner) throws { if learner.run.step == throwsAtStep { throw Oops() } }
}

private struct Parts {
    let dropout = Dropout(0.25)
    let counter = Counter()
    let stopping = EarlyStopping(patience: .epochs(9))
    let tally = Tally()

    func learner() throws -> Learner {
        let first = Linear(6, 8)
        first.bias?.isTrainable = false
        return try Points.learner(
            callbacks: [stopping, tally], model: Sequential(first, counter, ReLU(), dropout, Linear(8, 3)),
            groups: .startingAt(["4"]))
    }
}

@Suite struct LRFinderTests {
    @Test func leavesNoTrace() throws {
        for epochs in [0, 2] {
            let parts = Parts()
            let learner = try parts.learner()
            try learner.fit(epochs, lr: [0.001, 0.01])
            parts.dropout.isTraining = false
            let before = Trace(learner, parts)
            let sweep = try learner.lrFind(steps: 20)
            #expect(sweep.losses.count == 20)
            #expect(Trace(learner, parts) == before)
        }
    }

    @Test func leavesNoTraceWhenTheModelFails() throws {
        let parts = Parts()
        let learner = try parts.learner()
        try learner.fit(1)
        let before = Trace(learner, parts)
        parts.counter.failsAfter = parts.counter.calls + 5
        #expect(throws: TensorError.self) { try learner.lrFind(steps: 20) }
        #expect(Trace(learner, parts) == before)
    }

    @Test func leavesNoTraceWhenACallbackThatJoinsThrows() throws {
        let parts = Parts()
        let learner = try parts.learner()
        try learner.fit(1)
        parts.tally.throwsAtStep = 7
        let before = Trace(learner, parts)
        let error = try #require(throws: CallbackError.self) { try learner.lrFind(steps: 20) }
        #expect(error.callback == "Tally" && error.event == .afterStep)
        #expect(Trace(learner, parts) == before)
    }

    @Test func aFitAfterwardsIsTheFitWithoutIt() throws {
        let (with, without) = (Parts(), Parts())
        let (found, plain) = (try with.learner(), try without.learner())
        for learner in [found, plain] { try learner.fit(1) }
        _ = try found.lrFind(steps: 30)
        for learner in [found, plain] { try learner.fitOneCycle(2, lrMax: 0.02) }
        #expect(bits(found) == bits(plain))
        #expect(with.counter.seen.value.scalars == without.counter.seen.value.scalars)
        #expect(found.recorder.steps == plain.recorder.steps)
    }

    @Test func twoSweepsAreEqual() throws {
        let learner = try Parts().learner()
        let sweep = try learner.lrFind(steps: 12)
        #expect(try learner.lrFind(steps: 12) == sweep)
    }

    @Test func inARunItIsRefusedAndTheRunGoesOn() throws {
        let (nesting, plain) = (try Points.learner(), try Points.learner())
        var errors: [any Error] = []
        nesting.add(
            Listener { event, learner in
                guard event == .afterBatch || event == .beforeBackward else { return }
                do { _ = try learner.lrFind() } catch { errors.append(error) }
            })
        for learner in [nesting, plain] { try learner.fit(2) }
        #expect(errors.count > 10 && errors.allSatisfy { $0 as? LearnerError == .alreadyRunning("fit") })
        #expect(bits(nesting) == bits(plain))
        #expect(nesting.recorder.steps == plain.recorder.steps)
    }

    @Test func theRatesRiseByEqualRatiosAndTheLossesAreTheSteps() throws {
        let learner = try Line.learner()
        let sweep = try learner.lrFind(start: 0.001, end: 0.256, steps: 8, stopsWhenDiverging: false)
        // 0.001 doubles with every step and would reach 0.256 at the eighth.
        #expect(sweep.rates.count == 8)
        #expect(zip(sweep.rates, 0..<8).allSatisfy { isClose($0, 0.001 * Double(1 << $1), 1e-12) })
        var weight = Double(Line.start)
        for (step, loss) in sweep.losses.enumerated() {
            let samples = Line.batches[step % 3]
            let errors = samples.map { weight * Double(Line.x[$0]) - Double(Line.y[$0]) }
            #expect(isClose(loss, errors.map { $0 * $0 }.reduce(0, +) / Double(samples.count)))
            let slopes = zip(errors, samples).map { 2 * $0 * Double(Line.x[$1]) }
            weight -= sweep.rates[step] * slopes.reduce(0, +) / Double(samples.count)
        }
    }

    @Test func accumulationMakesAsManyStepsOfLargerBatches() throws {
        let learner = try Line.learner(batchSize: 1, callbacks: [GradAccumulation(batches: 2)])
        let plain = try Line.learner(batchSize: 2)
        let (sweep, expected) = (try learner.lrFind(steps: 10), try plain.lrFind(steps: 10))
        #expect(sweep.losses.count == 10 && sweep.rates == expected.rates)
        #expect(zip(sweep.losses, expected.losses).allSatisfy { isClose($0, $1) })
    }

    @Test func aSkippedStepIsNotInTheCurve() throws {
        let learner = try Line.learner()
        var used: [Double] = []
        learner.add(
            Listener(joins: .probe) { event, learner in
                if event == .beforeStep, learner.run.batch == 1 { learner.request(.skipStep) }
                if event == .afterStep, learner.didStep { used.append(learner.optimizer.learningRate) }
            })
        let sweep = try learner.lrFind(steps: 10)
        #expect(sweep.rates.count == 10 && sweep.rates == used)
    }

    @Test(arguments: [Event.beforeBatch, .afterBackward, .beforeStep])
    func aSweepWhoseEveryStepIsSkippedEnds(_ event: Event) throws {
        let learner = try Line.learner()
        var epochs = 0
        learner.add(
            Listener(joins: .probe) { heard, learner in
                if heard == event { learner.request(.skipStep) }
                if heard == .beforeEpoch { epochs += 1 }
            })
        let sweep = try learner.lrFind(steps: 10)
        #expect(sweep.losses.isEmpty && epochs == 1)
        #expect(throws: LearningRateSweep.NoSuggestion.self) { try sweep.suggestion() }
    }

    @Test func callbacksOfFitsAreNotCalled() throws {
        let learner = try Line.learner()
        var heard: [Event] = []
        learner.add(Listener { event, _ in heard.append(event) }, ParameterScheduler([.learningRate: .constant(1)]))
        _ = try learner.lrFind(steps: 6)
        #expect(heard.isEmpty)
    }
}

@Suite struct SweepTests {
    @Test(arguments: [
        (0.0, 1.0, 10, "start is 0.0"), (-1, 1, 10, "start is -1.0"), (.nan, 1, 10, "start is nan"),
        (1, 1, 10, "end is 1.0"), (1, 0.5, 10, "end is 0.5"), (0.1, .infinity, 10, "end is inf"),
        (0.1, 1, 0, "steps is 0"), (0.1, 1, -3, "steps is -3"),
    ])
    func badArgumentsAreNamed(_ start: Double, _ end: Double, _ steps: Int, _ words: String) throws {
        let learner = try Line.learner()
        let error = try #require(throws: LearnerError.self) {
            try learner.lrFind(start: start, end: end, steps: steps)
        }
        #expect("\(error)".hasPrefix("\(words), expected"))
    }

    @Test func aSweepThatDivergesAtOnceSaysSo() throws {
        let learner = try Line.learner()
        let sweep = try learner.lrFind(start: 50, end: 100, steps: 100)
        #expect(sweep.hasDiverged && sweep.losses.count < 10)
        let error = try #require(throws: LearningRateSweep.NoSuggestion.self) { try sweep.suggestion(.valley) }
        #expect("\(error)".hasPrefix("no valley suggestion: the loss diverged after \(sweep.losses.count) steps"))
        #expect("\(error)".contains("start from a lower rate than 5.0e+01"))
        #expect(sweep.suggestions.isEmpty)
    }

    @Test func aSweepThatIsTooShortSaysSo() throws {
        var sweep = try LearningRateSweep(steps: 10)
        for loss in [1.0, 0.9, 0.8, 0.7, 0.6] { sweep.add(loss) }
        let error = try #require(throws: LearningRateSweep.NoSuggestion.self) { try sweep.suggestion(.steep) }
        #expect("\(error)" == "no steep suggestion: the sweep has 5 steps, too few to leave any after trimming")
        for loss in [0.5, 0.4, 0.3] { sweep.add(loss) }
        #expect(throws: LearningRateSweep.NoSuggestion.self) { try sweep.suggestion(.slide) }
        #expect(sweep.suggestions[.slide] == nil && sweep.suggestions[.minimum] != nil)
    }

    @Test func aLossThatIsNoNumberFromTheStartSaysSo() throws {
        var sweep = try LearningRateSweep(steps: 20)
        for _ in 0..<20 { sweep.add(.nan) }
        let error = try #require(throws: LearningRateSweep.NoSuggestion.self) { try sweep.suggestion() }
        #expect("\(error)" == "no valley suggestion: the loss is not a number from step 0 on")
        #expect(sweep.isOver)
    }

    @Test func theValleyIsFastais() throws {
        let losses = [2.3, 2.31, 2.3, 2.28, 2.25, 2.2, 2.1, 1.9, 1.6, 1.3, 1.1, 1.0, 0.95, 1.2, 2.5]
        let rates = losses.indices.map { Double($0 + 1) }
        #expect(try LearningRateSweep.suggestion(.valley, rates: rates, losses: losses) == rates[6])
        #expect(try LearningRateSweep.suggestion(.minimum, rates: rates, losses: losses) == rates[12] / 10)
    }

    @Test func atLeastSixStepsAreMade() throws {
        let learner = try Line.learner()
        #expect(try learner.lrFind(steps: 1).losses.count == 6)
        #expect(try learner.lrFind(steps: 7).losses.count == 7)
    }

    @Test func aSweepThatDivergesStopsWhenAskedTo() throws {
        let learner = try Line.learner()
        let stopped = try learner.lrFind(start: 1e-3, end: 1e3, steps: 60)
        let whole = try learner.lrFind(start: 1e-3, end: 1e3, steps: 60, stopsWhenDiverging: false)
        #expect(stopped.hasDiverged && stopped.losses.count < 60 && whole.losses.count == 60)
        let lowest = try #require(stopped.smoothedLosses.min())
        #expect(try #require(stopped.smoothedLosses.last) > 4 * lowest)
        #expect(stopped.smoothedLosses.dropLast().allSatisfy { $0 <= 4 * lowest })
        #expect(Array(whole.losses.prefix(stopped.losses.count)) == stopped.losses)
    }

    @Test(arguments: [1e-5, 0.3]) func aSuggestionBesideTheCurveIsARule(_ start: Double) throws {
        var sweep = try LearningRateSweep(
            start: start, end: 1, steps: 60, stopsWhenDiverging: false, figure: .validLoss)
        // Flat, a shallow valley, and a climb out of the picture that falls a little before its end.
        for step in 0..<60 {
            sweep.add(step < 30 ? 2.3 : step < 40 ? 2.3 - 0.01 * Double(step - 29) : 60 - 0.5 * Double(step - 40))
        }
        let (losses, rates) = (sweep.trimmed.losses, sweep.trimmed.rates)
        let heights = sweep.suggestions.values.compactMap { rate in rates.firstIndex { $0 >= rate }.map { losses[$0] } }
        #expect(heights.contains { $0 > 10 } && heights.contains { $0 < 3 })
        // A tenth of the rate of the minimum may lie before all others.
        #expect((try sweep.suggestion(.minimum) < rates[0]) == (start == 0.3))
        let text = sweep.plot().svg()
        for (kind, _) in sweep.suggestions { #expect(text.contains("\(kind.rawValue) "), "\(kind)") }
    }

    @Test func theChartShowsTheSuggestions() throws {
        let sweep = try Points.learner().lrFind(start: 1e-4, end: 10, steps: 60)
        let text = sweep.plot().svg()
        #expect(text.contains("Learning rate finder"))
        for kind in sweep.suggestions.keys { #expect(text.contains(kind.rawValue)) }
        #expect(sweep.suggestions.count == LearningRateSweep.Suggestion.allCases.count)
    }
}
