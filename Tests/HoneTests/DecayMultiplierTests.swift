import Hone
import Testing

/// Weight decay that follows the schedule's multiplier alone, through runs.
@Suite struct DecayMultiplierTests {
    private static let decay = 0.5

    /// By which multiplier of λ each group's weights shrink at each step, with no gradient.
    private func multipliers(_ learner: Learner, _ fit: () throws -> Void) throws -> [[Double]] {
        var found = learner.optimizer.groups.map { _ in [Double]() }
        var before: [Float] = []
        func weights(_ learner: Learner) -> [Float] {
            learner.optimizer.groups.map {
                learner.arena.values[learner.arena.entries[$0.entries[0].lowerBound].range.lowerBound]
            }
        }
        let listener = Listener(phase: .decide) { event, learner in
            if event == .beforeStep {
                learner.arena.gradients.update(repeating: 0)
                before = weights(learner)
            } else if event == .afterStep {
                for (group, (a, b)) in zip(before, weights(learner)).enumerated() {
                    found[group].append((1 - Double(b) / Double(a)) / Self.decay)
                }
            }
        }
        try learner.withCallbacks(listener, body: fit)
        return found
    }

    private func learner(_ rule: any UpdateRule = AdamW(weightDecay: decay, decay: .decoupledFromRate)) throws
        -> Learner
    {
        try Points.learner(optimizer: rule, batchSize: 5, groups: .startingAt(["3"]))
    }

    private func expect(_ found: [[Double]], _ expected: [Double]) {
        #expect(found.count == 2)
        for found in found {
            #expect(
                found.count == expected.count && zip(found, expected).allSatisfy { isClose($0, $1, 3e-6) }, "\(found)")
        }
    }

    @Test func aCyclesHighestRateIsAMultiplierOfOne() throws {
        let rules: [any UpdateRule] = [
            AdamW(weightDecay: Self.decay, decay: .decoupledFromRate),
            NAdam(weightDecay: Self.decay, decay: .decoupledFromRate),
            RAdam(weightDecay: Self.decay, decay: .decoupledFromRate),
        ]
        for rule in rules {
            let learner = try learner(rule)
            let fitted = { _ = try learner.fitOneCycle(2, lrMax: 3e-3) }
            expect(try multipliers(learner, fitted), ScheduleCallbackTests.rates)
        }
    }

    @Test func everyGroupHasTheSameMultiplierWhateverItsRate() throws {
        let learner = try learner()
        let fitted = { _ = try learner.fitOneCycle(2, lrMax: .spread(1e-5, 1e-3)) }
        expect(try multipliers(learner, fitted), ScheduleCallbackTests.rates)
        let constant = { _ = try learner.fit(1, lr: [1e-4, 0.3]) }
        expect(try multipliers(learner, constant), [Double](repeating: 1, count: 10))
    }

    @Test func aWarmupAndAScheduleWithoutBoundsAreMultipliersToo() throws {
        let learner = try learner()
        let warm = { _ = try learner.fit(1, lr: 0.01, callbacks: [Warmup(.steps(4))]) }
        expect(try multipliers(learner, warm), [0.25, 0.5, 0.75] + [Double](repeating: 1, count: 7))
        let custom = Schedule.custom("sawtooth") { 0.02 * (1 - $0) }
        let sawtooth = { _ = try learner.fit(1, callbacks: [ParameterScheduler([.learningRate: custom])]) }
        expect(try multipliers(learner, sawtooth), (0..<10).map { 1 - Double($0) / 10 })
    }

    @Test func aTwinAndASweepHaveMultipliersOfTheirOwn() throws {
        let learner = try learner()
        let twin = Schedule.linear(from: 0.2, to: 0.05).asBatchSize(base: 5, dataset: 48, max: 48)
        let grown = { _ = try learner.fit(1, callbacks: [BatchSizeScheduler(twin)]) }
        #expect(try multipliers(learner, grown)[0].allSatisfy { isClose($0, 1, 3e-6) })
        var found: [Double] = []
        let listener = Listener(joins: .probe, phase: .decide) { event, learner in
            if event == .beforeStep { found += learner.optimizer.groups.map(\.values.rateMultiplier) }
        }
        _ = try learner.withCallbacks(listener) { try learner.lrFind(steps: 8) }
        #expect(found.count >= 12 && found.allSatisfy { $0 == 1 })
    }

    @Test func afterARunTheFormerReferenceIsBack() throws {
        let learner = try learner()
        try learner.fitOneCycle(1, lrMax: 3e-3)
        #expect(learner.optimizer.referenceRates == [1e-3, 1e-3])
        learner.optimizer.referenceRates = [0.5, nil]
        _ = try learner.lrFind(steps: 8)
        #expect(learner.optimizer.referenceRates == [0.5, nil])
    }
}
