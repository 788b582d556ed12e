import Hone
import Testing

/// The events of runs in which nothing is asked, built from their parts and compared whole.
@Suite struct EventSequenceTests {
    // Two epochs of three training batches, in windows of two the last of which is short, and two validation batches.
    static let pass = ["beforeBatch", "afterForward", "afterLoss", "beforeBackward", "afterBackward"]
    static let step = ["gradientsReady", "beforeStep", "afterStep"]

    static func open(_ batch: Int) -> [String] { (pass + ["afterBatch"]).map { "\($0) train \(batch)" } }
    static func closing(_ batch: Int) -> [String] { (pass + step + ["afterBatch"]).map { "\($0) train \(batch)" } }
    static func evaluated(_ batch: Int, _ kind: String = "valid") -> [String] {
        ["beforeBatch", "afterForward", "afterLoss", "afterBatch"].map { "\($0) \(kind) \(batch)" }
    }
    static func train(_ epoch: Int, _ batches: [String]) -> [String] {
        ["beforeTrain \(epoch)"] + batches + ["afterTrain \(epoch)"]
    }
    static func validate(_ epoch: Int) -> [String] {
        ["beforeValidate \(epoch)"] + evaluated(0) + evaluated(1) + ["afterValidate \(epoch)"]
    }
    static func epoch(_ epoch: Int, _ parts: [String]) -> [String] {
        ["beforeEpoch \(epoch)"] + parts + ["afterEpoch \(epoch)"]
    }
    static func fit(_ epochs: [String]) -> [String] { ["beforeFit"] + epochs + ["afterFit", "teardown"] }

    @Test func aFitStepsAfterEveryBatchAndValidatesAfterEveryEpoch() throws {
        let learner = try Line.learner()
        let batches = Self.closing(0) + Self.closing(1) + Self.closing(2)
        let expected = Self.fit((0..<2).flatMap { Self.epoch($0, Self.train($0, batches) + Self.validate($0)) })
        #expect(try moments(learner) { try learner.fit(2) } == expected)
        #expect(LoopModel(window: 1).clean().events == expected)
    }

    @Test func aFitWithAccumulationStepsWhenTheWindowIsFullAndAtTheEpochsEnd() throws {
        let learner = try Line.learner(callbacks: [GradAccumulation(batches: 2)])
        let batches = Self.open(0) + Self.closing(1) + Self.closing(2)
        let expected = Self.fit((0..<2).flatMap { Self.epoch($0, Self.train($0, batches) + Self.validate($0)) })
        #expect(try moments(learner) { try learner.fit(2) } == expected)
        #expect(LoopModel(window: 2).clean().events == expected)
    }

    @Test func aValidationFiresNeitherFitNorEpochEvents() throws {
        let learner = try Line.learner()
        let heard = try moments(learner, joins: .all) { _ = try learner.validate() }
        #expect(heard == Self.validate(0) + ["teardown"])
    }

    @Test func aPredictionIsItsBatches() throws {
        let learner = try Line.learner()
        let heard = try moments(learner, joins: .all) { _ = try learner.predictions() }
        let batches = (0..<2).flatMap { batch in
            ["beforeBatch", "afterForward", "afterBatch"].map { "\($0) predict \(batch)" }
        }
        #expect(heard == ["beforePredict"] + batches + ["afterPredict", "teardown"])
    }

    @Test func aProbeIsAFitWithoutValidationThatEndsAfterItsLastStep() throws {
        let learner = try Line.learner()
        let heard = try moments(learner, joins: .probe) { _ = try learner.lrFind(steps: 7, stopsWhenDiverging: false) }
        let full = Self.closing(0) + Self.closing(1) + Self.closing(2)
        let last = Self.epoch(2, Self.train(2, Self.closing(0)))
        #expect(heard == Self.fit((0..<2).flatMap { Self.epoch($0, Self.train($0, full)) } + last))
    }

    @Test func aFitOfNoEpochsOnlyBeginsAndEnds() throws {
        let learner = try Line.learner()
        #expect(try moments(learner) { try learner.fit(0) } == ["beforeFit", "afterFit", "teardown"])
        #expect(learner.progress.step == 0 && learner.progress.epoch == 0)
    }

    @Test func withoutValidationDataThereAreNoValidationEvents() throws {
        let learner = try Line.learner(valid: 0)
        let batches = Self.closing(0) + Self.closing(1) + Self.closing(2)
        let expected = Self.fit((0..<2).flatMap { Self.epoch($0, Self.train($0, batches)) })
        #expect(try moments(learner) { try learner.fit(2) } == expected)
        #expect(learner.validation == nil && learner.recorder.epochs.map(\.isComplete) == [true, true])
    }

    @Test func everyEventComesInAFitOrAPrediction() throws {
        let learner = try Line.learner()
        var heard: Set<Event> = []
        let listener = Listener(joins: [.fit, .predict]) { event, _ in heard.insert(event) }
        try learner.withCallbacks(listener) {
            try learner.fit(1)
            _ = try learner.predictions()
        }
        #expect(heard == Set(Event.allCases))
    }

    @Test(arguments: RunKind.allCases) func aCallbackHearsOnlyTheKindsOfRunThatItJoins(_ kind: RunKind) throws {
        let kinds: [RunKind: RunKinds] = [.fit: .fit, .validate: .validate, .predict: .predict, .probe: .probe]
        let own = try #require(kinds[kind])
        let learner = try Line.learner()
        var heard: Set<RunKind> = []
        try learner.withCallbacks(Listener(joins: own) { heard.insert($1.run.kind) }) {
            try learner.fit(1)
            _ = try learner.validate()
            _ = try learner.predictions()
            _ = try learner.lrFind(steps: 6)
        }
        #expect(heard == [kind])
    }

    @Test func countersMoveAsTheyAreDocumented() throws {
        let learner = try Line.learner(callbacks: [GradAccumulation(batches: 2)])
        var atStep: [[Int]] = []
        var epochs: [Int] = []
        let listener = Listener { event, learner in
            if event == .afterStep { atStep.append([learner.progress.step, learner.run.step, learner.run.epoch]) }
            if event == .afterEpoch { epochs.append(learner.progress.epoch) }
        }
        try learner.withCallbacks(listener) {
            try learner.fit(2)
            try learner.fit(1)
        }
        #expect(atStep == [[1, 1, 0], [2, 2, 0], [3, 3, 1], [4, 4, 1], [5, 1, 0], [6, 2, 0]])
        #expect(epochs == [0, 1, 2])
        #expect(learner.progress.microBatch == 9 && learner.progress.samples == 15 && learner.progress.epoch == 3)
        #expect(learner.run.microBatch == 3 && learner.run.samples == 5 && learner.run.totalSteps == 2)
        #expect(learner.progress.elapsed > 0)
    }

    @Test(arguments: [true, false]) func modesFollowThePhaseAndArePutBack(_ mode: Bool) throws {
        let dropout = Dropout(0)
        let learner = try Points.learner(model: Sequential(Linear(6, 3), dropout))
        dropout.isTraining = mode
        var modes: Set<[Bool]> = []
        learner.add(
            Listener(joins: .all) { event, learner in
                if event == .afterForward { modes.insert([learner.isTraining, dropout.isTraining]) }
            })
        try learner.fit(1)
        #expect(modes == [[true, true], [false, false]])
        #expect(dropout.isTraining == mode && !learner.isTraining)
        modes = []
        _ = try learner.validate()
        _ = try learner.predictions()
        #expect(modes == [[false, false]])
        #expect(dropout.isTraining == mode)
    }
}
