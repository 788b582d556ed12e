import Hone
import Testing

/// k batches of b samples make the step of one batch of k · b.
@Suite struct AccumulationTests {
    /// Nine points in fixed order, and a small network: nine samples leave short batches and windows.
    static func learner(
        batchSize: Int, loss: any Loss = CrossEntropy(),
        optimizer: any UpdateRule = SGD(learningRate: 0.5, momentum: 0.5),
        callbacks: [any Callback] = []
    ) throws -> Learner {
        let data = try Points.dataset(9)
        let learner = Learner(
            try DataLoaders(train: DataLoader(data, batchSize: batchSize), valid: DataLoader(data, batchSize: 9)),
            model: Sequential(Linear(6, 5), ReLU(), Linear(5, 3)), loss: loss, optimizer: optimizer,
            callbacks: callbacks, handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        return learner
    }

    static func expectSame(_ a: Learner, _ b: Learner, _ comment: Comment) {
        let (x, y) = (a.arena.values, b.arena.values)
        #expect(zip(x, y).allSatisfy { isClose(Double($0), Double($1), 1e-5) }, comment)
        #expect(a.progress.step == b.progress.step, comment)
        let rows = zip(a.recorder.steps, b.recorder.steps)
        #expect(rows.allSatisfy { isClose($0.loss, $1.loss, 1e-5) }, comment)
        #expect(isClose(a.epochLoss, b.epochLoss, 1e-5), comment)
    }

    // The last window of an epoch is short for 2 × 2 (one sample) and 3 × 2 (three), with a short batch in it.
    @Test(arguments: [(3, 1), (3, 2), (3, 3), (2, 2), (2, 3), (1, 4), (4, 2), (4, 3)])
    func aWindowIsOneLargeBatch(_ batch: Int, _ count: Int) throws {
        let many = try Self.learner(batchSize: batch, callbacks: [GradAccumulation(batches: count)])
        let one = try Self.learner(batchSize: batch * count)
        for learner in [many, one] { try learner.fit(3) }
        Self.expectSame(many, one, "\(count) × \(batch)")
        #expect(many.run.totalSteps == one.run.totalSteps)
    }

    // Counts are sums of weights here, and differ from batch to batch.
    @Test(arguments: [
        CrossEntropy(weights: [0.5, 2, 1]), CrossEntropy(ignoring: 1),
        CrossEntropy(weights: [3, 1, 0.25], smoothing: 0.1),
    ])
    func aWindowIsOneLargeBatchForWeightedLabelsToo(_ loss: CrossEntropy) throws {
        let many = try Self.learner(batchSize: 2, loss: loss, callbacks: [GradAccumulation(batches: 3)])
        let one = try Self.learner(batchSize: 6, loss: loss)
        for learner in [many, one] { try learner.fit(3) }
        Self.expectSame(many, one, "\(loss)")
    }

    @Test func theOptimizerDoesNotMatter() throws {
        let many = try Self.learner(
            batchSize: 2, optimizer: Adam(learningRate: 0.05, epsilon: 1e-3), callbacks: [GradAccumulation(batches: 2)])
        let one = try Self.learner(batchSize: 4, optimizer: Adam(learningRate: 0.05, epsilon: 1e-3))
        for learner in [many, one] { try learner.fit(3) }
        Self.expectSame(many, one, "Adam")
    }

    /// Counts the samples of classes 1 and 2 alone, so that each batch has a weight of its own, and some have none.
    static var masked: FunctionLoss {
        FunctionLoss { prediction, target in
            let weights = target.integers.map { Float($0 == 0 ? 0 : 1) }
            let mask = Tensor(weights.flatMap { [$0, $0, $0] }, shape: [weights.count, 3])
            let difference = (prediction - mask) * mask
            return LossValue(sum: (difference * difference).sum(), count: Double(weights.reduce(0, +)))
        }
    }

    static let gentle = SGD(learningRate: 0.05)

    @Test(arguments: [(1, 2), (1, 9), (2, 2), (2, 5), (3, 3)])
    func batchesWeighByWhatTheirLossCounts(_ batch: Int, _ count: Int) throws {
        let many = try Self.learner(
            batchSize: batch, loss: Self.masked, optimizer: Self.gentle, callbacks: [GradAccumulation(batches: count)])
        let one = try Self.learner(batchSize: batch * count, loss: Self.masked, optimizer: Self.gentle)
        for learner in [many, one] { try learner.fit(2) }
        Self.expectSame(many, one, "\(count) × \(batch)")
        #expect(bits(many).allSatisfy { Float(bitPattern: $0).isFinite })
    }

    @Test func aBatchThatCountsNothingSpoilsNoMean() throws {
        let labels = try #require(Points.dataset(9).targets).integers
        #expect(labels.contains(0))
        let learner = try Self.learner(
            batchSize: 1, loss: Self.masked, optimizer: Self.gentle, callbacks: [TerminateOnNaN()])
        #expect("\(try learner.fit(1))" == "completed")
        #expect(learner.epochLoss.isFinite && learner.smoothedLoss.isFinite)
        #expect(learner.recorder.steps.count == 9)
        #expect(learner.recorder.steps.filter { $0.loss.isNaN }.count == labels.filter { $0 == 0 }.count)
    }

    @Test func aWindowOfSamplesStepsAsSoonAsTheyAreThere() throws {
        /// The samples that each step has seen.
        func steps(batchSize: Int, _ callback: GradAccumulation) throws -> [Int] {
            let learner = try Self.learner(batchSize: batchSize, callbacks: [callback])
            var counts: [Int] = []
            var open = 0
            learner.add(
                Listener { event, learner in
                    if event == .afterBackward { open += learner.batch.count }
                    if event == .afterStep { counts.append(open) }
                    if event == .afterStep { open = 0 }
                })
            try learner.fit(1)
            #expect(learner.run.totalSteps == counts.count)
            return counts
        }
        #expect(try steps(batchSize: 2, GradAccumulation(samples: 4)) == [4, 4, 1])
        #expect(try steps(batchSize: 2, GradAccumulation(samples: 5)) == [6, 3])
        #expect(try steps(batchSize: 4, GradAccumulation(samples: 1)) == [4, 4, 1])
        #expect(try steps(batchSize: 2, GradAccumulation(samples: 100)) == [9])
        #expect(try steps(batchSize: 3, GradAccumulation(batches: 100)) == [9])
    }

    @Test func windowsOfSamplesAndOfBatchesAgree() throws {
        let samples = try Self.learner(batchSize: 2, callbacks: [GradAccumulation(samples: 4)])
        let batches = try Self.learner(batchSize: 2, callbacks: [GradAccumulation(batches: 2)])
        for learner in [samples, batches] { try learner.fit(2) }
        #expect(bits(samples) == bits(batches))
    }

    @Test func noGradientLeaksIntoTheNextFit() throws {
        // The first fit ends within a window.
        let learner = try Self.learner(batchSize: 2, callbacks: [GradAccumulation(batches: 4)])
        let stopper = Listener { event, learner in
            if event == .afterBatch, learner.isTraining, learner.run.batch == 1 { learner.request(.stop("here")) }
        }
        let start = bits(learner)
        try learner.withCallbacks(stopper) { try learner.fit(1) }
        #expect(bits(learner) == start && learner.progress.step == 0)
        let fresh = try Self.learner(batchSize: 2, callbacks: [GradAccumulation(batches: 4)])
        for learner in [learner, fresh] { try learner.fit(1) }
        #expect(bits(learner) == bits(fresh))
    }

    @Test func theWindowIsOfOneFitOnly() throws {
        let learner = try Self.learner(batchSize: 3)
        try learner.fit(1, callbacks: [GradAccumulation(batches: 3)])
        #expect(learner.run.step == 1)
        try learner.fit(1)
        #expect(learner.run.step == 3)
    }

    @Test(arguments: [0, -2]) func aWindowBelowOneIsRefused(_ size: Int) throws {
        for callback in [GradAccumulation(batches: size), GradAccumulation(samples: size)] {
            let learner = try Self.learner(batchSize: 3, callbacks: [callback])
            let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
            #expect("\(error.underlying)" == "GradAccumulation window is \(size), expected at least 1")
        }
    }
}
