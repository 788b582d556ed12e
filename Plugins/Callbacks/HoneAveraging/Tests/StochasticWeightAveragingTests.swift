import Hone
import HoneAveraging
import Testing

/// 32 points of 2 features, and a model whose batch norm has statistics to work out.
private func makeLearner(norm: Bool = true, callbacks: [any Callback]) throws -> Learner {
    let x = Tensor.normal([32, 2], mean: 1, deviation: 3, key: RandomKey(seed: 3))
    let data = try TensorDataset(x, x.sum(axes: [1], keepDimensions: true))
    let model = norm ? Sequential(Linear(2, 4), BatchNorm1d(4), Linear(4, 1)) : Sequential(Linear(2, 4), Linear(4, 1))
    let learner = Learner(
        try DataLoaders(train: data, valid: data, batchSize: 8), model: model, loss: MeanSquaredError(),
        optimizer: SGD(), callbacks: callbacks, seed: 1)
    learner.removeCallbacks(of: ProgressReporter.self)
    return learner
}

/// Takes down what is there at the end of each epoch's training and in each validation.
private final class Witness: LearnerCallback {
    var trained: [[Float]] = []
    var names: [String] = []
    var means: [[Float]] = []

    override func afterTrain(_ learner: Learner) throws { trained.append(Array(learner.arena.values)) }

    override func afterLoss(_ learner: Learner) throws {
        guard !learner.isTraining, learner.run.batch == 0 else { return }
        names.append(learner.weightsInUse)
    }

