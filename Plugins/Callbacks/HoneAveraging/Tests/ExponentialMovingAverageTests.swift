import Foundation
import Hone
import HoneAveraging
import Testing

/// y = 2x on 32 points, and a line to fit it.
private func makeLearner(seed: UInt64 = 1) throws -> Learner {
    let x = Tensor((0..<32).map { Float($0) / 16 - 1 }, shape: [32, 1])
    let data = try TensorDataset(x, x * 2)
    let learner = Learner(
        try DataLoaders(train: data, valid: data, batchSize: 8), model: Sequential(Linear(1, 1)),
        loss: MeanSquaredError(), optimizer: SGD(), seed: seed)
    learner.removeCallbacks(of: ProgressReporter.self)
    return learner
}

/// Works the average out again from the parameters after each step.
private final class Witness: LearnerCallback {
    let decay: Double
    var average: [Float] = []
    var validated: [[Float]] = []
    var trained: [[Float]] = []

    init(decay: Double) { self.decay = decay }

    override var phase: Phase { .prepare }

    override func afterStep(_ learner: Learner) throws {
        let values = Array(learner.arena.values)
        let step = Double(learner.run.step)
        let kept = Float(min(decay, (1 + step) / (10 + step)))
        average = average.isEmpty ? values : zip(average, values).map { kept * $0 + (1 - kept) * $1 }
    }

    override func afterTrain(_ learner: Learner) throws { trained.append(Array(learner.arena.values)) }

    override func afterLoss(_ learner: Learner) throws {
        if !learner.isTraining { validated.append(Array(learner.arena.values)) }
    }

    override func beforeEpoch(_ learner: Learner) throws {
        if let last = trained.last { #expect(Array(learner.arena.values) == last) }
    }
}

@Test func validatesWithTheAverageAndTrainsOnWithTheParameters() throws {
    let learner = try makeLearner()
    let average = ExponentialMovingAverage(decay: 0.9)
    let witness = Witness(decay: 0.9)
    try learner.withCallbacks(average, witness) { try learner.fit(2, lr: 0.1) }
    #expect(!witness.average.isEmpty && average.average.count == witness.average.count)
    #expect(zip(average.average, witness.average).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(witness.validated.last == average.average)
    #expect(witness.trained.last != average.average)
    #expect(Array(learner.arena.values) == average.average)
}

@Test func leavesTheTrainedParametersWhenAskedTo() throws {
    let learner = try makeLearner()
    let plain = try makeLearner()
    try plain.fit(2, lr: 0.1)
    try learner.withCallbacks(ExponentialMovingAverage(keepsAverage: false)) { try learner.fit(2, lr: 0.1) }
    #expect(Array(learner.arena.values) == Array(plain.arena.values))
}

@Test func bothWeightsCanBeHadByNameUntilTheNextFit() throws {
    let learner = try makeLearner()
    let witness = Witness(decay: 0.9)
    try learner.withCallbacks(ExponentialMovingAverage(decay: 0.9), witness) { try learner.fit(2, lr: 0.1) }
    let (trained, averaged) = (try #require(witness.trained.last), try #require(witness.validated.last))
    #expect(learner.weightsInUse == "ema" && learner.weightNames == ["ema", "trained"])
    let average = try learner.validate()
    let other = try learner.validate(weights: "trained")
    #expect(average.weights == "ema" && other.weights == "trained" && average.loss != other.loss)
    #expect(average.loss == learner.recorder.epochs.last?.validLoss)
    #expect(try learner.withWeights("trained") { Array(learner.arena.values) } == trained)
    #expect(Array(learner.arena.values) == averaged)
    let error = #expect(throws: LearnerError.self) { try learner.withWeights("swa") {} }
    #expect(error.map { "\($0)" } == "weights is swa, expected one of ema, trained")
    // An error puts the weights back, too; a trial leaves them and their names alone.
    #expect(throws: LearnerError.self) { try learner.withWeights("trained") { try learner.validate(weights: "none") } }
    _ = try learner.lrFind(steps: 5)
    #expect(Array(learner.arena.values) == averaged && learner.weightNames == ["ema", "trained"])
    try learner.useWeights("trained")
    #expect(Array(learner.arena.values) == trained && learner.weightNames == ["trained", "ema"])
    try learner.fit(1, lr: 0.1)
    #expect(learner.weightNames == ["trained"])
}

@Test func weightsInFilesHaveTheirName() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hone-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("weights.safetensors").path
    let learner = try makeLearner()
    let witness = Witness(decay: 0.9)
    try learner.withCallbacks(ExponentialMovingAverage(decay: 0.9), witness) { try learner.fit(1, lr: 0.1) }
    let other = try makeLearner(seed: 2)
    for (name, values) in [("trained", witness.trained.last), ("ema", witness.validated.last)] {
        try learner.save(path, weights: name)
        try other.load(path)
        #expect(other.weightsInUse == name && Array(other.arena.values) == values)
        #expect(try SafeTensors.read(path).metadata["hone.weights"] == name)
        try learner.export(to: path, weights: name)
        #expect(try SafeTensors.read(path).metadata["hone.weights"] == name)
        try Learner.load(exported: path, into: other.model)
        #expect(Array(other.arena.values) == values)
    }
    try learner.save(path)
    #expect(try SafeTensors.read(path).metadata["hone.weights"] == "ema")
}

@Test(arguments: [true, false]) func theBestModelIsTheOneThatWasValidated(_ keepsAverage: Bool) throws {
    let learner = try makeLearner()
    let average = ExponentialMovingAverage(decay: 0.5, keepsAverage: keepsAverage)
    let stopping = EarlyStopping(patience: .epochs(20), restoresBest: true)
    let witness = Witness(decay: 0.5)
    // The rate grows until training diverges.
    let growing = ParameterScheduler([.learningRate: .linear(from: 0.05, to: 4)])
    try learner.withCallbacks(average, stopping, witness, growing) { try learner.fit(6) }
    let losses = learner.recorder.epochs.compactMap(\.validLoss)
    let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
    #expect(best < 5 && stopping.best == losses[best])
    #expect(learner.weightsInUse == (keepsAverage ? "ema" : "trained"))
    #expect(try learner.validate(weights: "ema").loss == losses[best])
    #expect(try learner.withWeights("trained") { Array(learner.arena.values) } == witness.trained[best])
}

@Test func refusesADecayOutOfRange() throws {
    let learner = try makeLearner()
    #expect(throws: CallbackError.self) {
        try learner.withCallbacks(ExponentialMovingAverage(decay: 1)) { try learner.fit(1, lr: 0.1) }
    }
}

