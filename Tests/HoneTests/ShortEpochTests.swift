import Hone
import Testing

/// Epochs that go through a few batches.
@Suite struct ShortEpochTests {
    /// 48 training samples and 20 to validate with, 8 and 4 to a batch.
    private func learner(dropsLast: Bool = false, batchSize: Int = 8, _ callbacks: any Callback...) throws -> Learner {
        let learner = Learner(
            try DataLoaders(
                train: DataLoader(Points.dataset(), batchSize: batchSize, shuffles: true, dropsLast: dropsLast),
                valid: DataLoader(Points.dataset(20, seed: 10), batchSize: 4)),
            model: Linear(6, 3), loss: CrossEntropy(), optimizer: SGD(learningRate: 0.125), metrics: [Accuracy()],
            callbacks: callbacks, handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        return learner
    }

    @Test func onlyTheFirstBatchesAreGoneThrough() throws {
        for (short, train, valid) in [
            (ShortEpoch(), 1, 1), (ShortEpoch(0.5), 3, 3), (ShortEpoch(0.51), 4, 3), (ShortEpoch(1), 6, 5),
            (ShortEpoch(batches: 2), 2, 2), (ShortEpoch(batches: 100), 6, 5),
            (ShortEpoch(0.5, shortensValidation: false), 3, 5),
        ] {
            let learner = try learner(short)
            var (trained, validated) = (0, 0)
            var isComplete: [Bool] = []
            let listener = Listener { event, learner in
                if event == .afterLoss { if learner.isTraining { trained += 1 } else { validated += 1 } }
                if event == .afterEpoch { isComplete.append(learner.epochIsComplete) }
            }
            try learner.fit(2, callbacks: [listener])
            #expect(trained == 2 * train && validated == 2 * valid && isComplete == [true, true])
            #expect(learner.run.step == 2 * train && learner.recorder.epochs.count == 2)
        }
    }

    @Test func schedulesEndWithTheRun() throws {
        let learner = try learner(ShortEpoch(0.5))
        let schedule = Schedule.linear(from: 1, to: 0.0625)
        try learner.withCallbacks(ParameterScheduler([.learningRate: schedule])) { try learner.fit(2) }
        #expect(learner.recorder.steps.map(\.learningRate) == (0..<6).map { schedule.value(at: $0, of: 6) })
    }

    @Test func anIntervalInEpochsIsOneOfShortEpochs() throws {
        func rates(_ interval: Interval) throws -> [Double] {
            let learner = try learner(ShortEpoch(batches: 2), Warmup(interval))
            try learner.fit(3)
            return learner.recorder.steps.map(\.learningRate)
        }
        #expect(try rates(.epochs(2)) == rates(.steps(4)))
        #expect(try rates(.epochs(2)) == rates(.samples(32)))
        var steps: [Int] = []
        let hook = Hook(.afterStep, every: .epochs(1)) { steps.append($0.run.step) }
        try learner(ShortEpoch(batches: 2), hook).fit(3)
        #expect(steps == [2, 4, 6])
    }

    @Test func thePlannedStepsAreThoseThatAreTaken() throws {
        let makers: [() -> [any Callback]] = [
            { [] },
            { [GradAccumulation(batches: 2)] },
            { [GradAccumulation(samples: 20)] },
            { [BatchSizeScheduler([.epochs(0.5): 4, .epochs(2): 16], scaling: .none)] },
            { [BatchSizeScheduler([.steps(1): 5, .fraction(0.5): 40], scaling: .none)] },
            { [BatchSizeScheduler([.samples(8): 3], scaling: .none), GradAccumulation(batches: 3)] },
        ]
        for (number, make) in makers.enumerated() {
            for short in [ShortEpoch(0.5), ShortEpoch(0.3), ShortEpoch(batches: 3), ShortEpoch(batches: 1)] {
                for dropsLast in [false, true] {
                    let learner = try learner(dropsLast: dropsLast, batchSize: 7)
                    try learner.fit(3, callbacks: [short] + make())
                    #expect(learner.run.step == learner.run.totalSteps, "\(number) \(short.length) \(dropsLast)")
                    #expect(learner.run.step > 0 && learner.recorder.epochs.count == 3)
                }
            }
        }
    }

    @Test func theLastWindowIsStepped() throws {
        let learner = try learner(ShortEpoch(batches: 3), GradAccumulation(batches: 2))
        var windows: [Int] = []
        var open = 0
        try learner.fit(
            2,
            callbacks: [
                .on(.afterBackward) { _ in open += 1 },
                .on(.afterStep) { _ in
                    windows.append(open)
                    open = 0
                },
            ])
        #expect(windows == [2, 1, 2, 1])
    }

    @Test func eachEpochHasOtherSamplesAndTheSameValidation() throws {
        var (trained, validated): ([[Int]], [[Int]]) = ([], [])
        let learner = try learner(ShortEpoch(batches: 1))
        let listener = Listener { event, learner in
            guard event == .afterForward else { return }
            if learner.isTraining {
                trained.append(learner.batch.indices)
            } else {
                validated.append(learner.batch.indices)
            }
        }
        try learner.fit(3, callbacks: [listener])
        #expect(Set(trained).count == 3 && Set(validated).count == 1)
    }

    @Test func aValidationOnItsOwnIsWhole() throws {
        let short = try learner(ShortEpoch(batches: 2, shortensValidation: true))
        try short.fit(1)
        let partial = try #require(short.validation)
        let first = try DataLoader(Subset(Points.dataset(20, seed: 10), Array(0..<8)), batchSize: 4)
        #expect(try short.validate(on: first) == partial)
        #expect(try short.validate() != partial)
    }

    @Test func aRehearsalGoesThroughNoMore() throws {
        let learner = try learner(ShortEpoch(batches: 1))
        var batches = 0
        let listener = Listener { event, learner in if event == .afterBatch, learner.isTraining { batches += 1 } }
        try learner.rehearse(4, callbacks: [listener])
        #expect(batches == 1 && learner.progress.step == 0)
    }

    @Test func lengthsOfNothingAreErrors() throws {
        for bad in [ShortEpoch(0), ShortEpoch(1.5), ShortEpoch(.nan), ShortEpoch(batches: 0)] {
            let learner = try learner(bad)
            let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
            #expect("\(error.underlying)".hasPrefix("ShortEpoch ") && learner.progress.microBatch == 0)
        }
        let error = try #require(throws: CallbackError.self) {
            try learner(ShortEpoch(0.5), ShortEpoch(batches: 3)).fit(1)
        }
        #expect("\(error.underlying)".contains("both set the loop's epoch length"))
    }
}