    override func beforeEpoch(_ learner: Learner) throws {
        if let last = trained.last { #expect(Array(learner.arena.values) == last) }
    }
}

@Test func theModelEndsWithTheMeanOfTheLastEpochs() throws {
    let witness = Witness()
    let averaging = StochasticWeightAveraging(start: .epochs(2))
    let learner = try makeLearner(norm: false, callbacks: [averaging, witness])
    try learner.fit(5, lr: 0.01)
    let last = witness.trained.suffix(3)
    let mean = last[last.startIndex].indices.map { index in last.reduce(Float(0)) { $0 + $1[index] } / 3 }
    #expect(averaging.count == 3)
    #expect(zip(learner.arena.values, mean).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(witness.names == Array(repeating: "trained", count: 5))
}

@Test func theBatchNormsOfTheAverageHaveStatisticsOfTheirOwn() throws {
    let learner = try makeLearner(callbacks: [StochasticWeightAveraging(start: .epochs(1))])
    try learner.fit(3, lr: 0.01)
    // What the norm sees, worked out by hand: the first layer's outputs at the average, batch by batch.
    let model = try #require(learner.model as? Sequential)
    let norm = try #require(model.modules.first { $0.path == "1" }?.module as? BatchNorm1d)
    let linear = try #require(model.modules.first { $0.path == "0" }?.module as? Linear)
    let batches = learner.data.train.batches(epoch: 3, key: RandomKey(seed: 1))
    var mean = [Float](repeating: 0, count: 4)
    var variance = [Float](repeating: 0, count: 4)
    for index in 0..<batches.count {
        let outputs = linear(try batches.batch(index).input)
        for channel in 0..<4 {
            mean[channel] += outputs.mean(axes: [0]).scalars[channel] / Float(batches.count)
            variance[channel] += outputs.variance(axes: [0]).scalars[channel] / Float(batches.count)
        }
    }
    let buffers = Dictionary(uniqueKeysWithValues: norm.buffers.map { ($0.name, $0.buffer.value) })
    #expect(zip(buffers["running_mean"]?.scalars ?? [], mean).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(zip(buffers["running_var"]?.scalars ?? [], variance).allSatisfy { abs($0 - $1) < 1e-3 })
    #expect(buffers["num_batches_tracked"]?.integers == [Int32(batches.count)])
    #expect(norm.momentum == 0.1 && norm.isTraining)
}

@Test func validationsOfTheAverageLeaveTrainingAsItIs() throws {
    let witness = Witness()
    let learner = try makeLearner(
        callbacks: [StochasticWeightAveraging(start: .epochs(1), validatesAverage: true), witness])
    let plain = try makeLearner(callbacks: [StochasticWeightAveraging(start: .epochs(1))])
    try learner.fit(3, lr: 0.01)
    try plain.fit(3, lr: 0.01)
    #expect(witness.names == ["trained", "swa", "swa"])
    #expect(learner.recorder.epochs.map(\.trainLoss) == plain.recorder.epochs.map(\.trainLoss))
    #expect(Array(learner.arena.values) == Array(plain.arena.values))
    #expect(learner.validation?.weights == "swa" && plain.validation?.weights == "trained")
    #expect(learner.weightsInUse == "swa" && plain.weightsInUse == "swa")
    // With the trained weights come their batch norms' statistics, and with the average its own.
    let average = try plain.validate()
    #expect(average.weights == "swa" && plain.weightNames == ["swa", "trained"])
    let trained = try plain.validate(weights: "trained")
    #expect(trained.weights == "trained" && trained.loss == plain.recorder.epochs.last?.validLoss)
    #expect(try plain.validate() == average && average.loss != trained.loss)
}

@Test func theRateGoesToAConstantWhateverTheScheduleDoes() throws {
    let averaging = StochasticWeightAveraging(start: .steps(8), rate: 0.005, annealing: .steps(4))
    let learner = try makeLearner(callbacks: [averaging])
    try learner.withCallbacks(ParameterScheduler([.learningRate: .linear(from: 0.02, to: 0.0001)])) {
        try learner.fit(5)
    }
    let rates = learner.recorder.steps.map(\.learningRate)
    let schedule = Schedule.linear(from: 0.02, to: 0.0001)
    for step in 0..<8 { #expect(abs(rates[step] - schedule.value(at: step, of: 20)) < 1e-12) }
    // From the rate at step 8, down a cosine of four steps (from its top at step 8 to its end at step 12).
    let first = schedule.value(at: 8, of: 20)
    #expect(abs(rates[8] - first) < 1e-12 && abs(rates[10] - (first + 0.005) / 2) < 1e-12)
    #expect(rates[12...].allSatisfy { abs($0 - 0.005) < 1e-12 })
}

@Test func aSecondFitOfAveragingBeginsAfresh() throws {
    let averaging = StochasticWeightAveraging(start: .epochs(1))
    try makeLearner(callbacks: [averaging]).fit(4, lr: 0.01)
    let (again, fresh) = (
        try makeLearner(callbacks: [averaging]),
        try makeLearner(callbacks: [StochasticWeightAveraging(start: .epochs(1))])
    )
    try again.fit(2, lr: 0.01)
    try fresh.fit(2, lr: 0.01)
    #expect(averaging.count == 1 && Array(again.arena.values) == Array(fresh.arena.values))
}

@Test func badArgumentsOfAveragingAreErrorsAtTheStart() throws {
    for bad in [
        StochasticWeightAveraging(start: .minutes(1)), StochasticWeightAveraging(start: .epochs(-1)),
        StochasticWeightAveraging(rate: 0), StochasticWeightAveraging(annealing: .fraction(.nan)),
    ] {
        let learner = try makeLearner(callbacks: [bad])
        #expect(throws: CallbackError.self) { try learner.fit(1, lr: 0.01) }
        #expect(learner.progress.microBatch == 0)
    }
}

@Test func theMovingAverageSaysThatItIsValidated() throws {
    let witness = Witness()
    let learner = try makeLearner(norm: false, callbacks: [ExponentialMovingAverage(decay: 0.9), witness])
    try learner.fit(2, lr: 0.01)
    #expect(witness.names == ["ema", "ema"] && learner.validation?.weights == "ema")
    #expect(learner.weightsInUse == "ema" && learner.recorder.epochs.map(\.weights) == ["ema", "ema"])
}
