import Foundation
import Hone
import Testing

/// The fits along schedules, step by step against their closed forms.
@Suite struct FitScheduleTests {
    private func cosine(_ start: Double, _ end: Double, _ share: Double) -> Double {
        end + (start - end) * (1 + cos(.pi * share)) / 2
    }

    private func expectRates(_ learner: Learner, _ expected: [Double]) {
        let rates = learner.recorder.steps.map(\.learningRate)
        #expect(rates.count == expected.count)
        for (step, (rate, value)) in zip(rates, expected).enumerated() {
            #expect(abs(rate - value) < 1e-12, "step \(step): \(rate), expected \(value)")
        }
    }

    @Test func flatCosIsFlatAndThenFalls() throws {
        // 8 epochs of 6 batches: 36 flat steps, then a cosine over 12.
        let learner = try Points.learner()
        let momentum = learner.optimizer.groups[0].base[.momentum]
        #expect(try learner.fitFlatCos(8, lr: 0.01).description == "completed")
        expectRates(
            learner, Array(repeating: 0.01, count: 36) + (0..<12).map { cosine(0.01, 0.01 / 1e5, Double($0) / 12) })
        #expect(learner.recorder.steps.allSatisfy { $0.momentum == momentum })
        #expect(learner.optimizer.learningRate == 0.01)
        let other = try Points.learner()
        try other.fitFlatCos(1, lr: 0.02, divFinal: 10, pctStart: 0.5)
        expectRates(other, [0.02, 0.02, 0.02] + (0..<3).map { cosine(0.02, 0.002, Double($0) / 3) })
    }

    @Test func sgdrRestartsInCyclesThatGrow() throws {
        // 1 + 2 + 4 epochs of 6 batches.
        let learner = try Points.learner()
        try learner.fitSGDR(3, cycleLength: 1, lrMax: 0.01)
        expectRates(
            learner,
            [6, 12, 24].flatMap { length in (0..<length).map { cosine(0.01, 0, Double($0) / Double(length)) } })
        #expect(learner.recorder.epochs.count == 7)
    }

    @Test func sgdrOfEqualCyclesAndOfOneThatIsThreeTimesAsLong() throws {
        let learner = try Points.learner()
        try learner.fitSGDR(2, cycleLength: 2, cycleMultiplier: 1, lrMax: 0.01)
        expectRates(learner, (0..<24).map { cosine(0.01, 0, Double($0 % 12) / 12) })
        let other = try Points.learner()
        try other.fitSGDR(2, cycleLength: 1, cycleMultiplier: 3, lrMax: 0.01)
        expectRates(
            other, [6, 18].flatMap { length in (0..<length).map { cosine(0.01, 0, Double($0) / Double(length)) } })
    }

