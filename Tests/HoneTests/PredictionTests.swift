import Foundation
import Hone
import Testing

@Suite struct PredictionTests {
    @Test func predictionsComeInTheDataSetsOrderWhateverTheLoaderDoes() throws {
        let x = Tensor((0..<10).map(Float.init), shape: [10, 1])
        let samples = try TensorDataset(x, x)
        let loaders = try DataLoaders(
            train: DataLoader(samples, batchSize: 4, shuffles: true, dropsLast: true),
            valid: DataLoader(samples, batchSize: 3))
        let model = Linear(1, 1)
        let learner = Learner(loaders, model: model, loss: MeanSquaredError())
        let expected = model(x)
        let shuffled = try #require(try learner.predictions(on: loaders.train).first)
        let plain = try #require(try learner.predictions().first)
        #expect(shuffled.isBitwiseEqual(to: plain))
        #expect(shuffled.allClose(to: expected))
    }

    @Test func predictionsKeepNoInputs() throws {
        let learner = try Points.learner()
        var live: [Int] = []
        let listener = Listener(joins: .predict) { event, learner in
            if event == .afterBatch { live.append(learner.pool.statistics.liveBlocks) }
        }
        let loader = try DataLoader(Points.dataset(), batchSize: 4)
        _ = try learner.withCallbacks(listener) { try learner.predictions(on: loader, withLosses: true) }
        // With each batch come its outputs and its targets.
        #expect(live.count == 12 && zip(live, live.dropFirst()).allSatisfy { $1 - $0 == 2 })
    }

    @Test func predictionsWithLossesAreEachSamplesOwnInOrder() throws {
        let learner = try Points.learner()
        let valid = try Points.dataset(20, seed: 10)
        let shuffled = try DataLoader(valid, batchSize: 6, shuffles: true, dropsLast: true)
        let found = try learner.predictions(on: shuffled, withLosses: true)
        #expect(found.indices == Array(0..<20))
        #expect(found.outputs[0].allClose(to: try learner.predictions()[0]))
        let labels = try #require(valid.targets).integers
        #expect(found.targets[0].integers == labels)
        let (scores, losses) = (found.outputs[0].scalars, try #require(found.losses).scalars)
        for row in 0..<20 {
            let own = scores[3 * row..<3 * row + 3].map { exp(Double($0)) }
            let sum = own.reduce(0, +)
            for (value, expected) in zip(found.probabilities.scalars[3 * row..<3 * row + 3], own) {
                #expect(isClose(Double(value), expected / sum))
            }
            #expect(isClose(Double(losses[row]), -log(own[Int(labels[row])] / sum)))
            #expect(Int(found.decoded.integers[row]) == own.indices.max { own[$0] < own[$1] })
        }
        #expect(isClose(losses.map(Double.init).reduce(0, +) / 20, try learner.validate().loss))
        #expect(try learner.predictions(withLosses: false).losses == nil)
    }

    @Test func lossesThatAreNotKnownAreErrors() throws {
        let learner = try Line.learner(
            loss: FunctionLoss { prediction, target in
                LossValue(sum: ((prediction - target) * (prediction - target)).sum(), count: Double(target.count))
            })
        #expect(throws: LearnerError.self) { try learner.predictions(withLosses: true) }
        let found = try learner.predictions(withLosses: false)
        #expect(
            found.probabilities.isBitwiseEqual(to: found.outputs[0])
                && found.decoded.isBitwiseEqual(to: found.outputs[0]))
        let unlabelled = try DataLoader(TensorDataset(Tensor([1, 2], shape: [2, 1])), batchSize: 1)
        #expect(throws: LearnerError.missingTarget) { try Line.learner().predictions(on: unlabelled, withLosses: true) }
        let empty = try DataLoader(Subset(Points.dataset(), []), batchSize: 1)
        #expect(throws: DataError.self) { try Points.learner().predictions(on: empty, withLosses: false) }
    }

    @Test func predictAnswersOneSampleWithoutItsAxis() throws {
        let learner = try Points.learner()
        let all = try learner.predictions(withLosses: false)
        let inputs = try Points.dataset(20, seed: 10).inputs.scalars
        for row in [0, 7, 19] {
            let one = try learner.predict(Tensor(Array(inputs[6 * row..<6 * row + 6])))
            #expect(one.outputs[0].shape == [3] && one.probabilities.shape == [3] && one.decoded.shape == [])
            #expect(one.decoded.integers[0] == all.decoded.integers[row])
            for (a, b) in zip(one.probabilities.scalars, all.probabilities.scalars[(3 * row)...]) {
                #expect(isClose(Double(a), Double(b)))
            }
        }
        #expect(throws: (any Error).self) { try learner.predict(Tensor([1, 2])) }
        #expect(!learner.isRunning)
    }

