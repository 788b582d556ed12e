import Hone
import HoneRegularizers
import Testing

/// 12 points of 3 features, a model of three groups, plain gradient descent.
private func makeLearner(_ callbacks: [any Callback], model: (any Module)? = nil, dropout: Float = 0) throws -> Learner
{
    let x = Tensor.normal([12, 3], key: RandomKey(seed: 2))
    let data = try TensorDataset(x, (x * x).sum(axes: [1], keepDimensions: true))
    let layers = Sequential(Linear(3, 4), Tanh(), Dropout(dropout), Linear(4, 4), Tanh(), Linear(4, 1))
    let learner = Learner(
        try DataLoaders(train: DataLoader(data, batchSize: 4), valid: DataLoader(data, batchSize: 12)),
        model: model ?? layers, loss: MeanSquaredError(), optimizer: SGD(), callbacks: callbacks,
        groups: model == nil ? .startingAt(["3", "5"]) : .whole, seed: 5)
    learner.removeCallbacks(of: ProgressReporter.self)
    return learner
}

/// Takes down the parameters and gradients of each step.
private final class Witness: LearnerCallback {
    var values: [[Float]] = []
    var gradients: [[Float]] = []
    var rates: [Float] = []
    override var phase: Phase { .persist }
    override func beforeStep(_ learner: Learner) throws {
        values.append(Array(learner.arena.values))
        gradients.append(Array(learner.arena.gradientsToRead))
    }
    override func afterForward(_ learner: Learner) throws {
        guard learner.isTraining else { return }
        rates += learner.model.modules.compactMap { ($0.module as? DropPath)?.probability }
    }
}

@Suite struct SharpnessAwareMinimizationTests {
    /// The gradient at other parameters, by a learner of its own.
    private func gradient(at values: [Float], batch: Int) throws -> [Float] {
        final class Set: LearnerCallback {
            let values: [Float]
            init(_ values: [Float]) { self.values = values }
            override func beforeBatch(_ learner: Learner) throws {
                learner.arena.willChangeValues()
                _ = learner.arena.values.update(fromContentsOf: values)
            }
        }
        let witness = Witness()
        try makeLearner([Set(values), witness]).fit(1, lr: 1e-30)
        return witness.gradients[batch]
    }

    @Test(arguments: [false, true]) func theGradientIsThatOfTheWorstPointNearby(_ isAdaptive: Bool) throws {
        let witness = Witness()
        let rho = 0.3
        try makeLearner([SharpnessAwareMinimization(rho: rho, isAdaptive: isAdaptive), witness]).fit(1, lr: 0.01)
        for batch in 0..<3 {
            let here = witness.values[batch]
            let slope = try gradient(at: here, batch: batch)
            let scaled = zip(slope, here).map { isAdaptive ? $0 * $1 : $0 }
            let norm = scaled.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
            let there = zip(slope, here).map { $1 + Float(rho) * $0 * (isAdaptive ? $1 * $1 : 1) / norm }
            let expected = try gradient(at: there, batch: batch)
            #expect(zip(witness.gradients[batch], expected).allSatisfy { abs($0 - $1) < 1e-4 * max(1, abs($1)) })
            #expect(zip(witness.gradients[batch], slope).contains { abs($0 - $1) > 1e-3 })
        }
    }

    @Test func theParametersComeBackBitForBit() throws {
        let (plain, sharp) = (Witness(), Witness())
        try makeLearner([plain], dropout: 0.5).fit(1, lr: 1e-30)
        try makeLearner([SharpnessAwareMinimization(), sharp], dropout: 0.5).fit(1, lr: 1e-30)
        #expect(plain.values[0] == sharp.values[0] && plain.values[2] == sharp.values[2])
    }

    @Test func aRadiusOfNothingIsRefused() throws {
        let learner = try makeLearner([SharpnessAwareMinimization(rho: 0)])
        #expect(throws: CallbackError.self) { try learner.fit(1, lr: 0.1) }
    }
}

/// A recurrent layer, dropout on its outputs, and the mean over time.
private final class Recurrent: Module {
    let rnn = GRU(2, 3, batchFirst: true)
    let drop = Dropout(0.5)
    let head = Linear(3, 1)
    let usesState: Bool
    init(usesState: Bool = false) { self.usesState = usesState }
    func forward(_ x: Tensor) -> Tensor {
        let outputs = usesState ? rnn(x, state: nil).output : rnn(x)
        return head(drop(outputs).mean(axes: [1]))
    }
}

