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
}
