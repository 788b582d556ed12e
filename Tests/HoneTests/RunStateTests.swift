import Hone
import Testing

/// Derived, with states of several types.
private class Counting: LearnerCallback {
    @RunState var epochs = 0
    @RunState var best: Double?
    @RunState var losses: [Double] = []
    let factor: Int
    init(factor: Int = 1) { self.factor = factor }
    override func afterEpoch(_ learner: Learner) throws {
        epochs += factor
        losses.append(learner.epochLoss)
        best = min(best ?? .infinity, learner.epochLoss)
    }
}

/// A subclass with a state of its own.
private final class CountingBatches: Counting {
    @RunState var batches = 0
    override func afterBatch(_ learner: Learner) throws { batches += 1 }
}

/// A value that tells how often it was encoded.
private struct Costly: Codable, Equatable {
    final class Count: @unchecked Sendable { var encoded = 0 }  // Used by one test on one thread.
    @TaskLocal static var count = Count()
    var rows: [Int] = []
    init() {}
    init(from decoder: any Decoder) throws { rows = try decoder.singleValueContainer().decode([Int].self) }
    func encode(to encoder: any Encoder) throws {
        Costly.count.encoded += 1
        var container = encoder.singleValueContainer()
        try container.encode(rows)
    }
}

/// A reference, of which a second one is no copy.
private final class Shared: Codable {
    var rows: [Int] = []
}

private final class Keeping: LearnerCallback {
    @RunState var costly = Costly()
    @RunState var shared: [Shared]? = [Shared()]
    override func afterBatch(_ learner: Learner) throws {
        _costly.modify { $0.rows.append(learner.run.batch) }
        shared?.last?.rows.append(learner.run.batch)
    }
}

/// A class with a superclass of its own, which conforms directly.
private class Plain {
    @RunState var outside = 1
}
private final class Conforming: Plain, Callback {
    @RunState var steps = 0
    func afterStep(_ learner: Learner) throws {
        steps += 1
        outside *= 2
    }
}

/// Joins every kind of run.
private final class Everywhere: LearnerCallback {
    @RunState var batches = 0
    override var joins: RunKinds { .all }
    override func afterBatch(_ learner: Learner) throws { batches += 1 }
}

private final class Versioned: LearnerCallback {
    @RunState var count = 0
    let number: Int
    init(_ number: Int) { self.number = number }
    override var version: Int { number }
}

private struct Weights: Codable, Equatable {
    var values: [Float] = []
    var names: [String: Int] = [:]
}

private final class Odd: LearnerCallback {
    @RunState var weights = Weights()
    @RunState var text = ""
    @RunState var numbers: [Double] = []
    @RunState var pair: [Int: [Double?]] = [:]
}

@Suite struct RunStateTests {
    @Test func aSnapshotInMemoryEncodesNothing() throws {
        let keeping = Keeping()
        let learner = try Line.learner(callbacks: [keeping])
        try learner.fit(1)
        let rows = keeping.costly.rows
        #expect(!rows.isEmpty && keeping.shared?.last?.rows == rows)
        let count = Costly.Count()
        try Costly.$count.withValue(count) {
            let snapshot = try learner.snapshot()
            _ = try learner.lrFind(steps: 5)
            try learner.rehearse(1)
            keeping.costly.rows.append(40)
            keeping.shared?.last?.rows.append(40)
            try learner.restore(snapshot)
        }
        #expect(count.encoded == 0 && keeping.costly.rows == rows)
        // What holds an object has to be encoded to be copied.
        #expect(keeping.shared?.last?.rows == rows)
    }

    @Test func statesBeginEachFitAfresh() throws {
        let (derived, direct) = (CountingBatches(), Conforming())
        let learner = try Line.learner(callbacks: [derived, direct])
        try learner.fit(2)
        #expect(derived.epochs == 2 && derived.batches == 10 && derived.losses.count == 2 && derived.best != nil)
        #expect(direct.steps == 6 && direct.outside == 64)
        try learner.fit(1)
        #expect(derived.epochs == 1 && derived.batches == 5 && derived.losses == [learner.epochLoss])
        #expect(direct.steps == 3 && direct.outside == 8)
        try learner.fit(0)
        #expect(derived.epochs == 0 && derived.batches == 0 && derived.best == nil && direct.outside == 1)
    }

