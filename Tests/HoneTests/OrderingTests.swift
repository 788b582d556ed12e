import Hone
import Testing

private class Named: LearnerCallback {
    let log: Log
    let place: Phase
    init(_ log: Log, _ place: Phase = .compute) {
        self.log = log
        self.place = place
    }
    override var phase: Phase { place }
    override func beforeFit(_ learner: Learner) throws { log.lines.append(identifier) }
    override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws { log.lines.append("\(identifier) down") }
}

private final class A: Named {}
private final class B: Named {}
private final class C: Named {}
private final class AfterC: Named { override var runsAfter: [any Callback.Type] { [C.self] } }
private final class BeforeA: Named { override var runsBefore: [any Callback.Type] { [A.self] } }
private final class AfterTurning: Named { override var runsAfter: [any Callback.Type] { [BeforeTurning.self] } }
private final class BeforeTurning: Named { override var runsAfter: [any Callback.Type] { [AfterTurning.self] } }
private final class EarlyAfterC: Named {
    override var phase: Phase { .prepare }
    override var runsAfter: [any Callback.Type] { [C.self] }
}

/// Conforms without deriving from `LearnerCallback`.
private final class Direct: Callback {
    let log: Log
    init(_ log: Log) { self.log = log }
    func beforeFit(_ learner: Learner) throws { log.lines.append(identifier) }
}

/// Multiplies the rate.
private final class Factor: LearnerCallback {
    let factor: Double
    init(_ factor: Double) { self.factor = factor }
    override var identifier: String { "Factor \(factor)" }
    override func beforeBatch(_ learner: Learner) throws {
        try learner.optimizer.modify(.learningRate, by: factor, owner: identifier)
    }
}

@Suite struct OrderingTests {
    private let log = Log()

    private func order(_ callbacks: [any Callback]) throws -> [String] {
        let learner = try Line.learner(callbacks: callbacks)
        log.lines = []
        try learner.fit(0)
        return log.lines.filter { !$0.hasSuffix(" down") }
    }

    @Test func aCallbackThatIsThereTwiceIsRefused() throws {
        let log = Log()
        let (one, other) = (A(log), A(log))
        let learner = try Line.learner(callbacks: [one])
        let error = #expect(throws: CallbackPlanError.self) { try learner.fit(1, callbacks: [one]) }
        #expect(error.map { "\($0)" } == "the callback A was added twice; two of a kind are two instances")
        #expect(learner.progress.microBatch == 0 && log.lines.isEmpty)
        try learner.fit(1, callbacks: [other])
        #expect(log.lines.count == 4)
    }

    @Test func phasesComeInTheirOrderWhateverWasAddedFirst() throws {
        let phases: [Phase] = [
            .prepare, .transform, .gradient, .compute, .record, .schedule, .decide, .report, .persist,
        ]
        #expect(Phase.allCases == phases)
        let log = log
        let callbacks = phases.map { phase in
            Listener("\(phase)", phase: phase) { event, _ in if event == .beforeFit { log.lines.append("\(phase)") } }
        }
        #expect(try order(callbacks.reversed()) == phases.map { "\($0)" })
        #expect(try order([4, 0, 8, 2, 6, 1, 7, 3, 5].map { callbacks[$0] }) == phases.map { "\($0)" })
    }

    @Test func withinAPhaseTheOrderIsThatOfAdding() throws {
        #expect(try order([B(log), A(log), C(log)]) == ["B", "A", "C"])
        #expect(try order([C(log), Direct(log), A(log), B(log)]) == ["C", "Direct", "A", "B"])
    }

    @Test func constraintsMoveOnlyWhatTheyMust() throws {
        #expect(try order([AfterC(log), A(log), B(log), C(log)]) == ["A", "B", "C", "AfterC"])
        #expect(try order([A(log), B(log), BeforeA(log)]) == ["B", "BeforeA", "A"])
        // A chain of two constraints.
        #expect(try order([AfterC(log), A(log), C(log), BeforeA(log)]) == ["C", "AfterC", "BeforeA", "A"])
    }

    @Test func teardownGoesBackwards() throws {
        let learner = try Line.learner(callbacks: [AfterC(log), A(log), C(log)])
        try learner.fit(0)
        #expect(log.lines == ["A", "C", "AfterC", "AfterC down", "C down", "A down"])
    }

    @Test func aConstraintOnAMissingCallbackIsAnErrorThatNamesBoth() throws {
        let learner = try Line.learner(callbacks: [AfterC(log)])
        let error = try #require(throws: CallbackPlanError.self) { try learner.fit(0) }
        #expect(error == .unknown(callback: "AfterC", constraint: "after C"))
        #expect("\(error)" == "AfterC is to run after C, but the learner has no such callback")
        learner.add(C(log))
        try learner.fit(0)
        #expect(log.lines.prefix(2) == ["C", "AfterC"])
    }

    @Test func aCircleIsAnErrorThatShowsIt() throws {
        let learner = try Line.learner(callbacks: [A(log), AfterTurning(log), BeforeTurning(log)])
        let error = try #require(throws: CallbackPlanError.self) { try learner.fit(0) }
        guard case .cycle(let names) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(Set(names) == ["AfterTurning", "BeforeTurning"] && names.count == 2)
        #expect("\(error)".contains("\(names[0]) before \(names[1]) before \(names[0])"))
    }

