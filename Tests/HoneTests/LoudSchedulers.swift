import Hone

// Those of `LoudCallbacks.swift` that schedule, treat gradients and measure noise.

final class LoudBatchSizeFinder: BatchSizeFinder {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(batchSize: 4)
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

final class LoudBatchSizeScheduler: BatchSizeScheduler {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init([.epochs(1): 4], scaling: .linear)
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

final class LoudCyclicalLR: CyclicalLR {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(base: 0.01, peak: 0.02, halfCycle: .steps(2))
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

final class LoudFlatCosine: FlatCosine {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(lr: 0.01)
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

final class LoudGradClip: GradClip {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(maxNorm: 1)
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

final class LoudGradientNoise: GradientNoise {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(eta: 0.01)
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

final class LoudLossScaler: LossScaler {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(initial: 1024, interval: 2)
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

final class LoudNoiseScaleMonitor: NoiseScaleMonitor {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(splittingInto: 2)
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

final class LoudReduceLROnPlateau: ReduceLROnPlateau {
    let log: HookLog
    init(_ log: HookLog) {
        self.log = log
        super.init(monitor: .trainLoss, factor: 0.5, patience: 0)
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

final class LoudSGDR: SGDR {
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

final class LoudValidateEvery: ValidateEvery {
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

/// A monitor that says what a test wants, by the steps of the run.
final class ToldNoiseScale: NoiseScaleMonitor {
    private let scale: (Int) -> Double
    @RunState private var step = 0
    init(_ scale: @escaping (Int) -> Double) {
        self.scale = scale
        super.init(splittingInto: 2)
    }
    override func beforeBatch(_ l: Learner) throws {
        try super.beforeBatch(l)
        step = l.run.step
    }
    override var reading: NoiseScaleEstimator.Reading {
        .value(scale(step), interval: scale(step) / 1.5...scale(step) * 1.5)
    }
}

final class LoudNoiseScaleController: NoiseScaleController {
    let log: HookLog
    init(_ log: HookLog, _ monitor: NoiseScaleMonitor) {
        self.log = log
        super.init(monitor, moving: .batchSize(4...16), every: 2, scaling: .linear)
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