    @Test func statesStayAsTheyEndedUntilTheNextFit() throws {
        let callback = Counting()
        let learner = try Line.learner(callbacks: [callback])
        try learner.fit(2)
        _ = try learner.validate()
        _ = try learner.predictions()
        _ = try learner.lrFind(steps: 6)
        #expect(callback.epochs == 2)
    }

    @Test func aFailedFitIsFollowedByAFreshOne() throws {
        let callback = Counting()
        let learner = try Line.learner(callbacks: [callback])
        let thrower = Listener { event, _ in if event == .afterFit { throw Oops() } }
        #expect(throws: CallbackError.self) { try learner.withCallbacks(thrower) { try learner.fit(3) } }
        #expect(callback.epochs == 3)
        try learner.fit(1)
        #expect(callback.epochs == 1)
    }

    @Test func snapshotsHoldAndRestoreStatesOfEveryClass() throws {
        let (derived, direct) = (CountingBatches(), Conforming())
        let learner = try Line.learner(callbacks: [derived, direct])
        try learner.fit(2)
        let snapshot = try learner.snapshot()
        let (losses, best) = (derived.losses, derived.best)
        try learner.fit(1)
        try learner.restore(snapshot)
        #expect(derived.epochs == 2 && derived.batches == 10 && derived.losses == losses && derived.best == best)
        #expect(direct.steps == 6 && direct.outside == 64)
    }

    @Test func valuesThatJSONLacksComeBackToo() throws {
        let callback = Odd()
        let learner = try Line.learner(callbacks: [callback])
        callback.weights = Weights(values: [.infinity, -0.0, .leastNonzeroMagnitude], names: ["a": 1])
        callback.text = "ünïcödé \u{0} \""
        callback.numbers = [.nan, -.infinity, 0.1, .greatestFiniteMagnitude]
        callback.pair = [3: [nil, 2.5]]
        let snapshot = try learner.snapshot()
        let (weights, numbers) = (callback.weights, callback.numbers)
        (callback.weights, callback.text, callback.numbers, callback.pair) = (Weights(), "", [], [:])
        try learner.restore(snapshot)
        #expect(callback.weights == weights && callback.weights.values[1].sign == .minus)
        #expect(callback.text == "ünïcödé \u{0} \"" && callback.pair == [3: [nil, 2.5]])
        #expect(callback.numbers[0].isNaN && callback.numbers.dropFirst().elementsEqual(numbers.dropFirst()))
    }

    @Test func twoOfOneTypeHaveStatesOfTheirOwn() throws {
        let (one, ten) = (Counting(), Counting(factor: 10))
        let learner = try Line.learner(callbacks: [one, ten])
        try learner.fit(2)
        #expect(one.epochs == 2 && ten.epochs == 20)
        let snapshot = try learner.snapshot()
        (one.epochs, ten.epochs) = (0, 0)
        try learner.restore(snapshot)
        #expect(one.epochs == 2 && ten.epochs == 20)
    }

    @Test func aSnapshotGoesIntoAnotherLearnerWithCallbacksOfTheSameNames() throws {
        let learner = try Line.learner(callbacks: [CountingBatches()])
        try learner.fit(2)
        let other = CountingBatches()
        try Line.learner(callbacks: [other]).restore(try learner.snapshot())
        #expect(other.epochs == 2 && other.batches == 10)
    }

    @Test func aStateOfAnotherVersionIsRefusedAndNothingChanges() throws {
        let learner = try Line.learner(callbacks: [Versioned(1)])
        try learner.fit(1)
        let other = try Line.learner(callbacks: [Versioned(2)])
        let error = try #require(throws: LearnerError.self) { try other.restore(try learner.snapshot()) }
        #expect("\(error)" == "snapshot: Versioned saved version 1 of its state, expected 2")
        #expect(other.progress.step == 0 && Line.weight(of: other) == Double(Line.start))
    }