@Suite struct RNNRegularizerTests {
    private func fit(_ alpha: Float, _ beta: Float, usesState: Bool = false) throws -> (added: Double, expected: Double)
    {
        final class Sums: LearnerCallback {
            var before = 0.0
            var after = 0.0
            var outputs: [(String?, Tensor)] = []
            override var phase: Phase { .prepare }
            override func beforeBatch(_ learner: Learner) throws {
                if learner.isTraining {
                    learner.observeForward { self.outputs.append(($0.path, $0.outputs[0].detached())) }
                }
            }
            override func afterLoss(_ learner: Learner) throws {
                if learner.isTraining { before = learner.batchLoss }
            }
            override func beforeBackward(_ learner: Learner) throws { after = learner.loss.mean }
        }
        let x = Tensor.normal([4, 5, 2], key: RandomKey(seed: 4))
        let data = try TensorDataset(x, .zeros([4, 1]))
        let sums = Sums()
        let learner = Learner(
            try DataLoaders(train: data, valid: data, batchSize: 4), model: Recurrent(usesState: usesState),
            loss: MeanSquaredError(), optimizer: SGD(), callbacks: [RNNRegularizer(alpha: alpha, beta: beta), sums])
        learner.removeCallbacks(of: ProgressReporter.self)
        try learner.fit(1, lr: 0.01)
        let raw = try #require(sums.outputs.first { $0.0 == "rnn" }?.1).scalars
        let dropped = try #require(sums.outputs.first { $0.0 == "drop" }?.1).scalars
        #expect(raw != dropped)
        let size = dropped.reduce(0.0) { $0 + Double($1 * $1) } / 60
        var change = 0.0
        for sample in 0..<4 {
            for time in 0..<4 {
                for unit in 0..<3 {
                    let place = (sample * 5 + time) * 3 + unit
                    change += Double((raw[place + 3] - raw[place]) * (raw[place + 3] - raw[place]))
                }
            }
        }
        return (sums.after - sums.before, Double(alpha) * size + Double(beta) * change / 48)
    }

    @Test(arguments: [(Float(2), Float(1)), (2, 0), (0, 1), (0, 0)])
    func theMeanSquaresOfOutputsAndOfTheirChangesAreAdded(_ alpha: Float, _ beta: Float) throws {
        let (added, expected) = try fit(alpha, beta)
        #expect(abs(added - expected) < 1e-5)
        #expect((expected == 0) == (alpha == 0 && beta == 0))
    }

    @Test func aLayerThatIsCalledWithAStateIsSeenToo() throws {
        let (added, expected) = try fit(2, 1, usesState: true)
        #expect(abs(added - expected) < 1e-5 && expected > 0)
    }

    @Test func theGradientFollows() throws {
        func slope(_ alpha: Float) throws -> [Float] {
            let x = Tensor.normal([4, 5, 2], key: RandomKey(seed: 4))
            let data = try TensorDataset(x, .zeros([4, 1]))
            let witness = Witness()
            let learner = Learner(
                try DataLoaders(train: data, valid: data, batchSize: 4), model: Recurrent(), loss: MeanSquaredError(),
                optimizer: SGD(), callbacks: [RNNRegularizer(alpha: alpha, beta: 0), witness])
            learner.removeCallbacks(of: ProgressReporter.self)
            try learner.fit(1, lr: 0.01)
            return witness.gradients[0]
        }
        let (none, one, two) = (try slope(0), try slope(1), try slope(2))
        // The addition is linear in its weight.
        #expect(zip(none, zip(one, two)).allSatisfy { abs(2 * ($1.0 - $0) - ($1.1 - $0)) < 1e-5 })
        #expect(none != one)
    }

    @Test func aModelWithoutRecurrentLayersIsRefused() throws {
        let error = #expect(throws: CallbackError.self) { try makeLearner([RNNRegularizer()]).fit(1, lr: 0.1) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("expected a recurrent layer, of which there is none"))
    }
}