    @Test func aConstraintAgainstThePhasesIsACircle() throws {
        let learner = try Line.learner(callbacks: [EarlyAfterC(log), C(log)])
        let error = try #require(throws: CallbackPlanError.self) { try learner.fit(0) }
        guard case .cycle(let names) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(Set(names) == ["EarlyAfterC", "C"])
    }

    @Test func theSecondOfANameIsNumbered() throws {
        let learner = try Line.learner()
        for _ in 0..<2 { learner.add(Listener("Twin") { event, _ in if event == .beforeEpoch { throw Oops() } }) }
        try learner.fit(0)
        #expect(Set(learner.timings.callbacks.map(\.name)) == ["Recorder", "Twin", "Twin#2"])
        #expect(learner.describeLoop().contains("Twin#2"))
    }

    @Test func twoWritersOfOneHyperparameterAreRefusedByName() throws {
        let learner = try Line.learner(
            callbacks: [ParameterScheduler([.learningRate: .constant(1)]), OneCycle(lrMax: 0.1)])
        let error = try #require(throws: CallbackPlanError.self) { try learner.fit(1) }
        #expect(error == .conflict(hyperparameter: "learningRate", first: "ParameterScheduler", second: "OneCycle"))
        #expect("\(error)".contains("ParameterScheduler") && "\(error)".contains("OneCycle"))
        #expect(throws: CallbackPlanError.self) {
            try learner.withoutCallbacks(ParameterScheduler.self) {
                try learner.fitOneCycle(1, lrMax: 0.1, callbacks: [OneCycle(lrMax: 0.2)])
            }
        }
        #expect(Line.weight(of: learner) == Double(Line.start))
    }

    @Test func writersOfDifferentHyperparametersGoTogether() throws {
        let learner = try Line.learner(optimizer: SGD(momentum: 0.9))
        learner.add(ParameterScheduler([.learningRate: .constant(0.25)]))
        learner.add(ParameterScheduler([.momentum: .constant(0.5), .weightDecay: .constant(0.125)]))
        var seen: Set<[Double]> = []
        learner.add(
            Listener { event, learner in
                guard event == .beforeStep else { return }
                let keys: [Hyperparameter] = [.learningRate, .momentum, .weightDecay]
                seen.insert(try keys.map { try learner.optimizer.value(of: $0) })
            })
        try learner.fit(1)
        #expect(seen == [[0.25, 0.5, 0.125]])
    }

    @Test func modifiersComposeWithAWriterAndWithEachOther() throws {
        let learner = try Line.learner()
        learner.add(Warmup(.steps(4)), ParameterScheduler([.learningRate: .linear(from: 1, to: 0)]), Factor(0.5))
        learner.add(Warmup(.steps(2)))
        var rates: [Double] = []
        learner.add(Listener { event, own in if event == .afterStep { rates.append(own.optimizer.learningRate) } })
        try learner.fit(2)
        let expected = (0..<6).map { step -> Double in
            let (long, short) = (min(1, Double(step + 1) / 4), min(1, Double(step + 1) / 2))
            return (1 - Double(step) / 6) * long * short * 0.5
        }
        #expect(rates.count == 6 && zip(rates, expected).allSatisfy { isClose($0, $1, 1e-12) })
        #expect(learner.optimizer.learningRate == Line.rate, "neither schedule nor factors outlive the fit")
    }

    @Test func twoAccumulationsAreRefusedByName() throws {
        let learner = try Line.learner(callbacks: [GradAccumulation(batches: 2), GradAccumulation(samples: 4)])
        let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
        let conflict = CallbackPlanError.stageConflict(
            stage: "accumulation", first: "GradAccumulation", second: "GradAccumulation#2")
        #expect(error.underlying as? CallbackPlanError == conflict)
        #expect("\(error)".contains("GradAccumulation and GradAccumulation#2 both set the loop's accumulation"))
    }

    @Test func theLoopIsDescribedWithCallbacksInTheirOrder() throws {
        let learner = try Line.learner(callbacks: [EarlyStopping(), OneCycle(lrMax: 1), GradAccumulation(batches: 2)])
        let text = learner.describeLoop()
        let lines = text.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
        let names = lines.compactMap(\.first)
        let listed = ["GradAccumulation", "Recorder", "OneCycle", "EarlyStopping"]
        #expect(names.filter(listed.contains) == listed)
        #expect(text.contains("learningRate, momentum"))
        for event in Event.allCases where event != .beforePredict && event != .afterPredict {
            #expect(text.contains(event.rawValue), "\(event)")
        }
    }

    @Test func theDescriptionSaysWhyASetCannotRun() throws {
        let unknown = try Line.learner(callbacks: [AfterC(log)])
        #expect(unknown.describeLoop().contains("AfterC is to run after C"))
        let conflict = try Line.learner(callbacks: [OneCycle(lrMax: 1), OneCycle(lrMax: 2)])
        #expect(conflict.describeLoop().contains("OneCycle and OneCycle#2 both set learningRate"))
    }

    @Test func timingsCountEveryCallbacksHooks() throws {
        let learner = try Line.learner()
        var calls = 0
        learner.add(Listener("Ear") { event, _ in if event != .teardown { calls += 1 } })
        try learner.fit(2)
        let entry = try #require(learner.timings.callbacks.first { $0.name == "Ear" })
        #expect(entry.calls == calls)
        #expect(learner.timings.total > 0 && learner.timings.description.contains("Ear"))
        #expect(learner.timings.slowest.map { $0.nanoseconds <= learner.timings.total } == true)
    }
}
