import Hone
import Testing

/// Callbacks that set hyper-parameters.
@Suite struct ScheduleCallbackTests {
    /// What the optimizer used at each step.
    private func used(
        _ learner: Learner, _ key: Hyperparameter = .learningRate, group: Int? = nil, _ body: () throws -> Void
    )
        throws -> [Double]
    {
        var values: [Double] = []
        let listener = Listener { event, learner in
            if event == .beforeStep { values.append(try learner.optimizer.value(of: key, group: group)) }
        }
        try learner.withCallbacks(listener, body: body)
        return values
    }

    private func expectClose(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-12) {
        #expect(a.count == b.count && zip(a, b).allSatisfy { isClose($0, $1, tolerance) }, "\(a) \(b)")
    }

    // fastai's values for 20 steps, to six decimals.
    static let rates = [
        0.04, 0.131672, 0.371672, 0.668328, 0.908328, 1, 0.989074, 0.956773, 0.904509, 0.834567, 0.750003, 0.654512,
        0.552269, 0.447741, 0.345498, 0.250007, 0.165443, 0.095501, 0.043237, 0.010936,
    ]
    static let momenta = [
        0.95, 0.940451, 0.915451, 0.884549, 0.859549, 0.85, 0.851093, 0.854323, 0.859549, 0.866543, 0.875, 0.884549,
        0.894774, 0.905226, 0.915451, 0.925, 0.933457, 0.940451, 0.945677, 0.948907,
    ]

    @Test func oneCycleIsFastais() throws {
        // 48 points in 10 batches, twice.
        for optimizer in [SGD(momentum: 0.5) as any UpdateRule, Adam()] {
            let learner = try Points.learner(optimizer: optimizer, batchSize: 5)
            try learner.fitOneCycle(2, lrMax: 1)
            expectClose(learner.recorder.steps.map(\.learningRate), Self.rates, 6e-7)
            expectClose(learner.recorder.steps.compactMap(\.momentum), Self.momenta, 6e-7)
        }
    }

    @Test func oneCycleScalesWithTheRateAndEndsAtTheSameShares() throws {
        let learner = try Points.learner(batchSize: 5)
        try learner.fitOneCycle(2, lrMax: 3e-3)
        expectClose(learner.recorder.steps.map { $0.learningRate / 3e-3 }, Self.rates, 6e-7)
    }

    @Test func oneCycleTakesARateForEachGroup() throws {
        let learner = try Points.learner(batchSize: 5, groups: .startingAt(["3"]))
        let body = { try learner.fitOneCycle(2, lrMax: .spread(0.1, 0.5)) }
        expectClose(try used(learner, group: 0) { _ = try body() }, Self.rates.map { 0.1 * $0 }, 1e-6)
        expectClose(try used(learner, group: 1) { _ = try body() }, Self.rates.map { 0.5 * $0 }, 1e-6)
        #expect(throws: ScheduleError.self) { try learner.fitOneCycle(1, lrMax: [0.1, 0.2, 0.3]) }
        #expect(throws: ScheduleError.self) { try learner.fitOneCycle(1, lrMax: 0) }
    }

