import Hone

// A subclass of every callback in another module, with every hook overridden; `joins` too, so that each hears every kind of
// run. A hook that the framework's class took from a protocol's extension would silently not be called here.

/// Takes down which overrides were called.
final class HookLog {
    private(set) var heard: Set<Event> = []

    /// Notes an event, and does what the superclass does.
    func hear(_ event: Event, _ body: () throws -> Void) rethrows {
        heard.insert(event)
        try body()
    }
}

final class LoudEarlyStopping: EarlyStopping {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(monitor: .trainLoss, patience: .epochs(9))
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

final class LoudGradAccumulation: GradAccumulation {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(batches: 2)
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

final class LoudOneCycle: OneCycle {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(lrMax: 0.01)
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

final class LoudParameterScheduler: ParameterScheduler {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init([.learningRate: .cosine(from: 0.01, to: 0)])
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

final class LoudSpikeGuard: SpikeGuard {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(window: 5, every: .steps(2))
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

final class LoudStopWhen: StopWhen {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(.below(.trainLoss.smoothed(0.5), 0))
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

final class LoudTerminateOnNaN: TerminateOnNaN {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init()
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

final class LoudTimeLimit: TimeLimit {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(minutes: 60)
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

final class LoudWarmup: Warmup {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(.steps(3))
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

final class LoudActivationStats: ActivationStats {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(every: .steps(2), bins: 5)
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

final class LoudCSVLogger: CSVLogger {
    let log: HookLog
    init(_ log: HookLog, _ path: String) {
        self.log = log
        super.init(path)
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

final class LoudGradientStats: GradientStats {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(every: .steps(2))
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

final class LoudJSONLLogger: JSONLLogger {
    let log: HookLog
    init(_ log: HookLog, _ path: String) {
        self.log = log
        super.init(path)
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

final class LoudProgressReporter: ProgressReporter {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(isTerminal: false) { _ in }
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

final class LoudRecorder: Recorder {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init()
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

final class LoudThroughput: Throughput {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init()
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

final class LoudLRFinder: LRFinder {
    let log: HookLog
    init(_ log: HookLog, _ sweep: LearningRateSweep) {
        self.log = log
        super.init(sweep)
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