    @Test func cyclesThatCannotBeCountedAreErrors() throws {
        let learner = try Points.learner()
        for (cycles, length, multiplier) in [(0, 1, 2), (1, 0, 2), (1, 1, 0), (70, 1, 2)] {
            #expect(throws: LearnerError.self) {
                try learner.fitSGDR(cycles, cycleLength: length, cycleMultiplier: multiplier, lrMax: 0.01)
            }
        }
        #expect(learner.progress.step == 0)
    }

    @Test func cyclicIsSmithsTriangleWithTheMomentumAgainstIt() throws {
        // Half a cycle is 3 steps of 6: c = ⌊1 + t/2s⌋, x = |t/s − 2c + 1|, lr = low + (high − low) max(0, 1 − x).
        func triangle(_ step: Int) -> Double {
            let cycle = floor(1 + Double(step) / 6)
            return max(0, 1 - abs(Double(step) / 3 - 2 * cycle + 1))
        }
        let learner = try Points.learner(optimizer: SGD(momentum: 0.5))
        try learner.fitCyclic(2, lrMin: 0.001, lrMax: 0.006, stepSize: .steps(3))
        expectRates(learner, (0..<12).map { 0.001 + 0.005 * triangle($0) })
        for (step, row) in learner.recorder.steps.enumerated() {
            #expect(isClose(try #require(row.momentum), 0.9 - 0.1 * triangle(step), 1e-12))
        }
        #expect(learner.optimizer.groups[0].base[.momentum] == 0.5)
        let halving = try Points.learner()
        try halving.fitCyclic(2, lrMin: 0.001, lrMax: 0.005, stepSize: .epochs(0.5), envelope: .halving, moms: nil)
        expectRates(halving, (0..<12).map { 0.001 + 0.004 * triangle($0) / ($0 < 6 ? 1 : 2) })
        #expect(halving.recorder.steps.allSatisfy { $0.momentum == 0.9 })
    }

    @Test func boundsThatFallLeaveTheMomentumBetweenItsOwn() throws {
        let learner = try Points.learner(optimizer: SGD(momentum: 0.5))
        try learner.fitCyclic(
            10, lrMin: 0.001, lrMax: 0.006, stepSize: .steps(3), envelope: .exponentialBounds(gamma: 0.9))
        #expect(learner.recorder.steps.allSatisfy { (0.8...0.9).contains($0.momentum ?? .nan) })
        #expect(try #require(learner.recorder.steps.last).learningRate < 0.001)
    }

    @Test func everyFitValidatesWithinEpochsWhenAskedTo() throws {
        func steps(_ body: (Learner) throws -> FitOutcome) throws -> [Int] {
            let learner = try Points.learner(groups: .startingAt(["3"]))
            _ = try body(learner)
            return learner.recorder.validations.map(\.step)
        }
        let every = Interval.steps(4)
        #expect(try steps { try $0.fit(1, lr: 0.01, validateEvery: every) } == [4])
        #expect(try steps { try $0.fitOneCycle(1, lrMax: 0.01, validateEvery: every) } == [4])
        #expect(try steps { try $0.fitFlatCos(1, lr: 0.01, validateEvery: every) } == [4])
        #expect(try steps { try $0.fitSGDR(1, cycleLength: 1, lrMax: 0.01, validateEvery: every) } == [4])
        #expect(try steps { try $0.fitCyclic(1, lrMin: 0.01, lrMax: 0.02, validateEvery: every) } == [4])
        #expect(try steps { try $0.fineTune(1, validateEvery: every) } == [4, 10])
    }

    @Test func fineTuneHasFastaisTwoParts() throws {
        let learner = try Points.learner(groups: .startingAt(["3"]))
        var rates: [[Double]] = []
        var trained: [Int] = []
        let listener = Listener { event, learner in
            guard event == .beforeStep else { return }
            rates.append(try (0..<2).map { try learner.optimizer.value(of: .learningRate, group: $0) })
            trained.append(learner.arena.entries.count { $0.parameter.isTrainable })
        }
        try learner.fineTune(2, callbacks: [listener])
        #expect(trained == Array(repeating: 2, count: 6) + Array(repeating: 4, count: 12))
        #expect(learner.recorder.epochs.map(\.fit) == [0, 1, 1])
        /// fastai's cycle: from peak / div up over `share` of the steps, then down to peak / 1e5.
        func cycle(_ step: Int, of total: Int, _ peak: Double, div: Double, share: Double) -> Double {
            let place = Double(step) / Double(total)
            return place < share
                ? cosine(peak / div, peak, place / share) : cosine(peak, peak / 1e5, (place - share) / (1 - share))
        }
        for step in 0..<6 {
            // slice(base_lr): a tenth of it for all groups but the last.
            #expect(isClose(rates[step][0], cycle(step, of: 6, 2e-4, div: 25, share: 0.99), 1e-9))
            #expect(isClose(rates[step][1], cycle(step, of: 6, 2e-3, div: 25, share: 0.99), 1e-9))
        }
        for step in 0..<12 {
            #expect(isClose(rates[6 + step][0], cycle(step, of: 12, 1e-5, div: 5, share: 0.3), 1e-9))
            #expect(isClose(rates[6 + step][1], cycle(step, of: 12, 1e-3, div: 5, share: 0.3), 1e-9))
        }
    }

    @Test func fineTuneOfAModelOfOneGroupTrainsAll() throws {
        let learner = try Points.learner()
        try learner.fineTune(1, baseLR: 0.01, freezeEpochs: 2)
        #expect(learner.recorder.epochs.map(\.fit) == [0, 0, 1])
        #expect(isClose(try #require(learner.recorder.steps.last(where: { $0.fit == 1 })).learningRate, 0.000337, 0.5))
    }

    @Test func aFineTuneThatCannotRunFreezesNothing() throws {
        let learner = try Points.learner(groups: .startingAt(["3"]))
        #expect(throws: LearnerError.epochs(-1)) { try learner.fineTune(-1) }
        #expect(throws: LearnerError.epochs(-2)) { try learner.fineTune(1, freezeEpochs: -2) }
        #expect(throws: ScheduleError.self) { try learner.fineTune(1, baseLR: -1) }
        #expect(throws: ScheduleError.self) { try learner.fineTune(1, pctStart: 2) }
        #expect(throws: ScheduleError.self) { try learner.fineTune(1, div: 0) }
        #expect(learner.arena.entries.allSatisfy { $0.parameter.isTrainable } && learner.progress.step == 0)
    }

    @Test func ratesOutOfRangeAreErrorsOfEveryFit() throws {
        let learner = try Points.learner()
        #expect(throws: ScheduleError.self) { try learner.fitFlatCos(1, lr: 0) }
        #expect(throws: ScheduleError.self) { try learner.fitFlatCos(1, lr: [0.1, 0.2]) }
        #expect(throws: ScheduleError.self) { try learner.fitSGDR(1, cycleLength: 1, lrMax: -1) }
        #expect(throws: ScheduleError.self) { try learner.fitCyclic(1, lrMin: 0, lrMax: 1) }
        #expect(throws: CallbackError.self) { try learner.fitFlatCos(1, lr: 0.1, divFinal: 0) }
        #expect(throws: CallbackError.self) { try learner.fitCyclic(1, lrMin: 0.1, lrMax: 1, stepSize: .steps(0)) }
        #expect(learner.progress.step == 0)
    }
}
