import Hone
import Testing

/// Batch norms that stay while the rest is trained.
@Suite struct FreezeBatchNormTests {
    /// A batch norm in each of two parts, and one without scale and shift in the first.
    private final class Net: LayerGrouped {
        let body = Sequential(Linear(6, 8), BatchNorm1d(8), ReLU(), Linear(8, 8), BatchNorm1d(8, affine: false))
        let head = Sequential(Linear(8, 8), BatchNorm1d(8), ReLU(), Linear(8, 3))
        var groupStarts: [String] { ["head"] }
        func forward(_ x: Tensor) -> Tensor { head(body(x)) }
    }

    /// A learner that was trained for an epoch, so that statistics are those of the data.
    private func learner(trainsBatchNorm: Bool = true, groups: ParameterGrouping = .byModel) throws -> Learner {
        let learner = Learner(
            try DataLoaders(train: Points.dataset(), valid: Points.dataset(20, seed: 10), batchSize: 8), model: Net(),
            loss: CrossEntropy(), optimizer: SGD(learningRate: 0.1, momentum: 0.9), groups: groups,
            trainsBatchNorm: trainsBatchNorm, handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        try learner.fit(1)
        return learner
    }

    /// The names of the model's state that a fit changes.
    private func changed(_ learner: Learner, _ body: () throws -> Void) rethrows -> Set<String> {
        let before = learner.model.stateDictionary
        try body()
        let after = learner.model.stateDictionary
        return Set(zip(before.entries, after.entries).filter { !$0.value.isBitwiseEqual(to: $1.value) }.map(\.0.name))
    }

    private static let ofBody = ["body.1.running_mean", "body.1.running_var", "body.1.num_batches_tracked"]
    private static let ofHead = ["head.1.running_mean", "head.1.running_var", "head.1.num_batches_tracked"]
    private static let ofPlain = ["body.4.running_mean", "body.4.running_var", "body.4.num_batches_tracked"]

    @Test func statisticsStayAndAreUsed() throws {
        let learner = try learner()
        var (seen, expected): ([Double], [Double]) = ([], [])
        let listener = Listener(phase: .persist) { event, learner in
            guard event == .afterLoss, learner.isTraining else { return }
            seen.append(learner.batchLoss)
            learner.model.eval()
            let loss = CrossEntropy().evaluate(try learner.forward(learner.batch)[0], learner.batch.targets[0])
            learner.model.train()
            expected.append(Double(loss.sum.item()) / loss.count)
        }
        let moved = try changed(learner) { try learner.fit(2, callbacks: [FreezeBatchNorm(), listener]) }
        #expect(moved.isDisjoint(with: Self.ofBody + Self.ofHead + Self.ofPlain))
        #expect(
            moved.isSuperset(of: ["body.0.weight", "body.1.weight", "body.1.bias", "head.1.weight", "head.3.weight"]))
        #expect(seen.count == 12 && zip(seen, expected).allSatisfy { isClose($0, $1) })
        // Afterwards, they follow the data again.
        let norms = learner.model.modules.compactMap { $0.module as? BatchNorm }
        #expect(norms.count == 3 && norms.allSatisfy { $0.isTraining })
        #expect(try changed(learner) { try learner.fit(1) }.isSuperset(of: Self.ofBody + Self.ofHead + Self.ofPlain))
    }

