import Hone
import Testing

/// Batch sizes and accumulation windows that change during a fit.
@Suite struct BatchSizeSchedulerTests {
    /// What a fit did, over 48 shuffled points in batches of 4.
    private struct Course {
        var batches: [Int] = []
        var rates: [Double] = []
        var samples: [[Int]] = []
        var learner: Learner

        init(_ epochs: Int, _ callbacks: [any Callback], dropsLast: Bool = false) throws {
            let data = try Points.dataset(48)
            learner = Learner(
                try DataLoaders(
                    train: DataLoader(data, batchSize: 4, shuffles: true, dropsLast: dropsLast),
                    valid: DataLoader(data, batchSize: 48)),
                model: Sequential(Linear(6, 3)), loss: CrossEntropy(), optimizer: SGD(learningRate: 0.25),
                handlesInterrupt: false)
            learner.removeCallbacks(of: ProgressReporter.self)
            let log = Heard()
            let listener = Listener(phase: .persist) { event, learner in
                guard learner.isTraining else { return }
                if event == .beforeTrain { log.samples.append([]) }
                if event == .afterBackward {
                    log.batches.append(learner.batch.count)
                    log.samples[log.samples.count - 1] += learner.batch.indices
                }
                if event == .beforeStep { log.rates.append(learner.optimizer.learningRate) }
            }
            try learner.fit(epochs, callbacks: callbacks + [listener])
            (batches, rates, samples) = (log.batches, log.rates, log.samples)
        }
    }

    private final class Heard {
        var batches: [Int] = []
        var rates: [Double] = []
        var samples: [[Int]] = []
    }

