import HoneNN
import HoneOptim
import HoneTensor
import Testing

/// Large embeddings of which a batch uses few rows.
@Suite struct TouchedRowsTests {
    private final class Words: Module {
        let head = Parameter([3])
        let table: Parameter
        let tail = Parameter([5])

        init() {
            var numbers = TestNumbers(seed: 3)
            table = Parameter([20_000, 4])
            table.value = Tensor(numbers.floats(80_000), shape: [20_000, 4])
        }

        func forward(_ x: Tensor) -> Tensor { table.tensor.rows(x) }
    }

    /// One step on the mean square of some words' vectors, and the rows that were known to have a gradient.
    private func train(_ optimizer: Optimizer, _ model: Words, _ words: [Int32], readsGradients: Bool = false) throws
        -> [Range<Int>]?
    {
        optimizer.arena.zeroGradients()
        let tape = Tape()
        tape.start()
        let loss = tape.resume {
            let rows = model.table.tensor.rows(Tensor(words))
            return (rows * rows).sum()
        }
        try tape.backward(from: loss)
        if readsGradients { _ = optimizer.arena.gradients }
        let rows = optimizer.arena.touchedRows(of: optimizer.arena.entries[1])?.ranges
        optimizer.step()
        return rows
    }

    private static let batches: [[Int32]] = [[5, 7, 7], [19_999, 0, 8], [7, 8, 9], [100], [5, 5]]

    @Test func theRowsOfABatchAreKnownFromTheSecondOneOn() throws {
        let model = Words()
        let optimizer = Optimizer(SGD(learningRate: 0.1), ParameterArena.adopt(model, seed: 0))
        let rows = try Self.batches.map { try train(optimizer, model, $0) }
        #expect(rows == [nil, [0..<1, 8..<9, 19_999..<20_000], [7..<10], [100..<101], [5..<6]])
    }

    @Test(arguments: [SGD(learningRate: 0.1), Adagrad(learningRate: 0.1), Adam()] as [any UpdateRule])
    func passingOverTheOthersChangesNoBit(_ rule: any UpdateRule) throws {
        func result(readsGradients: Bool) throws -> [UInt32] {
            let model = Words()
            let optimizer = Optimizer(rule, ParameterArena.adopt(model, seed: 0))
            for words in Self.batches { _ = try train(optimizer, model, words, readsGradients: readsGradients) }
            return bits(optimizer.arena)
        }
        #expect(try result(readsGradients: false) == result(readsGradients: true))
    }

    @Test func untouchedRowsAreNotEvenLookedAt() throws {
        let model = Words()
        let optimizer = Optimizer(SGD(learningRate: 0.1), ParameterArena.adopt(model, seed: 0))
        _ = try train(optimizer, model, [1])
        // A value that any arithmetic would turn into another.
        optimizer.arena.values[optimizer.arena.entries[1].range.lowerBound + 400] = .signalingNaN
        let before = bits(optimizer.arena)
        #expect(try train(optimizer, model, [1]) == [1..<2])
        let after = bits(optimizer.arena)
        let changed = before.indices.filter { before[$0] != after[$0] }
        let start = optimizer.arena.entries[1].range.lowerBound
        #expect(changed == Array(start + 4..<start + 8))
    }

    @Test func momentumAndDecayReachAllRows() throws {
        for rule in [SGD(learningRate: 0.1, momentum: 0.9), SGD(learningRate: 0.1, weightDecay: 0.1)] {
            let model = Words()
            let arena = ParameterArena.adopt(model, seed: 0)
            let optimizer = Optimizer(rule, arena)
            _ = try train(optimizer, model, [1])
            _ = try train(optimizer, model, [1])
            let before = bits(arena)
            _ = try train(optimizer, model, [2])
            let start = arena.entries[1].range.lowerBound
            #expect(bits(arena)[start + 4] != before[start + 4], "\(rule)")
        }
    }

    @Test func gradientsThatSomebodyElseWritesCount() throws {
        let model = Words()
        let optimizer = Optimizer(SGD(learningRate: 0.1), ParameterArena.adopt(model, seed: 0))
        for _ in 0..<2 { _ = try train(optimizer, model, [1]) }
        let place = optimizer.arena.entries[1].range.lowerBound + 40
        let before = optimizer.arena.values[place]
        optimizer.arena.zeroGradients()
        optimizer.arena.gradients[place] = 1
        optimizer.step()
        #expect(abs(optimizer.arena.values[place] - (before - 0.1)) < 1e-6)
        // And they are forgotten like all others.
        optimizer.arena.zeroGradients()
        #expect(optimizer.arena.gradients.allSatisfy { $0 == 0 })
    }

    @Test func anotherUseOfTheTableGivesAllRowsAGradient() throws {
        let model = Words()
        let arena = ParameterArena.adopt(model, seed: 0)
        let optimizer = Optimizer(SGD(learningRate: 0.1), arena)
        for _ in 0..<2 { _ = try train(optimizer, model, [1]) }
        arena.zeroGradients()
        let before = model.table.value.scalars
        let tape = Tape()
        tape.start()
        let loss = tape.resume { model.table.tensor.rows([1]).sum() + model.table.tensor.sum() }
        try tape.backward(from: loss)
        optimizer.step()
        let after = model.table.value.scalars
        #expect(abs(after[0] - (before[0] - 0.1)) < 1e-6 && abs(after[4] - (before[4] - 0.2)) < 1e-6)
    }
}
