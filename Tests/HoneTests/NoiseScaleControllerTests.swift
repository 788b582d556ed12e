import Hone
import Testing

/// The control of step sizes by the noise scale.
@Suite struct NoiseScaleControllerTests {
    /// A monitor that says what a test wants.
    private final class Told: NoiseScaleMonitor {
        let scale: Double
        init(_ scale: Double) {
            self.scale = scale
            super.init(splittingInto: 2)
        }
        override var reading: NoiseScaleEstimator.Reading { .value(scale, interval: scale / 1.5...scale * 1.5) }
    }

    private func sizes(
        _ scale: Double, _ lever: NoiseScaleController.Lever, batch: Int = 4, scaling: ScalingRule = .none
    )
        throws -> (samples: [Int], rates: [Double], moves: [NoiseScaleController.Move])
    {
        let monitor = Told(scale)
        let controller = NoiseScaleController(monitor, moving: lever, every: 2, scaling: scaling)
        let learner = try Points.learner(optimizer: SGD(learningRate: 0.125), dropout: 0, batchSize: batch)
        var (samples, rates): ([Int], [Double]) = ([], [])
        var open = 0
        let listener = Listener(phase: .persist) { event, learner in
            if event == .afterBackward { open += learner.batch.count }
            guard event == .beforeStep else { return }
            samples.append(open)
            rates.append(learner.optimizer.learningRate)
            open = 0
        }
        try learner.fit(1, callbacks: [monitor, controller, listener])
        #expect(learner.optimizer.learningRate == 0.125)
        return (samples, rates, controller.moves)
    }

    @Test func theBatchGrowsByAFactorAtATime() throws {
        let (samples, rates, moves) = try sizes(20, .batchSize(2...64), scaling: .linear)
        // 4, 4, then 8, 8, then 16, which lies in the interval.
        #expect(samples == [4, 4, 8, 8, 16, 8])
        #expect(rates == [1, 1, 2, 2, 4, 4].map { 0.125 * $0 })
        #expect(moves.map(\.to) == [8, 16] && moves.map(\.step) == [2, 4])
        #expect(moves[0].description == "step 2: 4 → 8, for a noise scale of 20.0 samples")
    }

    @Test func boundsHold() throws {
        #expect(try sizes(1000, .batchSize(2...6)).samples == [4, 4, 6, 6, 6, 6, 6, 6, 4])
        #expect(try sizes(1, .batchSize(12...24), batch: 16).samples == [16, 16, 12, 4])
    }

    @Test func accumulationFollowsToo() throws {
        // Batches of 4: a noise scale of 12 asks for three of them.
        let (samples, _, moves) = try sizes(12, .accumulation(1...8))
        #expect(samples == [4, 4, 8, 8, 8, 8, 8] && moves.map(\.to) == [2])
    }

    // MARK: Schedules

    /// What a fit under a controller saw: the samples before each step, the rate of each, and the learner.
    private func course(
        _ scale: Double, _ lever: NoiseScaleController.Lever, epochs: Int = 8, every: Int = 4,
        _ callbacks: [any Callback]
    ) throws -> (seen: [Int], rates: [Double], learner: Learner) {
        let monitor = Told(scale)
        let controller = NoiseScaleController(monitor, moving: lever, every: every, scaling: .none)
        let learner = try Points.learner(optimizer: SGD(learningRate: 0.125), dropout: 0, batchSize: 4)
        var (seen, rates): ([Int], [Double]) = ([], [])
        var before = 0
        let listener = Listener(phase: .persist) { event, learner in
            guard event == .beforeStep else { return }
            seen.append(before)
            before = learner.run.samples + learner.batch.count
            rates.append(learner.optimizer.learningRate)
        }
        try learner.fit(epochs, callbacks: [monitor, controller, listener] + callbacks)
        #expect(!controller.moves.isEmpty || scale == 4)
        return (seen, rates, learner)
    }

