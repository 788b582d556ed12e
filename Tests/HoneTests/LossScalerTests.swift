import Hone
import Testing

/// The scaling of losses, as a stage of the loop.
@Suite struct LossScalerTests {
    /// Spoils the gradient of some windows, counted from 0.
    private static func spoiler(_ windows: Set<Int>) -> Listener {
        var window = 0
        return Listener { event, learner in
            guard event == .afterBackward, learner.isTraining else { return }
            if windows.contains(window) { learner.arena.gradients[0] = .infinity }
            window += 1
        }
    }

    @Test(arguments: [1.0, 1024, 65536]) func aPowerOfTwoLeavesEveryBit(_ scale: Double) throws {
        for window in [1, 2] {
            let scaled = try AccumulationTests.learner(
                batchSize: 2, callbacks: [LossScaler(fixed: scale), GradAccumulation(batches: window)])
            let plain = try AccumulationTests.learner(batchSize: 2, callbacks: [GradAccumulation(batches: window)])
            for learner in [scaled, plain] { try learner.fit(2) }
            if window == 1 {
                #expect(bits(scaled) == bits(plain))
            } else {
                AccumulationTests.expectSame(scaled, plain, "\(scale)")
            }
            #expect(scaled.recorder.steps.map(\.loss) == plain.recorder.steps.map(\.loss))
        }
    }

    @Test func hooksSeeScaledGradientsUntilTheyAreUnscaled() throws {
        func sizes(_ callbacks: [any Callback]) throws -> [Float] {
            var sizes: [Float] = []
            let learner = try AccumulationTests.learner(batchSize: 9, callbacks: callbacks)
            learner.add(
                Listener { event, learner in
                    if event == .afterBackward || event == .gradientsReady { sizes.append(learner.arena.gradients[0]) }
                })
            try learner.fit(1)
            return sizes
        }
        let (plain, scaled) = (try sizes([]), try sizes([LossScaler(fixed: 8)]))
        #expect(plain[0] != 0 && scaled == [8 * plain[0], plain[0]] && plain[0] == plain[1])
    }

    @Test func aBadGradientIsSkippedAndTheScaleFalls() throws {
        let scaler = LossScaler(initial: 1024, interval: 100)
        // Nine batches of one an epoch; the second and the third window are bad.
        let learner = try AccumulationTests.learner(batchSize: 1, callbacks: [scaler, Self.spoiler([1, 2])])
        var rates: [Double] = []
        learner.add(
            Listener { event, learner in if event == .beforeStep { rates.append(learner.optimizer.learningRate) } })
        let schedule = Schedule.linear(from: 0.18, to: 0)
        try learner.fit(1, callbacks: [ParameterScheduler([.learningRate: schedule])])
        #expect(learner.progress.step == 7 && scaler.skippedSteps == 2 && scaler.goodSteps == 6)
        #expect(scaler.scale == 256)
        #expect(rates == (0..<7).map { schedule.value(at: $0, of: 9) })
        withExtendedLifetime(learner) {
            #expect(learner.arena.values.allSatisfy { $0.isFinite })
        }
    }

    @Test func theScaleGrowsAfterGoodSteps() throws {
        let scaler = LossScaler(initial: 2, growth: 4, interval: 3)
        let learner = try AccumulationTests.learner(batchSize: 1, callbacks: [scaler])
        try learner.fit(1)
        #expect(scaler.scale == 128 && scaler.goodSteps == 0 && scaler.skippedSteps == 0)
        try learner.fit(1)
        #expect(scaler.scale == 128)
    }

    @Test func aFixedScaleStaysAndSkips() throws {
        let scaler = LossScaler(fixed: 4)
        let learner = try AccumulationTests.learner(batchSize: 3, callbacks: [scaler, Self.spoiler([0])])
        try learner.fit(1)
        #expect(scaler.scale == 4 && scaler.skippedSteps == 1 && learner.progress.step == 2)
    }

    @Test func theScaleComesBackWithASnapshot() throws {
        let scaler = LossScaler(initial: 2, interval: 2)
        let learner = try AccumulationTests.learner(batchSize: 3, callbacks: [scaler])
        try learner.fit(1)
        let snapshot = try learner.snapshot()
        #expect(scaler.scale == 4 && scaler.goodSteps == 1)
        try learner.fit(3)
        try learner.restore(snapshot)
        #expect(scaler.scale == 4 && scaler.goodSteps == 1)
    }

    @Test func badArgumentsAndTwoScalersAreRefused() throws {
        let bad = [
            LossScaler(fixed: 0), LossScaler(initial: .infinity), LossScaler(growth: 1), LossScaler(backoff: 1),
            LossScaler(interval: 0),
        ]
        for scaler in bad {
            let learner = try AccumulationTests.learner(batchSize: 9, callbacks: [scaler])
            let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
            #expect("\(error.underlying)".hasPrefix("LossScaler "))
        }
        let two = try AccumulationTests.learner(batchSize: 9, callbacks: [LossScaler(fixed: 2), LossScaler()])
        let error = try #require(throws: CallbackError.self) { try two.fit(1) }
        #expect("\(error.underlying)".contains("both set the loop's loss scaling"))
    }
}
