import HoneNN
import HoneTensor
import Testing

@Suite struct ModelSummaryTests {
    private func image(_ side: Int, _ channels: Int = 3) -> Tensor { .zeros([1, channels, side, side]) }

    @Test func aRowForEachLayerWithItsShapesAndNumbers() throws {
        let model = Sequential(Conv2d(1, 2, kernel: 3), BatchNorm2d(2), ReLU(), Flatten(), Linear(8, 3))
        model.parameters[0].parameter.isTrainable = false
        let summary = try model.summary(for: image(4, 1))
        #expect(summary.rows.map(\.path) == ["0", "1", "2", "3", "4"])
        #expect(
            summary.rows.map { $0.outputs.map(\.array) } == [
                [[1, 2, 2, 2]], [[1, 2, 2, 2]], [[1, 2, 2, 2]], [[1, 8]], [[1, 3]],
            ])
        #expect(summary.rows.map(\.parameters) == [20, 4, 0, 0, 27])
        #expect(summary.rows.map(\.trainable) == [2, 4, 0, 0, 27])
        #expect(summary.rows.map(\.multiplyAdds) == [4 * 18, 0, 0, 0, 24])
        #expect((summary.parameters, summary.trainable, summary.multiplyAdds) == (51, 33, 96))
        let lines = summary.description.split(separator: "\n")
        #expect(lines[0] == "Sequential, input [1, 1, 4, 4]")
        #expect(lines[2].contains("Conv2d 1→2, 3×3") && lines[2].contains("part"))
        #expect(lines[7] == "parameters: 51, trainable: 33, frozen: 18" && lines[8] == "multiply-adds: 96")
    }

    @Test func layersOfEveryKindCountTheirProducts() throws {
        let x = Tensor.zeros([2, 5, 4])
        func work(_ model: any Module, _ inputs: [Tensor]) throws -> Int { try model.summary(for: inputs).multiplyAdds }
        #expect(try work(Linear(4, 3), [x]) == 10 * 12)
        #expect(try work(Conv1d(5, 6, kernel: 3), [x]) == 2 * 6 * 2 * 15)
        #expect(try work(Conv2d(4, 6, kernel: 3, padding: 1, groups: 2), [.zeros([1, 4, 5, 5])]) == 25 * 6 * 18)
        #expect(try work(ConvTranspose2d(4, 6, kernel: 2, stride: 2), [.zeros([1, 4, 5, 5])]) == 25 * 4 * 24)
        #expect(try work(Bilinear(3, 4, 5), [.zeros([2, 3]), .zeros([2, 4])]) == 2 * 5 * 3 * 5)
        #expect(try work(LSTM(4, 3, layers: 2, batchFirst: true), [x]) == 10 * (12 * 7 + 12 * 6))
        #expect(try work(GRU(4, 3, bidirectional: true), [x]) == 10 * 2 * 9 * 7)
        // Four projections, scores and weighted values.
        #expect(try work(MultiheadAttention(4, heads: 2), [x]) == 10 * 4 * 16 + 2 * 2 * 5 * 5 * 4)
        let (query, memory) = (Tensor.zeros([2, 3, 4]), Tensor.zeros([2, 5, 4]))
        #expect(
            try work(MultiheadAttention(4, heads: 2), [query, memory, memory]) == (6 + 10 + 10 + 6) * 16 + 2 * 2 * 3 * 5
                * 4)
        #expect(try work(Embedding(7, 4), [Tensor([1, 2] as [Int32])]) == 0)
    }

    @Test func knownModelsHaveTheirKnownNumbers() throws {
        // The benchmark's closed formula for a text model, 16 sequences of 128 there, one here.
        let gpt = GPT(words: 65, length: 128)
        let text = Tensor([Int32](repeating: 1, count: 128), shape: [1, 128])
        #expect(
            try gpt.summary(for: text).multiplyAdds == 128 * (4 * 12 * 128 * 128 + 65 * 128) + 4 * 2 * 128 * 128 * 128)
        let table = TabularModel(cardinalities: Array(repeating: 100, count: 10), continuous: 10, outputs: 1)
        let rows = try table.summary(for: Tensor([Int32](repeating: 1, count: 20), shape: [2, 10]), .zeros([2, 10]))
        #expect(rows.multiplyAdds == 2 * (220 * 200 + 200 * 100 + 100))
        #expect(rows.rows.first?.path == "embeds.0" && rows.rows.first?.outputs == [[2, 21]])
    }

    @Test func theProbeLeavesNoTrace() throws {
        let model = Sequential(Conv2d(1, 2, kernel: 3), BatchNorm2d(2), ReLU(), Flatten(), Dropout(0.5), Linear(8, 3))
        let x = Tensor.normal([4, 1, 4, 4], key: RandomKey(seed: 1))
        // Before the first values are drawn, which are then drawn by the seed that adopts the model.
        _ = try model.summary(for: x)
        ParameterArena.adopt(model, seed: 7)
        let other = Sequential(Conv2d(1, 2, kernel: 3), BatchNorm2d(2), ReLU(), Flatten(), Dropout(0.5), Linear(8, 3))
        ParameterArena.adopt(other, seed: 7)
        #expect(model.stateDictionary.sha256 == other.stateDictionary.sha256)
        // And afterwards, in the middle of a training step.
        let arena = ParameterArena.adopt(model, seed: 7)
        (model[4] as? Dropout)?.isTraining = false
        let tape = Tape()
        func step(asks: Bool) throws -> (Tensor, [Tensor]) {
            arena.zeroGradients()
            let output = try withRandomKey(RandomKey(seed: 2)) {
                try tape.record { () -> Tensor in
                    let first = model(x).dropout(0.5)
                    if asks { _ = try model.summary(for: x) }
                    let loss = (first * model(x).dropout(0.5)).sum()
                    try tape.backward(from: loss)
                    return loss
                }
            }
            return (output, model.parameters.map(\.parameter.gradient))
        }
        let (plain, slopes) = try step(asks: false)
        try model.load(other.stateDictionary)
        let (asked, sameSlopes) = try step(asks: true)
        #expect(asked.isBitwiseEqual(to: plain))
        #expect(zip(slopes, sameSlopes).allSatisfy { $0.isBitwiseEqual(to: $1) })
        #expect(
            arena.isCurrent && (model[4] as? Dropout)?.isTraining == false
                && (model[1] as? BatchNorm2d)?.isTraining == true)
    }

    @Test func tiedParametersCountOnceAndIdleLayersAreShown() throws {
        let tied = GPT(words: 7, length: 4, features: 8, heads: 2, layers: 1, tiesHead: true)
        let summary = try tied.summary(for: Tensor([1, 2] as [Int32], shape: [1, 2]))
        #expect(summary.parameters == tied.parameters.reduce(0) { $0 + $1.parameter.shape.count })
        #expect(summary.rows.last?.label == "Linear 8→7" && summary.rows.last?.parameters == 0)
        final class Idle: Module {
            let used = Linear(2, 2)
            let unused = Linear(2, 2)
            func forward(_ x: Tensor) -> Tensor { used(used(x)) }
        }
        let idle = try Idle().summary(for: .zeros([1, 2]))
        #expect(idle.rows.map(\.multiplyAdds) == [8, 0] && idle.rows[1].outputs.isEmpty)
        #expect(idle.description.contains("not called"))
    }

    @Test func mistakesAreThrown() {
        #expect(throws: TensorError.self) { try Linear(3, 2).summary(for: .zeros([1, 2])) }
        #expect(throws: TensorError.self) { try Linear(3, 2).summary(for: .zeros([1, 3]), .zeros([1, 3])) }
    }
}
