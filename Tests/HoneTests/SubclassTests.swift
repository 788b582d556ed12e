import Hone
import Testing

// Each built-in callback derived from in another module: the overrides must run, and `super` must do its work.

private final class MyCycle: CyclicalLR {
    @RunState var calls = 0
    override func beforeBatch(_ learner: Learner) throws {
        calls += 1
        try super.beforeBatch(learner)
    }
}
private final class MyFlat: FlatCosine {
    @RunState var calls = 0
    override func beforeBatch(_ learner: Learner) throws {
        calls += 1
        try super.beforeBatch(learner)
    }
}
private final class MySGDR: SGDR {
    @RunState var calls = 0
    override func beforeBatch(_ learner: Learner) throws {
        calls += 1
        try super.beforeBatch(learner)
    }
}
private final class MyPlateau: ReduceLROnPlateau {
    @RunState var calls = 0
    override func afterEpoch(_ learner: Learner) throws {
        calls += 1
        try super.afterEpoch(learner)
    }
}
private final class MyBatchSizes: BatchSizeScheduler {
    @RunState var calls = 0
    override func beforeBatch(_ learner: Learner) throws {
        calls += 1
        try super.beforeBatch(learner)
    }
}
private final class MyAccumulation: GradAccumulation {
    @RunState var calls = 0
    override func beforeFit(_ learner: Learner) throws {
        calls += 1
        try super.beforeFit(learner)
    }
}
private final class MyClip: GradClip {
    @RunState var calls = 0
    override func beforeStep(_ learner: Learner) throws {
        calls += 1
        try super.beforeStep(learner)
    }
}
private final class MyNoise: GradientNoise {
    @RunState var calls = 0
    override func beforeStep(_ learner: Learner) throws {
        calls += 1
        try super.beforeStep(learner)
    }
}
private final class MyScaler: LossScaler {
    @RunState var calls = 0
    override func shouldStep(isFinite: Bool) -> Bool {
        calls += 1
        return super.shouldStep(isFinite: isFinite)
    }
}
private final class MyMonitor: NoiseScaleMonitor {
    @RunState var calls = 0
    override func gradientsReady(_ learner: Learner) throws {
        calls += 1
        try super.gradientsReady(learner)
    }
}
private final class MyController: NoiseScaleController {
    @RunState var calls = 0
    override func afterStep(_ learner: Learner) throws {
        calls += 1
        try super.afterStep(learner)
    }
}

@Suite struct SubclassTests {
    /// Four points a batch, twelve batches, two epochs.
    private func run(_ callbacks: any Callback...) throws -> Learner {
        let learner = try Points.learner(
            optimizer: SGD(learningRate: 0.25, momentum: 0.5), batchSize: 4, callbacks: callbacks)
        try learner.fit(2)
        return learner
    }

    @Test func schedulersMayBeDerivedFrom() throws {
        let (cycle, flat, restarts) = (
            MyCycle(base: 0.1, peak: 1.0, halfCycle: .steps(4)), MyFlat(lr: 0.5), MySGDR(lrMax: 0.5)
        )
        // Batches of the validation come, too: two of 20 samples at 8 each … counted by the event alone.
        let cycled = try run(cycle)
        #expect(cycle.calls == 24 + 2 * cycled.data.valid.batchCount)
        #expect(isClose(cycled.recorder.steps[4].learningRate, 1))
        #expect(try run(flat).recorder.steps[0].learningRate == 0.5 && flat.calls == cycle.calls)
        #expect(try run(restarts).recorder.steps[12].learningRate == 0.5 && restarts.calls == cycle.calls)
    }

    @Test func modifiersMayBeDerivedFrom() throws {
        let plateau = MyPlateau(monitor: .trainLoss, factor: 0.5, patience: 0, threshold: .absolute(10))
        _ = try run(plateau)
        #expect(plateau.calls == 2 && plateau.rule?.multiplier == 0.5)
        let sizes = MyBatchSizes([.epochs(1): 12], scaling: .none)
        let learner = try run(sizes)
        #expect(learner.run.step == 16 && sizes.changes.count == 2)
        #expect(sizes.calls == 16 + 2 * learner.data.valid.batchCount)
    }

    @Test func stagesMayBeDerivedFrom() throws {
        let (accumulation, clip, scaler) = (MyAccumulation(batches: 3), MyClip(maxNorm: 0.1), MyScaler(fixed: 4))
        let learner = try run(accumulation, clip, scaler)
        #expect(accumulation.calls == 1 && clip.calls == 8 && scaler.calls == 8 && learner.run.step == 8)
        #expect(clip.norm != nil)
    }

    @Test func noiseMayBeDerivedFrom() throws {
        let (noise, monitor) = (MyNoise(), MyMonitor(splittingInto: 2))
        let controller = MyController(monitor, moving: .batchSize(2...8), scaling: .none)
        _ = try run(noise, monitor, controller)
        #expect(noise.calls == 24 && monitor.calls == 24 && controller.calls == 24)
        #expect(monitor.estimator.windows == 24)
    }

    @Test func aSecondFitBeginsAnewAndZeroEpochsDoNothing() throws {
        let monitor = NoiseScaleMonitor(splittingInto: 2)
        let callbacks: [any Callback] = [
            CyclicalLR(base: 0.1, peak: 0.2), ReduceLROnPlateau(),
            BatchSizeScheduler([.epochs(1): 8], scaling: .linear),
            GradAccumulation(batches: .constant(2)), GradClip(), GradientNoise(), LossScaler(), monitor,
        ]
        let learner = try Points.learner(optimizer: SGD(), batchSize: 4, callbacks: callbacks)
        try learner.fit(0)
        #expect(learner.run.totalSteps == 0)
        try learner.fit(2)
        let (steps, rates) = (learner.run.step, learner.recorder.steps.map(\.learningRate))
        #expect(steps == 9 && steps == learner.run.totalSteps)
        learner.add(Listener { event, learner in if event == .afterStep, learner.run.step == 3 { throw Oops() } })
        #expect(throws: CallbackError.self) { try learner.fit(2) }
        learner.removeCallbacks(of: Listener.self)
        try learner.fit(2)
        #expect(learner.run.step == steps)
        #expect(Array(learner.recorder.steps.suffix(9)).map(\.learningRate) == rates)
        #expect(monitor.noise != nil)
    }
}