    @Test func everyLossThatDecodesDoesSoByItsDefinition() {
        let outputs = Tensor([2, -1, 0.5, -0.25, 3, 0], shape: [2, 3])
        func expectClose(_ tensor: Tensor, _ values: [Double]) {
            #expect(zip(tensor.scalars, values).allSatisfy { isClose(Double($0), $1) })
        }
        let softmax = [[2, -1, 0.5], [-0.25, 3, 0]].flatMap { row in
            row.map { exp($0) / row.map { exp($0) }.reduce(0, +) }
        }
        for loss in [CrossEntropy(), Focal()] as [any DecodingLoss] {
            expectClose(loss.activated(outputs), softmax)
            #expect(loss.decoded(loss.activated(outputs)).integers == [0, 1])
        }
        expectClose(NegativeLogLikelihood().activated(outputs), outputs.scalars.map { exp(Double($0)) })
        for loss in [BinaryCrossEntropyWithLogits(), BinaryFocal()] as [any DecodingLoss] {
            expectClose(loss.activated(outputs), outputs.scalars.map { 1 / (1 + exp(-Double($0))) })
            #expect(loss.decoded(loss.activated(outputs)).integers == [1, 0, 1, 0, 1, 0])
        }
        #expect(BinaryCrossEntropy().decoded(Tensor([0.2, 0.7])).integers == [0, 1])
    }

    // MARK: Test-time augmentation

    /// Adds pass-dependent noise to the input.
    @Sendable private static func noise(_ batch: Batch, _ key: RandomKey) -> Batch {
        Batch(
            inputs: [batch.input + Tensor.normal(batch.input.shape, key: key)], targets: batch.targets,
            indices: batch.indices)
    }

    @Test func ttaMixesTheAverageOfAugmentedPassesWithThePlainOne() throws {
        let learner = try Points.learner()
        let plain = try learner.predictions(withLosses: false)
        // The augmented inputs are made here again, batch by batch.
        let base = RandomKey(seed: 42)
        let inputs = try Points.dataset(20, seed: 10)
        let passes = try (0..<4).map { pass -> [Float] in
            let parts = try stride(from: 0, to: 20, by: 16).map { start -> [Float] in
                let batch = try inputs.batch(Array(start..<min(20, start + 16)))
                return Self.noise(batch, base.derived("tta", pass).derived("batch", start)).input.scalars
            }
            let made = try TensorDataset(Tensor(parts.flatMap { $0 }, shape: [20, 6]))
            return try learner.predictions(on: DataLoader(made, batchSize: 16), withLosses: false).probabilities.scalars
        }
        let mixed = try learner.tta(augment: Self.noise)
        let largest = try learner.tta(usesMaximum: true, augment: Self.noise)
        let untouched = try learner.tta(beta: 1, augment: Self.noise)
        for (index, own) in plain.probabilities.scalars.enumerated() {
            let average = passes.map { Double($0[index]) }.reduce(0, +) / 4
            #expect(isClose(Double(mixed.probabilities.scalars[index]), 0.75 * average + 0.25 * Double(own)))
            #expect(largest.probabilities.scalars[index] == max(own, passes.map { $0[index] }.max() ?? own))
            #expect(isClose(Double(untouched.probabilities.scalars[index]), Double(own)))
        }
        #expect(mixed.targets[0].integers == plain.targets[0].integers && mixed.indices == plain.indices)
        #expect(mixed.outputs[0].isBitwiseEqual(to: plain.outputs[0]))
        #expect(try learner.tta(augment: Self.noise).probabilities.isBitwiseEqual(to: mixed.probabilities))
    }

    @Test func argumentsOfTTAOutOfRangeAreErrors() throws {
        let learner = try Points.learner()
        #expect(throws: LearnerError.self) { try learner.tta(passes: 0, augment: Self.noise) }
        #expect(throws: LearnerError.self) { try learner.tta(beta: 1.5, augment: Self.noise) }
        #expect(throws: Oops.self) { try learner.tta { _, _ in throw Oops() } }
        #expect(throws: TensorError.self) {
            try learner.tta { batch, _ in
                Batch(inputs: [batch.input + Tensor([1, 2])], targets: batch.targets, indices: batch.indices)
            }
        }
    }
}