    /// A rule without momentum.
    private struct Descent: UpdateRule {
        let name = "Descent"
        let defaults: HyperparameterValues = [.learningRate: 0.125]
        func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
            for index in 0..<stretch.count {
                stretch.parameters[index] -= Float(values[.learningRate] ?? 0) * stretch.gradients[index]
            }
        }
    }

    @Test func oneCycleWithoutMomentumCyclesTheRateAlone() throws {
        let learner = try Points.learner(optimizer: Descent(), batchSize: 5)
        try learner.fitOneCycle(2, lrMax: 1)
        expectClose(learner.recorder.steps.map(\.learningRate), Self.rates, 6e-7)
        #expect(learner.recorder.steps.allSatisfy { $0.momentum == nil })
    }

    @Test func aScheduleIsFollowedStepByStep() throws {
        let learner = try Line.learner()
        let schedule = Schedule.cosine(from: 0.5, to: 0.1)
        let values = try used(learner) {
            try learner.fit(4, callbacks: [ParameterScheduler([.learningRate: schedule])])
        }
        expectClose(values, (0..<12).map { schedule.value(at: $0, of: 12) })
    }

    @Test func aScheduleAdvancesWithStepsAndNotWithBatches() throws {
        let learner = try Line.learner(callbacks: [GradAccumulation(batches: 2)])
        let schedule = Schedule.linear(from: 1, to: 0)
        let values = try used(learner) {
            try learner.fit(3, callbacks: [ParameterScheduler([.learningRate: schedule])])
        }
        expectClose(values, (0..<6).map { 1 - Double($0) / 6 })
    }

    @Test func everyFitBeginsItsScheduleAnew() throws {
        let learner = try Line.learner(callbacks: [ParameterScheduler([.learningRate: .linear(from: 1, to: 0)])])
        let first = try used(learner) { try learner.fit(1) }
        #expect(try used(learner) { try learner.fit(1) } == first)
    }

    @Test func anyHyperparameterOfAnyGroupCanBeScheduled() throws {
        let learner = try Points.learner(optimizer: Adam(weightDecay: 0.1), batchSize: 12, groups: .startingAt(["3"]))
        let scheduler = ParameterScheduler(byGroup: [
            .weightDecay: [.linear(from: 0.4, to: 0), .constant(0.3)], .beta2: [.linear(from: 0.9, to: 0.5)],
        ])
        let fit = { _ = try learner.fit(1, callbacks: [scheduler]) }
        expectClose(try used(learner, .weightDecay, group: 0, fit), [0.4, 0.3, 0.2, 0.1])
        expectClose(try used(learner, .weightDecay, group: 1, fit), [0.3, 0.3, 0.3, 0.3])
        expectClose(try used(learner, .beta2, group: 0, fit), [0.9, 0.8, 0.7, 0.6])
        #expect(try learner.optimizer.value(of: .weightDecay, group: 0) == 0.1)
        #expect(try learner.optimizer.value(of: .beta2) == 0.999)
    }

    @Test func theFormerValuesComeBackHoweverTheFitEnds() throws {
        for ending in [Request.stop("enough"), nil] {
            let learner = try Points.learner(groups: .startingAt(["3"]))
            try learner.optimizer.set(.learningRate, to: 0.25, group: 0)
            learner.add(
                Listener { event, learner in
                    guard event == .afterStep, learner.run.step == 3 else { return }
                    guard let ending else { throw Oops() }
                    learner.request(ending)
                })
            _ = try? learner.fitOneCycle(1, lrMax: 1)
            #expect(learner.progress.step == 3)
            #expect(learner.optimizer.groups.map { $0.values[.learningRate] } == [0.25, 0.01])
            #expect(learner.optimizer.groups.map { $0.values[.momentum] } == [0.9, 0.9])
        }
    }

    @Test func whatTheOptimizerLacksCannotBeScheduled() throws {
        let learner = try Line.learner(callbacks: [ParameterScheduler([.beta2: .constant(0.5)])])
        let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
        #expect(error.callback == "ParameterScheduler" && error.event == .beforeFit)
        #expect("\(error.underlying)".hasPrefix("SGD has no hyper-parameter beta2; it has learningRate"))
    }

    @Test func schedulesMustFitTheGroupsAndBeValid() throws {
        let learner = try Line.learner()
        let two = ParameterScheduler(byGroup: [.learningRate: [.constant(1), .constant(2)]])
        let wrong = try #require(throws: CallbackError.self) { try learner.fit(1, callbacks: [two]) }
        #expect(
            "\(wrong.underlying)"
                == "schedules of learningRate is 2 schedules, expected one, or one for each of 1 groups")
        let invalid = OneCycle(lrMax: 1, div: 0)
        let error = try #require(throws: CallbackError.self) { try learner.fit(1, callbacks: [invalid]) }
        #expect(error.underlying is ScheduleError)
        #expect(learner.optimizer.learningRate == Line.rate && learner.progress.microBatch == 0)
    }

    @Test func warmupRisesToTheFullRateInItsLastStep() throws {
        let quarters = [0.25, 0.5, 0.75, 1, 1, 1]
        for length in [Interval.steps(4), .epochs(4.0 / 3), .fraction(4.0 / 6)] {
            let learner = try Line.learner()
            let values = try used(learner) { try learner.fit(2, callbacks: [Warmup(length)]) }
            expectClose(values, quarters.map { $0 * Line.rate })
            #expect(learner.optimizer.learningRate == Line.rate)
        }
        let learner = try Line.learner()
        let values = try used(learner) { try learner.fit(1, callbacks: [Warmup(.steps(2), from: 0.5)]) }
        expectClose(values, [0.75, 1, 1].map { $0 * Line.rate })
    }

    @Test func aWarmupOfNoLengthDoesNothing() throws {
        for length in [Interval.steps(0), .epochs(0), .minutes(0), .steps(1), .samples(0)] {
            let learner = try Line.learner()
            #expect(try used(learner) { try learner.fit(1, callbacks: [Warmup(length)]) } == [0.125, 0.125, 0.125])
        }
    }

    @Test func warmupInSamplesFollowsTheSamplesOfAStep() throws {
        // Five samples in three steps: ten of them are six steps.
        let learner = try Line.learner()
        let values = try used(learner) { try learner.fit(2, callbacks: [Warmup(.samples(10))]) }
        expectClose(values, (1...6).map { Line.rate * Double($0) / 6 })
    }

    @Test func warmupRefusesBadArguments() throws {
        for callback in [Warmup(.steps(-1)), Warmup(.steps(1), from: -0.1), Warmup(.steps(1), from: 1.5)] {
            let learner = try Line.learner(callbacks: [callback])
            let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
            #expect("\(error.underlying)".hasPrefix("Warmup "))
        }
    }

    @Test func theRateOfAFitStays() throws {
        let learner = try Points.learner(groups: .startingAt(["3"]))
        try learner.fit(0, lr: 0.5)
        #expect(learner.optimizer.groups.map { $0.base[.learningRate] } == [0.5, 0.5])
        try learner.fit(0, lr: [0.25, 0.75])
        try learner.fit(0)
        #expect(learner.optimizer.groups.map { $0.base[.learningRate] } == [0.25, 0.75])
        try learner.fit(0, lr: .stop(0.5))
        #expect(learner.optimizer.groups.map { $0.base[.learningRate] } == [0.05, 0.5])
    }
}
