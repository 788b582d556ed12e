import Foundation
import Hone
import Testing

/// The range test beyond fastai's form: other spacings, other figures, groups, repeats.
@Suite struct RangeTestTests {
    @Test func ratesMayRiseInEqualDifferences() throws {
        let sweep = try LearningRateSweep(start: 0.1, end: 0.5, steps: 8, spacing: .linear)
        #expect((0...8).allSatisfy { isClose(sweep.rate(at: $0), 0.1 + 0.05 * Double($0), 1e-12) })
        let found = try Line.learner().lrFind(start: 0.1, end: 0.5, steps: 8, spacing: .linear)
        #expect(found.rates == (0..<8).map { sweep.rate(at: $0) })
    }

    @Test func theArticlesSettingsAreAPreset() throws {
        let sweep = LearningRateSweep.articles
        #expect(try sweep == LearningRateSweep(start: 1e-5, end: 1, steps: 100))
        #expect(try LearningRateSweep.standard == LearningRateSweep())
        let found = try Points.learner().lrFind(.articles)
        #expect(found.rates.first == 1e-5 && found.rates.count <= 100)
        #expect(throws: LearnerError.self) { try Points.learner().lrFind(found) }
    }

    @Test func theValidationLossIsThatAfterEachStep() throws {
        let sweep = try Line.learner().lrFind(start: 0.01, end: 0.3, steps: 7, by: .validLoss)
        var weight = Double(Line.start)
        for step in 0..<7 {
            let samples = Line.batches[step % 3]
            let slopes = samples.map { 2 * Double(Line.x[$0]) * (weight * Double(Line.x[$0]) - Double(Line.y[$0])) }
            weight -= sweep.rates[step] * slopes.reduce(0, +) / Double(samples.count)
            let errors = (0..<3).map { weight * Double(Line.x[$0]) - Double(Line.y[$0]) }
            #expect(isClose(sweep.losses[step], errors.reduce(0) { $0 + $1 * $1 } / 3, 1e-5))
        }
        // They are not smoothed.
        #expect(sweep.smoothedLosses == sweep.losses && sweep.losses.count == 7)
    }

    @Test func aLossBelowZeroDivergesOnlyWhenItRises() throws {
        var sweep = try LearningRateSweep(start: 0.1, end: 1, steps: 20, by: [-1, -1.1, -1.2, -1, 0])
        #expect(!sweep.hasDiverged && sweep.losses.count == 5)
        // The smoothed loss has to come from about −1.1 to more than 2.2.
        sweep.add(30)
        #expect(sweep.hasDiverged && sweep.isOver)
    }

    @Test func aLossThatIsNoNumberEndsTheSweep() throws {
        var steps = 0
        let loss = FunctionLoss { prediction, target in
            let whole = MeanSquaredError().evaluate(prediction, target)
            steps += 1
            return LossValue(sum: whole.sum * (steps > 15 ? Float.nan : 1), count: whole.count)
        }
        let sweep = try Line.learner(loss: loss).lrFind(start: 1e-3, end: 0.1, steps: 40)
        #expect(steps == 16 && sweep.losses.count == 16 && sweep.losses[15].isNaN)
        // What is read off is what a sweep to the end would have given.
        let whole = try LearningRateSweep(
            start: 1e-3, end: 0.1, steps: 40, by: sweep.losses + Array(repeating: .nan, count: 24))
        #expect(whole.losses.count == 40 && sweep.trimmed.losses == whole.trimmed.losses)
        #expect(sweep.trimmed.rates == whole.trimmed.rates && sweep.trimmed.losses.count == 11)
    }

