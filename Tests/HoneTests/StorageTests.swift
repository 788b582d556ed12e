import Hone
import Testing

/// Where tensors' memory goes. Counters are the learner's own, so that suites may run side by side.
@Suite struct StorageTests {
    /// The blocks of the learner's pool that are in use.
    private func live(_ learner: Learner) -> Int { learner.pool.statistics.liveBlocks }

    @Test func aFitLeavesNoBlockBehind() throws {
        let learner = try Points.learner()
        try learner.fit(2)
        #expect(learner.pool.statistics.allocations > 0)
        #expect(live(learner) == 0)
        _ = try learner.validate()
        _ = try learner.predictions()
        _ = try learner.lrFind(steps: 10)
        #expect(live(learner) == 0)
    }

    @Test(arguments: Event.allCases) func aRunThatThrewLeavesNoBlockBehind(_ event: Event) throws {
        let learner = try Points.learner()
        learner.add(Listener(joins: .all) { heard, _ in if heard == event { throw Oops() } })
        #expect(throws: CallbackError.self) {
            try learner.fit(1)
            _ = try learner.predictions()
        }
        #expect(live(learner) == 0)
    }

    @Test func aModelThatFailsInTheMiddleLeavesNoBlockBehind() throws {
        let learner = try Points.learner(model: Sequential(Linear(6, 64), ReLU(), Linear(128, 10)))
        #expect(throws: TensorError.self) { try learner.fit(1) }
        #expect(live(learner) == 0)
    }

    @Test func requestsLeaveNoBlockBehind() throws {
        for request in Request.all {
            for event in [Event.beforeBatch, .afterLoss, .afterBackward, .beforeStep] {
                let learner = try Points.learner(callbacks: [GradAccumulation(batches: 4)])
                learner.add(
                    Listener { heard, learner in if heard == event, learner.run.batch == 3 { learner.request(request) }
                    })
                try learner.fit(1)
                #expect(live(learner) == 0)
            }
        }
    }

    @Test func aTensorThatACallbackKeepsIsTheOnlyOneLeft() throws {
        let learner = try Points.learner()
        var kept: [Tensor] = []
        learner.add(Listener { event, learner in if event == .afterFit { kept = [Tensor.ones([4])] } })
        learner.add(Listener { event, learner in if event == .afterLoss { kept = [learner.prediction] } })
        try learner.fit(1)
        #expect(live(learner) == 1 && kept.count == 1)
        kept = []
        #expect(live(learner) == 0)
    }

    @Test func everyStepAllocatesAsMuch() throws {
        let learner = try Points.learner()
        var (allocations, fromSystem): ([UInt64], [UInt64]) = ([], [])
        learner.add(
            Listener { event, learner in
                guard event == .afterBatch, learner.isTraining else { return }
                allocations.append(learner.pool.statistics.allocations)
                fromSystem.append(learner.pool.statistics.systemAllocations)
            })
        try learner.fit(1)
        try learner.fit(1)
        // Six batches an epoch; between the two fits lies a validation.
        for epoch in [allocations.prefix(6), allocations.suffix(6)] {
            let perStep = zip(epoch.dropFirst(), epoch).map { $0 - $1 }
            #expect(Set(perStep).count == 1, "\(perStep)")
        }
        #expect(Set(fromSystem.suffix(6)).count == 1, "the second fit needs no new memory: \(fromSystem)")
    }

    @Test func aLearnerGoesWithTheLastReference() throws {
        weak var learner: Learner?
        weak var model: AnyObject?
        weak var recorder: AnyObject?
        func use(failing: Bool) throws {
            let own = try Points.learner(callbacks: [EarlyStopping(), TerminateOnNaN(), Warmup(.steps(3))])
            learner = own
            model = own.model
            recorder = own.recorder
            _ = try own.lrFind(steps: 6)
            own.replace(\.lossFunction, with: CrossEntropy())
            try own.fitOneCycle(1, lrMax: 0.01)
            _ = try own.predictions()
            if failing {
                own.add(Listener { event, _ in if event == .afterLoss { throw Oops() } })
                #expect(throws: CallbackError.self) { try own.fit(1) }
            }
        }
        for failing in [false, true] {
            try use(failing: failing)
            #expect(learner == nil && model == nil && recorder == nil)
        }
    }

    @Test func callbacksOfOneFitGoWithIt() throws {
        let learner = try Points.learner()
        weak var joined: AnyObject?
        weak var scoped: AnyObject?
        func fit() throws {
            let (one, two) = (EarlyStopping(), TerminateOnNaN())
            (joined, scoped) = (one, two)
            try learner.withCallbacks(two) { try learner.fit(1, callbacks: [one]) }
        }
        try fit()
        #expect(joined == nil && scoped == nil)
    }

    @Test func predictionsOutliveTheirLearner() throws {
        func predict() throws -> [Tensor] { try Points.learner(seed: 3).predictions() }
        let outputs = try predict()
        #expect(outputs.first?.shape == [20, 3])
        #expect(outputs.first?.scalars.allSatisfy(\.isFinite) == true)
    }
}
