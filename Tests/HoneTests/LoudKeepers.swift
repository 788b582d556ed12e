import Hone

// Those of `LoudCallbacks.swift` that keep models and predictions, freeze norms, shorten epochs and run closures.

final class LoudFreezeBatchNorm: FreezeBatchNorm {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(affine: true)
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

final class LoudHook: Hook {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(.afterStep, every: .steps(2)) { _ in }
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

final class LoudPredictionsGatherer: PredictionsGatherer {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(withLosses: true)
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

final class LoudSaveBest: SaveBest {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(.trainLoss)
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

final class LoudSaveEvery: SaveEvery {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(.steps(2))
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

final class LoudShortEpoch: ShortEpoch {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(0.5)
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
