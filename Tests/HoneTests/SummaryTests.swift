import Hone
import Testing

@Suite struct SummaryTests {
    private func learner() throws -> Learner {
        let data = try TensorDataset(
            .normal([12, 4], key: RandomKey(seed: 1)), .normal([12, 1], key: RandomKey(seed: 2)))
        let loader = try DataLoader(data, batchSize: 3, shuffles: true)
        let empty = try DataLoader(TensorDataset(.zeros([0, 4]), .zeros([0, 1])), batchSize: 3)
        let learner = Learner(
            try DataLoaders(train: loader, valid: empty),
            model: Sequential(Linear(4, 5), BatchNorm1d(5), Dropout(0.5), Linear(5, 1)), loss: MeanSquaredError())
        learner.callbacks.forEach { learner.remove($0) }
        return learner
    }

    @Test func theTableIsOfABatchOfTraining() throws {
        let summary = try learner().summary()
        #expect(summary.inputs == [[3, 4]])
        #expect(summary.rows.map(\.outputs) == [[[3, 5]], [[3, 5]], [[3, 5]], [[3, 1]]])
        #expect((summary.parameters, summary.multiplyAdds) == (41, 3 * 25))
    }

    @Test func aRunWithASummaryBetweenHasTheSameBits() throws {
        let (plain, asked) = (try learner(), try learner())
        _ = try asked.summary()
        for learner in [plain, asked] {
            try learner.fit(1, lr: 0.01)
            if learner === asked { _ = try learner.summary() }
            try learner.fit(1, lr: 0.01)
        }
        #expect(plain.model.stateDictionary.sha256 == asked.model.stateDictionary.sha256)
        #expect(plain.progress.step == asked.progress.step && plain.batchLoss == asked.batchLoss)
    }
}