    @Test func aNamedSetMayBeMeasured() throws {
        let (valid, other) = (try Points.dataset(20, seed: 10), try Points.dataset(30, seed: 12))
        func sweep(_ data: DataLoaders, _ figure: LearningRateSweep.Figure) throws -> LearningRateSweep {
            let learner = Learner(
                data, model: Linear(6, 3), loss: CrossEntropy(), optimizer: SGD(), metrics: [Accuracy()],
                handlesInterrupt: false)
            return try learner.lrFind(start: 1e-3, end: 1, steps: 8, by: figure)
        }
        let both = try DataLoaders(train: Points.dataset(), valid: valid, batchSize: 8)
            .validating("other", on: DataLoader(other, batchSize: 16))
        let alone = try DataLoaders(train: Points.dataset(), valid: other, batchSize: 8)
        let accuracy = try sweep(both, .metric("other accuracy"))
        #expect(try accuracy.losses == sweep(alone, .metric("accuracy")).losses)
        #expect(accuracy.direction == .higherIsBetter && accuracy.losses.allSatisfy(\.isFinite))
        #expect(try sweep(both, .metric("other loss")).losses == sweep(alone, .validLoss).losses)
        #expect(try accuracy.losses != sweep(both, .metric("accuracy")).losses)
    }

    @Test func anAccuracyIsReadUpsideDown() throws {
        let learner = try Points.learner(dropout: 0)
        let before = bits(learner)
        let sweep = try learner.lrFind(start: 1e-5, end: 0.3, steps: 60, by: .metric("accuracy"))
        #expect(sweep.direction == .higherIsBetter && sweep.losses.allSatisfy { (0...1).contains($0) })
        let (base, peak) = (try sweep.suggestion(.base), try sweep.suggestion(.max))
        #expect(base < peak)
        let best = try #require(sweep.trimmed.losses.max())
        let place = try #require(sweep.trimmed.rates.firstIndex(of: peak))
        let start = try #require(sweep.trimmed.losses[...place].min())
        #expect(sweep.trimmed.losses[place] >= best - 0.05 * (best - start) - 1e-6)
        #expect(sweep.trimmed.losses[..<place].allSatisfy { $0 < best })
        #expect(bits(learner) == before && learner.progress.step == 0 && learner.validation == nil)
        #expect("\(sweep.plot())".isEmpty == false && sweep.figure.description == "accuracy")
    }

    @Test func theModelStaysInTrainingModeBetweenValidations() throws {
        let learner = try Points.learner(dropout: 0.5)
        let dropout = try #require(learner.model.modules.compactMap { $0.module as? Dropout }.first)
        var modes: [Bool] = []
        let listener = Listener(joins: .probe) { event, learner in
            if event == .afterForward { modes.append(dropout.isTraining && learner.isTraining) }
        }
        try learner.withCallbacks(listener) { _ = try learner.lrFind(steps: 8, by: .validLoss) }
        #expect(modes == Array(repeating: true, count: 8))
    }