@Test func aSecondFitBeginsAfresh() throws {
    let average = ExponentialMovingAverage(decay: 0.9)
    let (used, fresh) = (try makeLearner(), try makeLearner())
    try used.withCallbacks(average) { try used.fit(1, lr: 0.1) }
    let other = try makeLearner()
    try other.withCallbacks(average) { try other.fit(1, lr: 0.1) }
    try fresh.withCallbacks(ExponentialMovingAverage(decay: 0.9)) { try fresh.fit(1, lr: 0.1) }
    #expect(Array(other.arena.values) == Array(fresh.arena.values))
}

// MARK: Subclassing in another module

/// Whose overrides run is written down here.
private final class Log {
    var hooks: [String] = []
}

private final class LoudEarlyStopping: EarlyStopping {
    let log: Log
    init(_ log: Log) {
        self.log = log
        super.init(monitor: .validLoss, patience: .epochs(1), minDelta: 1e9)
    }
    @RunState var seen = 0
    override func afterEpoch(_ learner: Learner) throws {
        try super.afterEpoch(learner)
        seen += 1
        log.hooks.append("EarlyStopping \(wait) \(seen)")
    }
}

private final class LoudRecorder: Recorder {
    let log: Log
    init(_ log: Log) { self.log = log }
    override func afterStep(_ learner: Learner) throws {
        try super.afterStep(learner)
        log.hooks.append("Recorder \(steps.count)")
    }
}

private final class LoudAverage: ExponentialMovingAverage {
    let log: Log
    init(_ log: Log) {
        self.log = log
        super.init(decay: 0.5)
    }
    override func afterStep(_ learner: Learner) throws {
        try super.afterStep(learner)
        log.hooks.append("Average \(average.isEmpty)")
    }
}

private final class LoudScheduler: ParameterScheduler {
    let log: Log
    init(_ log: Log) {
        self.log = log
        super.init([.learningRate: .constant(0.05)])
    }
    override func beforeBatch(_ learner: Learner) throws {
        try super.beforeBatch(learner)
        if learner.isTraining { log.hooks.append("Scheduler \(learner.optimizer.learningRate)") }
    }
}

private final class LoudAccumulation: GradAccumulation {
    let log: Log
    init(_ log: Log) {
        self.log = log
        super.init(batches: 4)
    }
    override func beforeFit(_ learner: Learner) throws {
        try super.beforeFit(learner)
        log.hooks.append("Accumulation")
    }
}

@Test func overridesOfBuiltInCallbacksRunInAnotherModule() throws {
    let log = Log()
    let learner = try makeLearner()
    try learner.withCallbacks(
        LoudEarlyStopping(log), LoudRecorder(log), LoudAverage(log), LoudScheduler(log), LoudAccumulation(log)
    ) {
        try learner.fit(1)
    }
    #expect(
        log.hooks == [
            "Accumulation", "Scheduler 0.05", "Scheduler 0.05", "Scheduler 0.05", "Scheduler 0.05", "Average false",
            "Recorder 1", "EarlyStopping 0 1",
        ])
}

@Test func aRunStateOfASubclassIsResetAndRestored() throws {
    let log = Log()
    let stopping = LoudEarlyStopping(log)
    let learner = try makeLearner()
    learner.add(stopping)
    try learner.fit(3, lr: 0.1)
    #expect(stopping.seen == 2)
    let snapshot = try learner.snapshot()
    stopping.seen = 40
    try learner.restore(snapshot)
    #expect(stopping.seen == 2 && stopping.wait == 1)
    try learner.fit(1, lr: 0.1)
    #expect(stopping.seen == 1)
}