    @Test func scalesAndShiftsStayIfAsked() throws {
        let learner = try learner()
        let moved = try changed(learner) { try learner.fit(2, callbacks: [FreezeBatchNorm(affine: true)]) }
        #expect(
            moved
                == Set(
                    (0...3).filter { $0 == 0 || $0 == 3 }.flatMap { layer in
                        ["body.\(layer).weight", "body.\(layer).bias", "head.\(layer).weight", "head.\(layer).bias"]
                    }))
        #expect(learner.arena.entries.allSatisfy { $0.parameter.isTrainable })
    }

    @Test func thoseOfFrozenPartsAreKeptAndTheOthersAreNot() throws {
        for trainsBatchNorm in [true, false] {
            let learner = try learner(trainsBatchNorm: trainsBatchNorm)
            try learner.freeze()
            let trainable = learner.arena.entries.map(\.parameter.isTrainable)
            let moved = try changed(learner) { try learner.fit(2, callbacks: [FreezeBatchNorm(.frozenParts)]) }
            #expect(moved.isDisjoint(with: Self.ofBody + Self.ofPlain) && moved.isSuperset(of: Self.ofHead))
            #expect(moved.contains("body.1.weight") == trainsBatchNorm && !moved.contains("body.0.weight"))
            let fixed = try changed(learner) {
                try learner.fit(2, callbacks: [FreezeBatchNorm(.frozenParts, affine: true)])
            }
            #expect(fixed.allSatisfy { $0.hasPrefix("head.") } && fixed.contains("head.1.weight"))
            #expect(learner.arena.entries.map(\.parameter.isTrainable) == trainable)
        }
    }

    @Test func aNormThatIsNotTrainedItselfIsOfAFrozenPart() throws {
        let learner = try learner(groups: .whole)
        for entry in learner.arena.entries where entry.name.hasPrefix("body.1.") { entry.parameter.isTrainable = false }
        let moved = try changed(learner) { try learner.fit(1, callbacks: [FreezeBatchNorm(.frozenParts)]) }
        #expect(moved.isDisjoint(with: Self.ofBody) && moved.isSuperset(of: Self.ofHead + Self.ofPlain))
    }

    @Test func withoutFrozenPartsNothingIsOtherwise() throws {
        let (plain, kept) = (try learner(), try learner())
        try plain.fit(2)
        try kept.fit(2, callbacks: [FreezeBatchNorm(.frozenParts, affine: true)])
        #expect(bits(plain) == bits(kept))
        #expect(plain.model.stateDictionary.sha256 == kept.model.stateDictionary.sha256)
    }

    @Test func itFollowsWhatIsUnfrozenDuringTheFit() throws {
        let learner = try learner()
        try learner.freeze()
        var counts: [Int32] = []
        let unfreezing = Listener(phase: .prepare) { event, learner in
            guard event == .beforeBatch, learner.isTraining, learner.run.step == 4 else { return }
            for entry in learner.arena.entries where !entry.name.hasPrefix("body.1.") {
                entry.parameter.isTrainable = true
            }
        }
        let counting = Listener(phase: .persist) { event, learner in
            guard event == .afterStep, let norm = (learner.model as? Net)?.body.modules[2].module as? BatchNorm else {
                return
            }
            counts += norm.buffers.filter { $0.name == "num_batches_tracked" }.flatMap(\.buffer.value.integers)
        }
        try learner.fit(1, callbacks: [unfreezing, FreezeBatchNorm(.frozenParts, affine: true), counting])
        // After six batches of the first fit, four are passed over, and two are taken in.
        #expect(counts == [6, 6, 6, 6, 7, 8])
        #expect(learner.arena.entries.allSatisfy { $0.parameter.isTrainable })
    }

    @Test func aFitThatThrowsPutsAllBack() throws {
        let learner = try learner()
        #expect(throws: CallbackError.self) {
            try learner.fit(
                1, callbacks: [FreezeBatchNorm(affine: true), .on(.afterStep) { _ in throw Oops() }])
        }
        #expect(learner.arena.entries.allSatisfy { $0.parameter.isTrainable })
        #expect(learner.model.modules.compactMap { $0.module as? BatchNorm }.allSatisfy { $0.isTraining })
    }

    @Test func aModelWithoutBatchNormsIsAnError() throws {
        let error = try #require(throws: CallbackError.self) {
            try Points.learner(callbacks: [FreezeBatchNorm()]).fit(1)
        }
        #expect("\(error.underlying)" == "FreezeBatchNorm is a model without batch norms, expected at least one")
    }
}
