import Hone
import Testing

// A callback of the framework derived from in another module: its overrides are called, and `super` does its work. That all
// of them may be is a matter of their declarations, which `CallbackRegistryTests` looks through.

/// Takes down which overrides were called.
private final class HookLog {
    private(set) var heard: Set<Event> = []

    /// Notes an event, and does what the superclass does.
    func hear(_ event: Event, _ body: () throws -> Void) rethrows {
        heard.insert(event)
        try body()
    }
}

/// Overrides every hook, and `joins`, so that it hears every kind of run.
private final class LoudEarlyStopping: EarlyStopping {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(monitor: .trainLoss, patience: .epochs(1), minDelta: 100)
    }
    override var joins: RunKinds { .all }
    override func beforeFit(_ l: Learner) throws { try log.hear(.beforeFit) { try super.beforeFit(l) } }
    override func beforeEpoch(_ l: Learner) throws { try log.hear(.beforeEpoch) { try super.beforeEpoch(l) } }
    override func beforeTrain(_ l: Learner) throws { try log.hear(.beforeTrain) { try super.beforeTrain(l) } }
    override func beforeBatch(_ l: Learner) throws { try log.hear(.beforeBatch) { try super.beforeBatch(l) } }
    override func afterForward(_ l: Learner) throws { try log.hear(.afterForward) { try super.afterForward(l) } }
    override func afterLoss(_ l: Learner) throws { try log.hear(.afterLoss) { try super.afterLoss(l) } }
    override func beforeBackward(_ l: Learner) throws { try log.hear(.beforeBackward) { try super.beforeBackward(l) } }
    override func afterBackward(_ l: Learner) throws { try log.hear(.afterBackward) { try super.afterBackward(l) } }
    override func gradientsReady(_ l: Learner) throws { try log.hear(.gradientsReady) { try super.gradientsReady(l) } }
    override func beforeStep(_ l: Learner) throws { try log.hear(.beforeStep) { try super.beforeStep(l) } }
    override func afterStep(_ l: Learner) throws { try log.hear(.afterStep) { try super.afterStep(l) } }
    override func afterBatch(_ l: Learner) throws { try log.hear(.afterBatch) { try super.afterBatch(l) } }
    override func afterTrain(_ l: Learner) throws { try log.hear(.afterTrain) { try super.afterTrain(l) } }
    override func beforeValidate(_ l: Learner) throws { try log.hear(.beforeValidate) { try super.beforeValidate(l) } }
    override func afterValidate(_ l: Learner) throws { try log.hear(.afterValidate) { try super.afterValidate(l) } }
    override func beforePredict(_ l: Learner) throws { try log.hear(.beforePredict) { try super.beforePredict(l) } }
    override func afterPredict(_ l: Learner) throws { try log.hear(.afterPredict) { try super.afterPredict(l) } }
    override func afterEpoch(_ l: Learner) throws { try log.hear(.afterEpoch) { try super.afterEpoch(l) } }
    override func afterFit(_ l: Learner, _ o: FitOutcome) throws {
        try log.hear(.afterFit) { try super.afterFit(l, o) }
    }
    override func teardown(_ l: Learner, _ o: FitOutcome) throws {
        try log.hear(.teardown) { try super.teardown(l, o) }
    }
}

/// Keeps a state of its own beside the superclass's.
private final class CountingCycle: CyclicalLR {
    @RunState var calls = 0
    override func beforeBatch(_ learner: Learner) throws {
        calls += 1
        try super.beforeBatch(learner)
    }
}

@Suite struct SubclassTests {
    @Test func everyHookOfASubclassIsCalled() throws {
        let log = HookLog()
        let learner = try Points.learner(callbacks: [LoudEarlyStopping(log)])
        let outcome = try learner.fit(9)
        #expect("\(outcome)".contains("has not improved") && learner.recorder.epochs.count == 2)
        _ = try learner.validate()
        _ = try learner.predictions()
        #expect(log.heard == Set(Event.allCases))
    }

    @Test func aSubclassHasStatesOfItsOwn() throws {
        let cycle = CountingCycle(base: 0.1, peak: 1.0, halfCycle: .steps(4))
        let learner = try Points.learner(
            optimizer: SGD(learningRate: 0.25, momentum: 0.5), batchSize: 4, callbacks: [cycle])
        for _ in 0..<2 {
            try learner.fit(2)
            // Twelve batches an epoch, and those of its validation.
            #expect(cycle.calls == 24 + 2 * learner.data.valid.batchCount)
        }
        #expect(isClose(learner.recorder.steps[4].learningRate, 1))
    }
}