@Suite struct FreezingScheduleTests {
    /// Which groups moved in each step.
    private func moved(_ schedule: FreezingSchedule, epochs: Int) throws -> [[Bool]] {
        let witness = Witness()
        let learner = try makeLearner([schedule, witness])
        try learner.fit(epochs, lr: 0.01)
        #expect(learner.arena.entries.allSatisfy { $0.parameter.isTrainable })
        let ranges = learner.optimizer.groups.map { group in
            group.entries.flatMap { $0 }.map { learner.arena.entries[$0].range }
        }
        let after = Array(witness.values.dropFirst()) + [Array(learner.arena.values)]
        return zip(witness.values, after).map { before, after in
            ranges.map { $0.contains { range in before[range] != after[range] } }
        }
    }

    @Test func groupsAreUnfrozenFromTheLastOne() throws {
        let steps = try moved(FreezingSchedule(unfreezingEvery: .epochs(1)), epochs: 4)
        let expected = [[false, false, true], [false, true, true], [true, true, true], [true, true, true]]
        #expect(steps == expected.flatMap { Array(repeating: $0, count: 3) })
    }

    @Test func groupsAreFrozenFromTheFirstOne() throws {
        let steps = try moved(FreezingSchedule(freezingFrom: .epochs(1), to: .epochs(2)), epochs: 3)
        let expected = [[true, true, true], [false, true, true], [false, false, true]]
        #expect(steps == expected.flatMap { Array(repeating: $0, count: 3) })
    }

    @Test func stagesAreFollowed() throws {
        let stages = [
            FreezingSchedule.Stage(from: .steps(1), firstTrained: 2), .init(from: .steps(2), firstTrained: 0),
        ]
        let steps = try moved(FreezingSchedule(stages), epochs: 1)
        #expect(steps == [[true, true, true], [false, false, true], [true, true, true]])
    }

    @Test func whatWasFrozenStaysFrozen() throws {
        let learner = try makeLearner([FreezingSchedule(unfreezingEvery: .steps(1))])
        learner.arena.entries[0].parameter.isTrainable = false
        let before = learner.arena.entries[0].parameter.value.scalars
        try learner.fit(2, lr: 0.1)
        #expect(learner.arena.entries[0].parameter.value.scalars == before)
        #expect(!learner.arena.entries[0].parameter.isTrainable && learner.arena.entries[1].parameter.isTrainable)
    }

    @Test func mistakesAreErrors() throws {
        for bad in [
            FreezingSchedule([.init(from: .steps(0), firstTrained: 3)]), FreezingSchedule(unfreezingEvery: .minutes(1)),
            FreezingSchedule(freezingFrom: .steps(3), to: .steps(1)),
        ] {
            let learner = try makeLearner([bad])
            #expect(throws: CallbackError.self) { try learner.fit(1, lr: 0.1) }
            #expect(learner.progress.step == 0 && learner.arena.entries.allSatisfy { $0.parameter.isTrainable })
        }
    }
}

@Suite struct DropPathScheduleTests {
    private func model() -> Sequential { Sequential(Linear(3, 4), DropPath(0.9), DropPath(0.9), Linear(4, 1)) }

    @Test func theLastLayerFollowsTheScheduleAndEarlierOnesHaveLess() throws {
        for (grows, factors) in [(true, [Float(0.5), 1]), (false, [1, 1])] {
            let (witness, model) = (Witness(), model())
            let schedule = DropPathSchedule(.linear(from: 0, to: 0.5), growsWithDepth: grows)
            try makeLearner([schedule, witness], model: model).fit(2, lr: 0.01)
            let expected = (0..<6).flatMap { step in
                factors.map { $0 * Float(Schedule.linear(from: 0, to: 0.5).value(at: step, of: 6)) }
            }
            #expect(zip(witness.rates, expected).allSatisfy { abs($0 - $1) < 1e-6 } && witness.rates.count == 12)
            #expect(model.modules.compactMap { ($0.module as? DropPath)?.probability } == [0.9, 0.9])
        }
    }

    @Test func whatIsNoProbabilityIsRefused() throws {
        let model = model()
        #expect(throws: CallbackError.self) {
            try makeLearner([DropPathSchedule(.constant(1.5))], model: model).fit(1, lr: 0.01)
        }
        #expect(model.modules.compactMap { ($0.module as? DropPath)?.probability } == [0.9, 0.9])
        #expect(throws: CallbackError.self) { try makeLearner([DropPathSchedule(.constant(0.5))]).fit(1, lr: 0.01) }
    }
}