    @Test(arguments: [
        (64.0, NoiseScaleController.Lever.batchSize(2...16)), (1, .batchSize(1...8)), (64, .accumulation(1...6)),
    ])
    func aScheduleEndsWithTheRunAndDoesNotJump(_ scale: Double, _ lever: NoiseScaleController.Lever) throws {
        let line = ParameterScheduler([.learningRate: .linear(from: 1, to: 0)])
        let (seen, rates, learner) = try course(scale, lever, [line])
        let total = 8.0 * 48
        for (samples, rate) in zip(seen, rates) { #expect(abs(rate - (1 - Double(samples) / total)) < 0.05) }
        // No step lowers the rate by much more than its share of the samples, and the last leaves one such share.
        for (first, second) in zip(rates, rates.dropFirst()) { #expect(first > second && first - second < 0.09) }
        #expect(rates.count == learner.run.step && rates[0] == 1)
        let share = try #require(rates.dropLast().last) - rates[rates.count - 1]
        #expect(isClose(rates[rates.count - 1], share, 1e-9))
        #expect(learner.run.totalSteps == learner.run.step && isClose(learner.run.fraction, 1, 1e-9))
    }

    @Test func aLeverThatDoesNotMoveChangesNoSchedule() throws {
        let cycle = { OneCycle(lrMax: 0.5) }
        let (_, rates, _) = try course(4, .batchSize(2...64), [cycle(), Warmup(.epochs(2))])
        let plain = try Points.learner(optimizer: SGD(learningRate: 0.125), dropout: 0, batchSize: 4)
        try plain.fit(8, callbacks: [cycle(), Warmup(.epochs(2))])
        #expect(rates == plain.recorder.steps.map(\.learningRate))
    }

    @Test func cadencesInEpochsFollowTheLever() throws {
        // From twelve steps an epoch to three: validations stay twice an epoch.
        let (_, _, learner) = try course(64, .batchSize(2...16), epochs: 6, [ValidateEvery(.epochs(0.5))])
        #expect(learner.recorder.validations.map(\.epoch) == [0, 1, 2, 3, 4, 5])
    }

    @Test func aMonitorThatWillNeverMeasureIsRefused() throws {
        func fit(_ monitor: NoiseScaleMonitor, _ lever: NoiseScaleController.Lever, _ more: [any Callback] = []) throws
        {
            let controller = NoiseScaleController(monitor, moving: lever, scaling: .none)
            try Points.learner(dropout: 0, callbacks: more + [monitor, controller]).fit(1)
        }
        for lever in [NoiseScaleController.Lever.accumulation(1...8), .batchSize(4...16)] {
            let error = try #require(throws: CallbackError.self) { try fit(NoiseScaleMonitor(), lever) }
            #expect(
                "\(error.underlying)".contains("NoiseScaleController monitor") && "\(error)".contains("splittingInto"))
            try fit(NoiseScaleMonitor(splittingInto: 2), lever)
            try fit(NoiseScaleMonitor(perExample: true), lever)
        }
        try fit(NoiseScaleMonitor(), .accumulation(2...8))
        try fit(NoiseScaleMonitor(), .batchSize(4...16), [GradAccumulation(batches: 2)])
    }

    @Test func itNeedsItsMonitorAndGoodArguments() throws {
        let alone = NoiseScaleController(NoiseScaleMonitor(), moving: .batchSize(1...8), scaling: .none)
        let error = try #require(throws: CallbackError.self) { try Points.learner(callbacks: [alone]).fit(1) }
        #expect("\(error.underlying)".contains("not one of the run's callbacks"))
        let monitor = NoiseScaleMonitor(splittingInto: 2)
        let bad = [
            NoiseScaleController(monitor, moving: .batchSize(0...8), scaling: .none),
            NoiseScaleController(monitor, moving: .batchSize(1...8), every: 0, scaling: .none),
            NoiseScaleController(monitor, moving: .batchSize(1...8), ratio: 0, scaling: .none),
            NoiseScaleController(monitor, moving: .batchSize(1...8), maxFactor: 1, scaling: .none),
        ]
        for controller in bad {
            #expect(throws: CallbackError.self) { try Points.learner(callbacks: [monitor, controller]).fit(1) }
        }
        let both = try Points.learner(callbacks: [
            monitor, NoiseScaleController(monitor, moving: .batchSize(1...8), scaling: .none),
            BatchSizeScheduler([.epochs(1): 4], scaling: .none),
        ])
        let conflict = try #require(throws: CallbackError.self) { try both.fit(1) }
        #expect("\(conflict.underlying)".contains("both set the loop's batch size"))
    }
}