    @Test func smithsBaseAndPeakAreWhereTheLossBeginsToFallAndToRise() throws {
        let rates = (0..<10).map { pow(10, Double($0) - 8) }
        let losses: [Double] = [2, 2, 2, 1.95, 1.5, 1, 0.6, 0.5, 0.7, 3]
        // From 2 to 0.5: 95 % of the way are left at 1.925.
        #expect(try LearningRateSweep.suggestion(.base, rates: rates, losses: losses) == rates[4])
        #expect(try LearningRateSweep.suggestion(.max, rates: rates, losses: losses) == rates[7])
        // 0.575 is the level with 5 % of the way left.
        #expect(try LearningRateSweep.suggestion(.max, rates: rates, losses: losses, flattens: true) == rates[7])
        let flat = losses.map { $0 == 0.6 ? 0.55 : $0 }
        #expect(try LearningRateSweep.suggestion(.max, rates: rates, losses: flat, flattens: true) == rates[6])
        let rising = try #require(throws: LearningRateSweep.NoSuggestion.self) {
            try LearningRateSweep.suggestion(.base, rates: rates, losses: rates)
        }
        #expect("\(rising)" == "no base suggestion: the curve does not get better at any rate")
        let falling = try #require(throws: LearningRateSweep.NoSuggestion.self) {
            try LearningRateSweep.suggestion(.max, rates: rates, losses: losses.sorted(by: >))
        }
        #expect("\(falling)".contains("still falls at the highest rate, 1.0e+01"))
    }

    @Test func oneGroupsRateIsSweptAlone() throws {
        let learner = try Points.learner(groups: .startingAt(["3"]))
        try learner.fit(0, lr: [0.25, 0.5])
        var rates: [[Double]] = []
        let listener = Listener(joins: .probe) { event, learner in
            if event == .beforeStep { rates.append(learner.optimizer.groups.compactMap { $0.values[.learningRate] }) }
        }
        let sweep = try learner.withCallbacks(listener) { try learner.lrFind(steps: 6, group: 0) }
        #expect(rates.map { $0[0] } == sweep.rates && rates.allSatisfy { $0[1] == 0.5 })
        #expect(learner.optimizer.groups.map { $0.values[.learningRate] } == [0.25, 0.5])
        #expect(throws: CallbackError.self) { try learner.lrFind(steps: 6, group: 2) }
    }

    @Test func aStepOfASweepAccumulatesAsAFitsDoes() throws {
        let learner = try Line.learner(callbacks: [GradAccumulation(batches: 3)])
        let sweep = try learner.lrFind(start: 0.01, end: 0.1, steps: 6)
        // One step is a whole epoch: the first loss is that of all five samples.
        let errors = (0..<5).map { Double(Line.start) * Double(Line.x[$0]) - Double(Line.y[$0]) }
        #expect(isClose(sweep.losses[0], errors.reduce(0) { $0 + $1 * $1 } / 5, 1e-6) && sweep.losses.count == 6)
    }

    @Test func repeatsGiveAMedianInABand() throws {
        let learner = try Points.learner()
        let settings = try LearningRateSweep(start: 1e-4, end: 1, steps: 40)
        let before = (bits(learner), learner.progress)
        let repeated = try learner.lrFind(repeats: 5, settings)
        #expect(bits(learner) == before.0 && learner.progress == before.1)
        let single = try learner.lrFind(settings)
        #expect(repeated.sweeps.count == 5 && repeated.sweeps[0] == single)
        #expect(repeated.sweeps[0].losses != repeated.sweeps[1].losses)
        let count = repeated.rates.count
        #expect(count > 20 && repeated.median.count == count)
        for index in 0..<count {
            let sorted = repeated.sweeps.map { $0.trimmed.losses[index] }.sorted()
            #expect(repeated.median[index] == sorted[2])
            #expect(repeated.lower[index] == sorted[1] && repeated.upper[index] == sorted[3])
        }
        let valleys = try repeated.sweeps.map { try $0.suggestion(.valley) }.sorted()
        #expect(try repeated.suggestion(.valley) == valleys[2])
        #expect(repeated.spread(.valley) == valleys[0]...valleys[4])
        #expect(repeated.plot().svg().contains("5 times"))
        #expect(throws: LearnerError.self) { try learner.lrFind(repeats: 0, settings) }
        let short = try learner.lrFind(repeats: 2, LearningRateSweep(steps: 6))
        let error = try #require(throws: LearningRateSweep.NoSuggestion.self) { try short.suggestion(.slide) }
        #expect(error.reason.hasPrefix("2 of 2 sweeps have none: "))
    }

    @Test func whatCannotBeMeasuredIsRefused() throws {
        #expect(throws: CallbackError.self) { try Points.learner().lrFind(by: .metric("nothing")) }
        #expect(throws: CallbackError.self) { try Line.learner(valid: 0).lrFind(by: .validLoss) }
    }
}

extension LearningRateSweep {
    /// A sweep that has seen some losses.
    fileprivate init(start: Double, end: Double, steps: Int, by losses: [Double]) throws {
        try self.init(start: start, end: end, steps: steps)
        for loss in losses { add(loss) }
    }
}