    @Test func sizesChangeAtEpochsAndSteps() throws {
        let scheduler = BatchSizeScheduler([.epochs(1): 8, .steps(15): 16], scaling: .none)
        let course = try Course(3, [scheduler])
        #expect(
            course.batches == Array(repeating: 4, count: 12) + [8, 8, 8, 16, 8] + [16, 16, 16])
        #expect(course.samples.allSatisfy { $0.sorted() == Array(0..<48) })
        #expect(course.learner.run.step == 20 && course.learner.run.totalSteps == 20)
        #expect(scheduler.changes.map(\.batchSize) == [4, 8, 16] && scheduler.changes.map(\.step) == [0, 12, 15])
        #expect(course.learner.data.train.batchSize == 4)
    }

    @Test func theOrderOfSamplesIsThatWithoutChanges() throws {
        let plain = try Course(2, [])
        let changing = try Course(2, [BatchSizeScheduler([.samples(20): 12], scaling: .none)])
        #expect(plain.samples == changing.samples && plain.batches != changing.batches)
    }

    @Test func theRateFollowsTheRule() throws {
        for (rule, factor) in [(ScalingRule.linear, 4.0), (.squareRoot, 2), (.none, 1)] {
            let course = try Course(2, [BatchSizeScheduler([.epochs(1): 16], scaling: rule)])
            #expect(course.rates == Array(repeating: 0.25, count: 12) + Array(repeating: 0.25 * factor, count: 3))
            #expect(course.learner.optimizer.learningRate == 0.25)
        }
    }

    @Test func rateSchedulesEndWithTheRun() throws {
        let schedule = Schedule.linear(from: 1, to: 0)
        let course = try Course(
            2, [BatchSizeScheduler([.epochs(1): 16], scaling: .none), ParameterScheduler([.learningRate: schedule])])
        #expect(course.rates == (0..<15).map { schedule.value(at: $0, of: 15) })
    }

    @Test func aWindowKeepsItsSize() throws {
        // Steps of 3 batches; the size changes after 4 batches' samples, so from the third window on.
        let course = try Course(
            1, [GradAccumulation(batches: 3), BatchSizeScheduler([.samples(16): 8], scaling: .none)])
        #expect(course.batches == [4, 4, 4, 4, 4, 4, 8, 8, 8])
        #expect(course.learner.run.step == 3 && course.learner.run.totalSteps == 3)
    }

    @Test func aDroppedLastBatchIsThatOfThePresentSize() throws {
        let course = try Course(2, [BatchSizeScheduler([.samples(20): 10], scaling: .none)], dropsLast: true)
        #expect(course.batches == [4, 4, 4, 4, 4, 10, 10] + [10, 10, 10, 10])
        #expect(course.learner.run.totalSteps == 11)
        // After eleven batches four samples are left, too few for the larger batch.
        let short = try Course(2, [BatchSizeScheduler([.samples(44): 10], scaling: .none)], dropsLast: true)
        #expect(short.batches == Array(repeating: 4, count: 11) + [10, 10, 10, 10])
        #expect(short.learner.run.totalSteps == 15 && short.learner.epochIsComplete)
    }

    @Test func aScheduleOfSizesIsFollowedBySamples() throws {
        // As if all batches had 4 samples: the twelfth begins at sample 44.
        let course = try Course(
            2, [BatchSizeScheduler(.constant(4).then(.constant(12), at: 0.5), scaling: .linear)])
        #expect(course.batches == Array(repeating: 4, count: 12) + [12, 12, 12, 12])
        #expect(course.rates.last == 0.75)
        let stepped = try Course(
            1, [BatchSizeScheduler(.stepDecay(from: 4, gamma: 2, every: .steps(6)), scaling: .none)])
        #expect(stepped.batches == [4, 4, 4, 4, 4, 4, 8, 8, 8])
    }

    @Test func aTwinSetsSizeAndRate() throws {
        let twin = Schedule.cosine(from: 0.5, to: 0.1).asBatchSize(base: 4, dataset: 48, max: 8, rate: 0.5)
        let course = try Course(3, [BatchSizeScheduler(twin)])
        let expected = twin.updates(samples: 144)
        // An epoch's end cuts a batch short, and the next is where the samples say.
        var seen = 0
        for (batch, rate) in zip(course.batches, course.rates) {
            let setting = twin.at(samples: seen, of: 144)
            #expect(isClose(setting.rate, rate) && batch == min(setting.batchSize, 48 - seen % 48))
            seen += batch
        }
        #expect(seen == 144 && abs(course.batches.count - expected.count) <= 3)
        #expect(course.batches.contains(8) && course.rates.contains { $0 < 0.45 })
        #expect(course.learner.optimizer.learningRate == 0.25)
        #expect(BatchSizeScheduler(twin).writes == [.learningRate])
    }

    @Test func aRateScheduleEndsWithARunWhoseSizesFollowTheClock() throws {
        // The time passes before the fifth batch, wherever the planning put it.
        var batches = 0
        let sleeper = Listener { event, learner in
            guard event == .afterBatch, learner.isTraining else { return }
            batches += 1
            if batches == 4 { while learner.elapsedInRun < 0.3 {} }
        }
        let course = try Course(
            2,
            [
                BatchSizeScheduler([.minutes(0.3 / 60): 16], scaling: .none),
                ParameterScheduler([.learningRate: .linear(from: 1, to: 0)]), sleeper,
            ])
        let rates = course.rates
        #expect(course.learner.run.totalSteps == rates.count && isClose(course.learner.run.fraction, 1, 1e-9))
        let last = rates[rates.count - 2] - rates[rates.count - 1]
        #expect(isClose(rates[rates.count - 1], last, 1e-9))
    }

    @Test func badSizesAreRefused() throws {
        let wrongTwin = Schedule.constant(0.5).asBatchSize(base: 8, dataset: 48)
        let bad = [
            BatchSizeScheduler([.epochs(1): 0], scaling: .none), BatchSizeScheduler([.steps(-1): 4], scaling: .none),
            BatchSizeScheduler(.constant(0), scaling: .none), BatchSizeScheduler(wrongTwin),
            BatchSizeScheduler(.linear(from: 4, to: 8).over(.minutes(1)), scaling: .none),
        ]
        for scheduler in bad { #expect(throws: CallbackError.self) { try Course(1, [scheduler]) } }
        let two = { BatchSizeScheduler([.epochs(1): 8], scaling: .none) }
        let error = try #require(throws: CallbackError.self) { try Course(1, [two(), two()]) }
        #expect("\(error.underlying)".contains("both set the loop's batch size"))
        let rates = try #require(throws: CallbackPlanError.self) {
            try Course(
                1, [BatchSizeScheduler(Schedule.constant(0.5).asBatchSize(base: 4, dataset: 48)), OneCycle(lrMax: 1)])
        }
        #expect("\(rates)".contains("both set learningRate"))
    }

    @Test func accumulationFollowsASchedule() throws {
        // 12 batches an epoch: windows of 1, and of 4 in the second half.
        let course = try Course(2, [GradAccumulation(batches: .constant(1).then(.constant(4), at: 0.5))])
        #expect(course.rates.count == 15 && course.learner.run.totalSteps == 15)
        let samples = try Course(1, [GradAccumulation(samples: .stepDecay(from: 4, gamma: 2, every: .epochs(0.5)))])
        #expect(samples.rates.count == 9 && samples.learner.run.totalSteps == 9)
        #expect(throws: CallbackError.self) { try Course(1, [GradAccumulation(batches: .constant(0))]) }
        let sweep = try course.learner.withCallbacks(GradAccumulation(batches: .constant(3))) {
            try course.learner.lrFind(steps: 6)
        }
        #expect(sweep.losses.count == 6)
    }
}