    @Test func aSnapshotOfAnotherModelIsRefusedAndNothingChanges() throws {
        let snapshot = try Points.learner().snapshot()
        let learner = try Line.learner()
        #expect(throws: LearnerError.self) { try learner.restore(snapshot) }
        #expect(Line.weight(of: learner) == Double(Line.start))
    }

    @Test func aRestoredLearnerGoesOnBitForBit() throws {
        let learner = try Points.learner()
        try learner.fit(2)
        let snapshot = try learner.snapshot()
        try learner.fit(1)
        let expected = bits(learner)
        try learner.restore(snapshot)
        #expect(bits(learner) != expected)
        try learner.fit(1)
        #expect(bits(learner) == expected)
        let other = try Points.learner()
        try other.restore(snapshot)
        try other.fit(1)
        #expect(bits(other) == expected)
        #expect(other.recorder.epochs.map(\.trainLoss) == learner.recorder.epochs.map(\.trainLoss))
        #expect(other.recorder.epochs.map(\.fit) == [0, 0, 1])
    }

    @Test func aCallbackThatJoinsTrialsIsPutBackAfterThem() throws {
        let callback = Everywhere()
        let learner = try Line.learner(callbacks: [callback])
        try learner.fit(1)
        #expect(callback.batches == 5)
        _ = try learner.lrFind(steps: 6)
        #expect(callback.batches == 5)
    }

    @Test func aCallbackOfFitsKeepsItsStateInOtherRunsThatItJoins() throws {
        let callback = Everywhere()
        let learner = try Line.learner(callbacks: [callback])
        try learner.fit(1)
        _ = try learner.validate()
        #expect(callback.batches == 7)
        try learner.fit(1)
        #expect(callback.batches == 5)
    }

    @Test func aCallbackThatJoinsNoFitsBeginsEachOfItsRunsAfresh() throws {
        final class Counter: LearnerCallback {
            @RunState var batches = 0
            override var joins: RunKinds { .validate }
            override func afterBatch(_ learner: Learner) throws { batches += 1 }
        }
        let callback = Counter()
        let learner = try Line.learner(callbacks: [callback])
        for _ in 0..<2 { _ = try learner.validate() }
        #expect(callback.batches == 2)
    }

    @Test func aSnapshotTakenWithinAFitHoldsTheCallbacksOfThatFitAlone() throws {
        let callback = CountingBatches()
        var snapshot: TrainingSnapshot?
        let taker = Listener("Taker") { event, learner in
            if event == .afterEpoch, learner.run.epoch == 1 { snapshot = try learner.snapshot() }
            if event == .afterEpoch, learner.run.epoch == 3 { try learner.restore(try #require(snapshot)) }
        }
        let learner = try Line.learner()
        var counted: [Int] = []
        let reader = Listener("Reader", phase: .report) { event, _ in
            if event == .afterEpoch { counted.append(callback.epochs) }
        }
        try learner.fit(4, callbacks: [callback, taker, reader])
        // Put back to what it was when two epochs had ended.
        #expect(counted == [1, 2, 3, 2])
        // Outside of that fit, what the snapshot holds of it is left alone.
        callback.epochs = 9
        try learner.restore(try #require(snapshot))
        #expect(callback.epochs == 9)
    }

    @Test func modifiersThatWereSetBetweenRunsStay() throws {
        let learner = try Line.learner()
        try learner.optimizer.modify(.learningRate, by: 0.5, owner: "the user")
        for _ in 0..<2 {
            try learner.fit(1, callbacks: [Warmup(.steps(3))])
            #expect(learner.recorder.steps.last?.learningRate == Line.rate / 2)
        }
        _ = try learner.validate()
        _ = try learner.lrFind(steps: 6)
        #expect(learner.optimizer.learningRate == Line.rate / 2)
        learner.optimizer.removeModifiers()
        #expect(learner.optimizer.learningRate == Line.rate)
    }
}
