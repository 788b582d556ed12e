import Hone
import Testing

/// Closures at events.
@Suite struct HookTests {
    /// The steps of a fit of two epochs of 6 batches at which a hook is called.
    private func steps(
        at event: Event = .afterStep, every interval: Interval?, epochs: Int = 2, callbacks: [any Callback] = []
    ) throws -> [Int] {
        var steps: [Int] = []
        try Points.learner().fit(
            epochs, callbacks: callbacks + [.on(event, every: interval) { steps.append($0.run.step) }])
        return steps
    }

    @Test(arguments: Event.allCases) func aClosureIsCalledWheneverItsEventComes(_ event: Event) throws {
        var (called, heard) = (0, 0)
        let learner = try Points.learner()
        learner.on(event, joins: .all) { _ in called += 1 }
        learner.add(Listener(joins: .all) { other, _ in if other == event { heard += 1 } })
        try learner.fit(2)
        _ = try learner.validate()
        _ = try learner.predictions()
        #expect(called == heard && called > 0)
    }

    @Test func anIntervalIsWhatHasGoneByInTraining() throws {
        #expect(try steps(every: .steps(5)) == [5, 10])
        #expect(try steps(every: .steps(6)) == [6, 12])
        #expect(try steps(every: .epochs(1)) == [6, 12])
        #expect(try steps(every: .epochs(0.5)) == [3, 6, 9, 12])
        // After 24, 40, 64 and 80 samples.
        #expect(try steps(every: .samples(20)) == [3, 5, 8, 10])
        // Each 3.6 steps.
        #expect(try steps(every: .fraction(0.3)) == [4, 8, 11])
        #expect(try steps(every: .minutes(1e-12)) == Array(1...12))
        #expect(try steps(every: .minutes(60)) == [])
        #expect(try steps(every: nil) == Array(1...12))
    }

    @Test func otherEventsHaveTheSameIntervals() throws {
        #expect(try steps(at: .afterEpoch, every: .epochs(2), epochs: 5) == [12, 24])
        #expect(try steps(at: .beforeEpoch, every: .epochs(1), epochs: 3) == [6, 12])
        #expect(try steps(at: .afterValidate, every: .epochs(1), epochs: 2) == [6, 12])
        #expect(try steps(at: .afterEpoch, every: .steps(4)) == [6, 12])
        // Before a step it is not counted; a validation's batches, which come first, are not training's.
        #expect(try steps(at: .beforeBatch, every: .steps(6), epochs: 3) == [6, 12])
        #expect(try steps(at: .afterLoss, every: .steps(3)) == [3, 6, 9])
    }

    @Test func oneCallAnIntervalWhateverTheWindow() throws {
        let accumulation = GradAccumulation(batches: 2)
        #expect(try steps(at: .afterBatch, every: .steps(2), callbacks: [accumulation]) == [2, 4, 6])
        #expect(try steps(at: .afterBatch, every: .steps(1), callbacks: [accumulation]) == [1, 2, 3, 4, 5, 6])
    }

    @Test func theNextFitBeginsAfresh() throws {
        var steps: [Int] = []
        let learner = try Points.learner()
        let hook = learner.on(.afterStep, every: .steps(4)) { steps.append($0.run.step) }
        try learner.fit(1)
        try learner.fit(1)
        #expect(steps == [4, 4])
        learner.remove(hook)
        try learner.fit(1)
        #expect(steps == [4, 4])
    }

    @Test func aClosureMayAskAndThrowUnderItsName() throws {
        let learner = try Points.learner()
        let outcome = try learner.fit(1, callbacks: [.on(.afterStep, name: "Asker") { $0.request(.stop("enough")) }])
        #expect("\(outcome)" == "stopped by Asker: enough" && learner.run.step == 1)
        let error = try #require(throws: CallbackError.self) {
            try learner.fit(1, callbacks: [.on(.afterTrain, name: "Thrower") { _ in throw Oops() }])
        }
        #expect(error.callback == "Thrower" && error.event == .afterTrain && error.underlying is Oops)
    }

    @Test func phasesOrderIt() throws {
        var order: [String] = []
        try Points.learner().fit(
            1,
            callbacks: [
                .on(.afterTrain, phase: .persist) { _ in order.append("late") },
                .on(.afterTrain) { _ in order.append("as added") },
                .on(.afterTrain, phase: .prepare) { _ in order.append("early") },
            ])
        #expect(order == ["early", "as added", "late"])
    }

    @Test func itJoinsWhatItsEventBelongsTo() throws {
        var heard: [Event] = []
        let learner = try Points.learner()
        learner.on(.afterPredict) { _ in heard.append(.afterPredict) }
        learner.on(.afterValidate) { _ in heard.append(.afterValidate) }
        _ = try learner.validate()
        _ = try learner.predictions()
        #expect(heard == [.afterPredict])
        try learner.fit(1)
        #expect(heard == [.afterPredict, .afterValidate])
    }

    @Test func anIntervalDoesNotPassInARunWithoutTraining() throws {
        var epochs: [Int] = []
        let learner = try Points.learner()
        learner.on(.afterValidate, every: .epochs(1), joins: .all) { epochs.append($0.run.epoch) }
        _ = try learner.validate()
        try learner.fit(2)
        _ = try learner.validate()
        #expect(epochs == [0, 1])
    }

    @Test func intervalsThatNeverPassAreErrors() throws {
        for interval in [Interval.steps(0), .epochs(-1), .fraction(.nan)] {
            let learner = try Points.learner(callbacks: [.on(.afterStep, every: interval) { _ in }])
            let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
            #expect("\(error.underlying)".hasPrefix("Hook every is \(interval)") && learner.progress.step == 0)
        }
        let learner = try Points.learner(callbacks: [.on(.afterPredict, every: .steps(1)) { _ in }])
        let error = try #require(throws: CallbackError.self) { try learner.predictions() }
        #expect(
            "\(error.underlying)" == "Hook every is .steps(1), expected none at afterPredict, which is not of training")
    }
}
