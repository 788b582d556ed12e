import HoneTensor
import Testing

/// Long recordings, and where the memory of tensors and tapes goes.
@Suite struct TapeMemoryTests {
    #if DEBUG
    private let longRecording = 200_000
    #else
    private let longRecording = 1_000_000
    #endif

    @Test func aLongRecordingNeitherOverflowsTheStackNorLeaks() throws {
        let pool = StoragePool()
        try withStoragePool(pool) {
            let baseline = pool.statistics.liveBlocks
            let tape = Tape()
            let slope = try tape.record { () -> Float in
                let x = tape.watch(Tensor(Float(1)))
                var y = x
                for _ in 0..<longRecording { y = y + x }
                // Not a sum of ones alone: every operation of the chain has to pass the factor on.
                return try tape.gradients(of: y * 2, for: [x])[0].item()
            }
            #expect(slope == 2 * Float(longRecording + 1))
            #expect(pool.statistics.liveBlocks == baseline)
        }
    }

    @Test func aRecordingThatIsGivenUpLeavesNothing() {
        let pool = StoragePool()
        withStoragePool(pool) {
            var tape: Tape? = Tape()
            tape?.record {
                var y = tape?.watch(Tensor([1, 2])) ?? Tensor(0)
                for _ in 0..<1000 { y = y * y + 1 }
            }
            #expect(pool.statistics.liveBlocks >= 1000)
            tape?.clear()
            #expect(pool.statistics.liveBlocks == 0)
            tape?.record { _ = (tape?.watch(Tensor([1, 2])) ?? Tensor(0)).exp() }
            #expect(pool.statistics.liveBlocks > 0)
            tape = nil
            #expect(pool.statistics.liveBlocks == 0)
        }
    }

    @Test func everyOperationGivesItsMemoryBack() throws {
        let pool = StoragePool()
        try withStoragePool(pool) {
            var numbers = TestNumbers(seed: 1)
            let inputs = [numbers.tensor([3, 4], in: 0.5...1), numbers.tensor([4], in: 0.5...1)]
            let baseline = pool.statistics.liveBlocks
            let operations: [([Tensor]) -> Tensor] = [
                { $0[0] + $0[1] }, { $0[0] * $0[1] }, { $0[0] / $0[1] }, { $0[0].power($0[1]) },
                { $0[0].maximum($0[1]) }, { $0[0].exp() }, { $0[0].log() }, { $0[0].clamped(0.6, 0.9) },
                { 1 / $0[0] }, { $0[0].power(2) },
                { $0[0].matmul($0[0].transposed()) }, { $0[0].linear($0[0], relu: true) }, { $0[0].sum(axes: [0]) },
                { $0[0].max(axes: [1]) }, { $0[0].reshaped([-1]) }, { $0[0].rows([2, 0]) }, { $0[0].softmax() },
                { $0[0].crossEntropySum(Tensor([Int32(0), 1, 2])) }, { $0[0].squaredErrorSum($0[0] * 2) },
                { $0[0].dropout(0.5) }, { Doubled()($0[0]) },
            ]
            for (index, operation) in operations.enumerated() {
                _ = try gradients(at: inputs, operation)
                #expect(pool.statistics.liveBlocks == baseline, "operation \(index)")
            }
        }
    }

    @Test func stepsOfOneKindNeedNoNewMemory() throws {
        let pool = StoragePool()
        try withStoragePool(pool) {
            var numbers = TestNumbers(seed: 2)
            let (x, w) = (numbers.tensor([16, 8]), numbers.tensor([4, 8]))
            func step() throws { _ = try gradients(at: [x, w]) { $0[0].linear($0[1], relu: true).square().mean() } }
            for _ in 0..<3 { try step() }
            let before = pool.statistics
            for _ in 0..<20 { try step() }
            #expect(pool.statistics.systemAllocations == before.systemAllocations)
            #expect(pool.statistics.allocations > before.allocations)
        }
    }

    @Test func aPoolCountsWhatIsAlive() {
        let pool = StoragePool()
        withStoragePool(pool) {
            var kept: Tensor? = Tensor.zeros([1000])
            #expect(pool.statistics.liveBlocks == 1 && pool.statistics.liveBytes >= 4000)
            let view = kept?.reshaped([10, 100])
            kept = nil
            #expect(pool.statistics.liveBlocks == 1 && view?.scalars.count == 1000)
        }
        #expect(pool.statistics.liveBlocks == 0 && pool.statistics.liveBytes == 0)
        #expect(pool.statistics.peakBytes >= 4000 && pool.statistics.keptBytes >= 4000)
        pool.resetPeak()
        #expect(pool.statistics.peakBytes == 0)
        pool.trim()
        #expect(pool.statistics.keptBytes == 0)
    }

    @Test func aPoolKeepsNoMoreThanItsCap() {
        let pool = StoragePool(cap: 0)
        withStoragePool(pool) { _ = Tensor.zeros([1000]) }
        #expect(pool.statistics.keptBytes == 0 && pool.statistics.liveBlocks == 0)
    }

    @Test func theFormerPoolComesBack() {
        let (outer, inner) = (StoragePool(), StoragePool())
        withStoragePool(outer) {
            withStoragePool(inner) { _ = Tensor.zeros([4]) }
            _ = Tensor.zeros([4])
        }
        #expect(inner.statistics.allocations == 1 && outer.statistics.allocations == 1)
    }

    @Test func aTensorOutlivesItsPool() {
        var pool: StoragePool? = StoragePool()
        let tensor = pool.map { withStoragePool($0) { Tensor([1, 2, 3]) } }
        pool = nil
        #expect(tensor.map { ($0 + 1).scalars } == [2, 3, 4])
    }
}

private final class Doubled: CustomOperation {
    func forward(_ inputs: [Tensor]) -> Tensor { inputs[0] * 2 }
    func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [gradient * 2] }
}
