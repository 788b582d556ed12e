import Hone
import Testing

/// The same seed gives the same bits; nothing but the seed matters.
@Suite struct ReproducibilityTests {
    /// The bits of a fit with shuffling, dropout and the one-cycle policy.
    static func train(seed: UInt64, dropout: Float = 0.25) throws -> [UInt32] {
        let learner = try Points.learner(seed: seed, dropout: dropout)
        try learner.fitOneCycle(2, lrMax: 0.02)
        return bits(learner)
    }

    @Test func theSameSeedGivesTheSameBits() throws {
        #expect(try Self.train(seed: 7) == Self.train(seed: 7))
    }

    @Test func differentSeedsGiveDifferentBits() throws {
        // Neighbours, far ends, and pairs that differ in one bit only.
        let seeds: [UInt64] = [0, 1, 2, 3, 4, 42, 1 << 31, 1 << 32, 1 << 63, .max, .max - 1]
        let all = try seeds.map { try Self.train(seed: $0) }
        #expect(Set(all).count == seeds.count)
    }

    /// Writes down a mask that it draws in each forward pass of training.
    private final class Witness: TrainingModeDependent {
        var isTraining = true
        var masks: [[Float]] = []
        func forward(_ x: Tensor) -> Tensor {
            if isTraining { masks.append(Tensor.ones([64]).dropout(0.5).scalars) }
            return x
        }
    }

    /// What is drawn in a fit.
    private struct Draws: Equatable {
        var values: [UInt32] = []
        var order: [Int] = []
        var masks: [[Float]] = []
        var hooks: [[Float]] = []

        init(seed: UInt64, epochs: Int) throws {
            let witness = Witness()
            let learner = try Points.learner(seed: seed, model: Sequential(Linear(6, 3), witness))
            values = bits(learner)
            var (order, hooks): ([Int], [[Float]]) = ([], [])
            learner.add(
                Listener { event, learner in
                    guard learner.isTraining else { return }
                    if event == .beforeBatch { order += learner.batch.indices }
                    if event == .beforeBatch || event == .afterForward {
                        hooks.append(Tensor.ones([64]).dropout(0.5).scalars)
                    }
                })
            try learner.fit(epochs)
            (self.order, self.hooks, masks) = (order, hooks, witness.masks)
        }
    }

    @Test func theSeedDecidesFirstValuesOrderAndMasks() throws {
        let (one, two) = (try Draws(seed: 1, epochs: 1), try Draws(seed: 2, epochs: 1))
        #expect(one.values != two.values && one.order != two.order)
        #expect(one.masks != two.masks && one.hooks != two.hooks)
        #expect(one.order.sorted() == Array(0..<48))
        // Whatever the thread has drawn before.
        _ = Tensor.ones([8]).dropout(0.5)
        #expect(try Draws(seed: 1, epochs: 1) == one)
    }

    @Test func everyBatchHasMasksOfItsOwn() throws {
        let draws = try Draws(seed: 1, epochs: 2)
        // Twelve of the model's, and two a batch that hooks have drawn.
        #expect(draws.masks.count == 12 && draws.hooks.count == 24)
        #expect(Set(draws.masks + draws.hooks).count == 36)
    }

    @Test func whatHooksDrawDoesNotChangeTheModelsMasks() throws {
        let witness = Witness()
        let learner = try Points.learner(seed: 1, model: Sequential(Linear(6, 3), witness))
        try learner.fit(1)
        #expect(try Draws(seed: 1, epochs: 1).masks == witness.masks)
    }

    @Test func whatIsDrawnAroundTheBatchesAndInEvaluationsIsTheSeedsToo() throws {
        func draw(_ seed: UInt64) throws -> [[Float]] {
            let learner = try Points.learner(seed: seed)
            var drawn: [[Float]] = []
            let listener = Listener(joins: .all) { event, learner in
                if event != .teardown { drawn.append(Tensor.ones([64]).dropout(0.5).scalars) }
            }
            try learner.withCallbacks(listener) {
                try learner.fit(1)
                _ = try learner.validate()
                _ = try learner.predictions()
            }
            return drawn
        }
        let one = try draw(1)
        _ = Tensor.ones([8]).dropout(0.5)
        #expect(try draw(1) == one)
        #expect(try Set(draw(2)).isDisjoint(with: one))
    }

    @Test func everyEpochAndFitHasAnOrderOfItsOwn() throws {
        let learner = try Points.learner()
        var orders: [[Int]] = []
        learner.add(
            Listener { event, learner in
                if event == .beforeTrain { orders.append([]) }
                if event == .beforeBatch, learner.isTraining { orders[orders.count - 1] += learner.batch.indices }
            })
        try learner.fit(2)
        try learner.fit(1)
        #expect(Set(orders).count == 3 && orders.allSatisfy { $0.sorted() == Array(0..<48) })
    }

    @Test func theSplitIntoFitsDoesNotMatter() throws {
        let (whole, parts) = (try Points.learner(), try Points.learner())
        try whole.fit(3)
        for _ in 0..<3 { try parts.fit(1) }
        #expect(bits(whole) == bits(parts))
    }

    @Test func evaluationsInBetweenChangeNothing() throws {
        let (plain, disturbed) = (try Points.learner(), try Points.learner())
        for _ in 0..<2 { try plain.fit(1) }
        try disturbed.fit(1)
        _ = try disturbed.validate()
        _ = try disturbed.predictions(on: disturbed.data.train)
        _ = try disturbed.snapshot()
        _ = Tensor.ones([8]).dropout(0.5)
        try disturbed.fit(1)
        #expect(bits(plain) == bits(disturbed))
    }

    @Test func callbacksThatOnlyWatchChangeNothing() throws {
        let watched = try Points.learner(callbacks: [EarlyStopping(patience: .epochs(50)), TerminateOnNaN()])
        watched.add(Listener { _, learner in _ = learner.smoothedLoss })
        let plain = try Points.learner()
        for learner in [watched, plain] { try learner.fit(2) }
        #expect(bits(watched) == bits(plain))
    }
}

/// The number of threads is the process's: these tests take turns.
@Suite(.serialized) struct ThreadTests {
    @Test func threadsChangeNotOneBit() throws {
        /// Large enough for the kernels to share the work out.
        func train(threads count: Int) throws -> [UInt32] {
            let former = Hone.threads
            Hone.threads = count
            defer { Hone.threads = former }
            let digits = try Digits.load()
            let learner = Learner(
                try DataLoaders(Subset(digits, Array(0..<256)).split(valid: 0.25, seed: 1), batchSize: 64),
                model: Sequential(Linear(64, 96), ReLU(), Dropout(0.2), Linear(96, 10)), loss: CrossEntropy(),
                optimizer: Adam(), handlesInterrupt: false)
            try learner.quietly { try learner.fit(1, lr: 0.01) }
            return bits(learner) + [UInt32(truncatingIfNeeded: try learner.validate().loss.bitPattern)]
        }
        let one = try train(threads: 1)
        for count in [2, 3, 8] { #expect(try train(threads: count) == one, "\(count) threads") }
    }

    @Test func aNumberOfThreadsBelowOneBecomesOne() {
        let former = Hone.threads
        defer { Hone.threads = former }
        for count in [0, -3, .min] {
            Hone.threads = count
            #expect(Hone.threads >= 1)
        }
    }
}
