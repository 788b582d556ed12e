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

    @Test func aRunWithAValueThatTheRuleCannotHaveIsRefused() throws {
        let learner = try Line.learner(optimizer: SGD(learningRate: 0.1, momentum: 2))
        let error = OptimizerError.invalidValue(.momentum, value: 2, expected: "0 or more and below 1, for SGD")
        #expect(throws: error) { try learner.fit(1) }
        #expect(throws: error) { try learner.lrFind(steps: 6) }
        // One that a schedule comes to names the callback.
        let adam = try Line.learner(optimizer: Adam())
        #expect(throws: CallbackError.self) {
            try adam.fit(1, callbacks: [ParameterScheduler([.momentum: .linear(from: 0.5, to: 2)])])
        }
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

    // MARK: Policies

    /// The rates of a fit of two epochs of ten steps.
    private func rates(_ callback: any Callback, _ key: Hyperparameter = .learningRate) throws -> [Double] {
        let learner = try Points.learner(optimizer: SGD(learningRate: 0.25, momentum: 0.5), batchSize: 5)
        let values = try used(learner, key) { try learner.fit(2, callbacks: [callback]) }
        #expect(learner.optimizer.learningRate == 0.25)
        #expect(try learner.optimizer.value(of: .momentum) == 0.5)
        return values
    }

    @Test func cyclicalRatesAreSmiths() throws {
        // Values of the common implementations, for half cycles of four steps.
        let halving = [
            0.1, 0.325, 0.55, 0.775, 1, 0.775, 0.55, 0.325, 0.1, 0.2125, 0.325, 0.4375, 0.55, 0.4375, 0.325, 0.2125,
            0.1,
        ]
        let cycle = CyclicalLR(base: 0.1, peak: 1.0, halfCycle: .steps(4), envelope: .halving)
        expectClose(Array(try rates(cycle).prefix(17)), halving)
        let amplitude = [
            0.1, 0.3025, 0.4645, 0.592075, 0.69049, 0.498581, 0.339148, 0.207617, 0.1, 0.18717, 0.256905, 0.311822,
            0.354187, 0.271576, 0.202946, 0.146326, 0.1,
        ]
        let decaying = CyclicalLR(
            base: 0.1, peak: 1.0, halfCycle: .steps(4), envelope: .exponentialAmplitude(gamma: 0.9))
        expectClose(Array(try rates(decaying).prefix(17)), amplitude, 1e-6)
    }

    @Test func theMomentumOfACycleIsItsInverse() throws {
        let cycle = { CyclicalLR(base: 0.1, peak: 1.0, halfCycle: .steps(5), window: .hann) }
        let pairs = zip(try rates(cycle()), try rates(cycle(), .momentum))
        #expect(pairs.allSatisfy { isClose(($0 - 0.1) / 0.9, (0.9 - $1) / 0.1, 1e-12) })
        let alone = CyclicalLR(base: 0.1, peak: 1.0, moms: nil)
        #expect(alone.writes == [.learningRate] && cycle().writes == [.learningRate, .momentum])
        #expect(try rates(alone, .momentum).allSatisfy { $0 == 0.5 })
    }

    @Test func flatCosineIsFlatAndThenFalls() throws {
        let values = try rates(FlatCosine(lr: 0.5, divFinal: 100, pctStart: 0.75))
        #expect(values.prefix(16).allSatisfy { $0 == 0.5 })
        expectClose(
            Array(values.suffix(5)),
            (0..<5).map { k in
                0.005 + 0.495 * (1 + [1, 0.809016994, 0.309016994, -0.309016994, -0.809016994][k]) / 2
            }, 1e-8)
    }

    @Test func sgdrRestarts() throws {
        let values = try rates(SGDR(lrMax: 1.0, first: .steps(4)))
        let expected = [
            1, 0.853553, 0.5, 0.146447, 1, 0.96194, 0.853553, 0.691342, 0.5, 0.308658, 0.146447, 0.03806, 1, 0.990393,
        ]
        expectClose(Array(values.prefix(14)), expected, 6e-7)
    }

    @Test func policiesTakeARateForEachGroup() throws {
        for callback in [
            FlatCosine(lr: .spread(0.1, 0.5)) as ParameterScheduler, SGDR(lrMax: .spread(0.1, 0.5)),
            CyclicalLR(base: .spread(0.1, 0.5), peak: .spread(0.2, 1)),
        ] {
            let learner = try Points.learner(batchSize: 5, groups: .startingAt(["3"]))
            var ratios: [Double] = []
            let listener = Listener { event, learner in
                guard event == .beforeStep else { return }
                let rates = learner.optimizer.groups.compactMap { $0.values[.learningRate] }
                ratios.append(rates[1] / rates[0])
            }
            try learner.fit(1, callbacks: [callback, listener])
            #expect(ratios.count == 10 && ratios.allSatisfy { isClose($0, 5, 1e-9) })
        }
    }

    @Test func twoPoliciesOfOneRateAreRefused() throws {
        let policies: [any Callback] = [
            OneCycle(lrMax: 1), CyclicalLR(base: 0.1, peak: 1.0), FlatCosine(lr: 1), SGDR(lrMax: 1),
        ]
        for first in policies {
            for second in policies where first !== second {
                let error = try #require(throws: CallbackPlanError.self) { try rates2([first, second]) }
                #expect(
                    error
                        == .conflict(
                            hyperparameter: "learningRate", first: first.identifier, second: second.identifier))
            }
            // A modifier goes with each.
            _ = try rates2([first, Warmup(.steps(2)), ReduceLROnPlateau()])
        }
    }

    private func rates2(_ callbacks: [any Callback]) throws {
        try Points.learner(optimizer: SGD(momentum: 0.5)).fit(1, callbacks: callbacks)
    }

    // MARK: Plateaus

    @Test func aPlateauLowersWhateverSetsTheRate() throws {
        // No loss is better than the first by 10: every epoch after it is bad.
        let plateau = ReduceLROnPlateau(monitor: .trainLoss, factor: 0.5, patience: 1, threshold: .absolute(10))
        let learner = try Line.learner()
        let schedule = Schedule.linear(from: 1.2, to: 0)
        let values = try used(learner) {
            try learner.fit(4, callbacks: [ParameterScheduler([.learningRate: schedule]), plateau])
        }
        // Bad epochs 1 and 2 exhaust a patience of 1; three steps an epoch.
        expectClose(values, (0..<12).map { (1.2 - 0.1 * Double($0)) * ($0 < 9 ? 1 : 0.5) })
        #expect(plateau.rule?.multiplier == 0.5 && learner.optimizer.learningRate == Line.rate)
        let alone = try used(learner) { try learner.fit(4, callbacks: [plateau]) }
        expectClose(alone, (0..<12).map { Line.rate * ($0 < 9 ? 1 : 0.5) })
    }

    @Test func floorsHoldForEachGroup() throws {
        let plateau = ReduceLROnPlateau(
            monitor: .trainLoss, factor: 0.1, patience: 0, threshold: .absolute(10), floors: [0.05, 0.001])
        let learner = try Points.learner(groups: .startingAt(["3"]))
        var last: [Double] = []
        let listener = Listener { event, learner in
            if event == .beforeStep { last = learner.optimizer.groups.compactMap { $0.values[.learningRate] } }
        }
        try learner.fit(3, lr: [0.1, 0.1], callbacks: [plateau, listener])
        expectClose(last, [0.05, 0.01])
        let wrong = ReduceLROnPlateau(floors: [0, 0, 0])
        #expect(throws: CallbackError.self) { try learner.fit(1, callbacks: [wrong]) }
    }

    @Test func aRateAtItsLimitsComesOffThemAtOnce() throws {
        // Thirty better epochs at the ceiling, and then bad ones.
        let rising = ReduceLROnPlateau(
            monitor: .metric("scripted"), factor: 0.5, patience: 0, floors: [0.01],
            raising: PlateauRule.Raising(factor: 2, patience: 0, ceiling: 0.4))
        let values = (0..<30).map { -Double($0) } + [0, 0]
        let learner = try Line.learner(valid: 2, metrics: [Scripted(values)])
        let rates = try used(learner) { try learner.fit(33, lr: 0.1, callbacks: [rising]) }
        #expect(rates[3 * 29] == 0.4 && isClose(rates[3 * 31], 0.2) && isClose(rates[3 * 32], 0.1))
        // And the reverse, at the floor.
        let falling = ReduceLROnPlateau(
            monitor: .metric("scripted"), factor: 0.5, patience: 0, floors: [0.01],
            raising: PlateauRule.Raising(factor: 2, patience: 0, ceiling: 0.4))
        let worse = [0] + Array(repeating: 1.0, count: 30) + [-1, -2]
        let other = try Line.learner(valid: 2, metrics: [Scripted(worse)])
        let low = try used(other) { try other.fit(34, lr: 0.1, callbacks: [falling]) }
        #expect(low[3 * 30] == 0.01 && isClose(low[3 * 32], 0.02) && isClose(low[3 * 33], 0.04))
    }

    @Test func groupsAtTheirLimitsDoNotWait() throws {
        let plateau = ReduceLROnPlateau(
            monitor: .metric("scripted"), factor: 0.5, patience: 0,
            raising: PlateauRule.Raising(factor: 2, patience: 0, ceiling: 0.4))
        let data = try Points.dataset()
        let learner = Learner(
            try DataLoaders(train: DataLoader(data, batchSize: 48), valid: DataLoader(data, batchSize: 48)),
            model: Sequential(Linear(6, 4), Linear(4, 3)), loss: CrossEntropy(), optimizer: SGD(),
            metrics: [Scripted((0..<6).map { -Double($0) } + [9])], groups: .startingAt(["1"]), handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        var last: [Double] = []
        let listener = Listener { event, learner in
            if event == .beforeStep { last = learner.optimizer.groups.compactMap { $0.values[.learningRate] } }
        }
        try learner.fit(8, lr: [0.001, 0.2], callbacks: [plateau, listener])
        // Six raises, of which the second group could follow one, and a drop.
        expectClose(last, [0.032, 0.2], 1e-9)
    }

    @Test func aMetricSaysItsDirectionAndBadRulesAreRefused() throws {
        let rising = ReduceLROnPlateau(monitor: .metric("accuracy"))
        try Points.learner(callbacks: [rising]).fit(1)
        #expect(rising.rule?.direction == .max && rising.rule?.best != nil)
        let bad = [
            ReduceLROnPlateau(monitor: .metric("nothing")), ReduceLROnPlateau(factor: 1),
            ReduceLROnPlateau(patience: -1),
        ]
        for callback in bad { #expect(throws: CallbackError.self) { try Points.learner(callbacks: [callback]).fit(1) } }
    }

    @Test func thePlateausStateComesBackWithASnapshotAndBeginsAnewWithAFit() throws {
        let plateau = ReduceLROnPlateau(monitor: .trainLoss, factor: 0.5, patience: 0, threshold: .absolute(10))
        let learner = try Line.learner(callbacks: [plateau])
        try learner.fit(2)
        let (snapshot, rule) = (try learner.snapshot(), try #require(plateau.rule))
        #expect(rule.multiplier == 0.5)
        try learner.fit(5)
        #expect(plateau.rule?.multiplier == 0.0625)
        try learner.restore(snapshot)
        #expect(plateau.rule == rule)
    }
}
