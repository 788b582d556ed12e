import HoneNN
import HoneTensor
import Testing

/// Sums and averages over all parameters.
@Suite struct ParameterArenaSumsTests {
    private func arena() -> ParameterArena {
        ParameterArena.adopt(Sequential(Linear(7, 5), ReLU(), Linear(5, 3)), seed: 3)
    }

    @Test func anAverageMovesByItsShare() {
        let arena = arena()
        var average: [Float] = []
        arena.moveAverage(&average, by: 0.25)
        #expect(average == Array(arena.values), "the first is a copy")
        let former = average
        for index in arena.values.indices { arena.values[index] += Float(index) }
        arena.moveAverage(&average, by: 0.25)
        for index in average.indices {
            #expect(abs(average[index] - former[index] - 0.25 * Float(index)) < 1e-4)
        }
        arena.moveAverage(&average, by: 1)
        withExtendedLifetime(arena) {
            #expect(zip(average, arena.values).allSatisfy { abs($0 - $1) < 1e-4 })
        }
    }

    @Test func normsAndDistancesAreThoseOfTheElements() {
        let arena = arena()
        let former = Array(arena.values)
        for index in arena.values.indices { arena.values[index] += Float(index % 3) - 1 }
        for range in [nil] + arena.entries.map(\.range) {
            let (squares, distance) = (arena.sumOfSquares(range), arena.squaredDistance(from: former, range))
            let (a, b) = (0.0, 0.0)
            let (expected, moved) = (range ?? 0..<arena.count).reduce((a, b)) { sums, index in
                let (value, change) = (Double(arena.values[index]), Double(arena.values[index] - former[index]))
                return (sums.0 + value * value, sums.1 + change * change)
            }
            #expect(abs(squares - expected) < 1e-5 * expected && abs(distance - moved) < 1e-5 * max(1, moved))
        }
        #expect(arena.squaredDistance(from: [1]).isNaN)
    }
}
