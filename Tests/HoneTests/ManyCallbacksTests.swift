import Hone
import Testing

/// Callbacks beside one another.
@Suite struct ManyCallbacksTests {
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
