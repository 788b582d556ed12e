import Foundation
import HoneTensor
import Testing

@Suite struct RandomKeyTests {
    @Test func keysArePureFunctionsOfTheirSeed() {
        #expect(RandomKey(seed: 42) == RandomKey(seed: 42))
        #expect(RandomKey(seed: 42) != RandomKey(seed: 43))
        let key = RandomKey(seed: 42)
        #expect(key.derived("shuffle", 3) == key.derived("shuffle", 3))
        #expect(key.derived("shuffle") == key.derived("shuffle", 0))
        #expect(key.uniform(5) == key.uniform(5) && key.normal(5) == key.normal(5))
        #expect(key.permutation(9) == key.permutation(9))
    }

    /// From an implementation of Philox4x32-10 and FNV-1a outside of this package, which gives the known answers of
    /// Random123 and of FNV's authors: every process and machine agrees with it.
    @Test func keysAreTheSameInEveryProcess() {
        let bits = [0, 1, 42, UInt64.max].map { RandomKey(seed: $0).bits }
        #expect(bits == [0x082d_a6f7_5983_94df, 0xd677_e172_7ef7_0dec, 0x4da9_d268_d065_1e10, 0xa279_8e93_d495_bca5])
        let key = RandomKey(seed: 42)
        #expect(key.derived("shuffle", 3).bits == 0xdd58_7b88_5fdd_63e1)
        #expect(key.derived("0.weight").bits == 0x7a51_bc34_9772_d9c6)
        #expect(key.derived("x", -1).bits == 0x6398_b947_fd8e_7077)
        #expect(key.permutation(10) == [1, 8, 4, 0, 3, 5, 6, 7, 9, 2])
        #expect(key.derived("shuffle", 3).permutation(7) == [5, 1, 3, 2, 6, 0, 4])
        #expect(key.uniform(4).map { $0 * 0x1p24 } == [12_556_003, 16_037_819, 7_842_324, 2_550_610])
    }

    @Test func tensorsAndArraysAreDrawnAlike() {
        let key = RandomKey(seed: 5)
        #expect(Tensor.uniform([3, 5], key: key).scalars == key.uniform(15))
        #expect(Tensor.uniform([7], low: -2, high: 3, key: key).scalars == key.uniform(7, low: -2, high: 3))
        let normal = Tensor.normal([3, 5], mean: 1, deviation: 2, key: key)
        #expect(normal.scalars == key.normal(15, mean: 1, deviation: 2))
        #expect(key.uniform(0) == [] && key.normal(0) == [])
    }

    /// How often each bit differs between the members of many pairs; it should be half of the time.
    private func expectUnrelated(_ name: String, _ pair: (Int) -> (UInt64, UInt64)) {
        let count = 4000
        var flips = [Int](repeating: 0, count: 64)
        for index in 0..<count {
            let (a, b) = pair(index)
            for bit in 0..<64 where (a ^ b) >> UInt64(bit) & 1 == 1 { flips[bit] += 1 }
        }
        let limit = 5 * (Double(count) * 0.25).squareRoot()
        for (bit, flipped) in flips.enumerated() {
            #expect(abs(Double(flipped) - Double(count) / 2) < limit, "\(name), bit \(bit): \(flipped) of \(count)")
        }
    }

    @Test func neighbouringSeedsPurposesAndIndicesAreUnrelated() {
        let key = RandomKey(seed: 1)
        expectUnrelated("seeds") { (RandomKey(seed: UInt64($0)).bits, RandomKey(seed: UInt64($0) + 1).bits) }
        expectUnrelated("high seeds") {
            (RandomKey(seed: UInt64($0)).bits, RandomKey(seed: UInt64($0) | 1 << 63).bits)
        }
        expectUnrelated("purposes") { (key.derived("a\($0)").bits, key.derived("b\($0)").bits) }
        expectUnrelated("indices") { (key.derived("epoch", $0).bits, key.derived("epoch", $0 + 1).bits) }
        expectUnrelated("negative indices") { (key.derived("epoch", $0).bits, key.derived("epoch", -1 - $0).bits) }
        expectUnrelated("parents") { (key.derived("p", $0).bits, key.derived("p", $0).derived("p", $0).bits) }
    }

    @Test func manyKeysAreAllDifferent() {
        let key = RandomKey(seed: 3)
        var bits: Set<UInt64> = []
        for purpose in ["shuffle", "dropout", "init", ""] {
            for index in 0..<2500 { bits.insert(key.derived(purpose, index).bits) }
        }
        #expect(bits.count == 10_000)
    }

    @Test func aPermutationHoldsEverythingOnce() {
        for count in [0, 1, 2, 3, 17, 1797] {
            #expect(RandomKey(seed: 9).permutation(count).sorted() == Array(0..<count))
        }
    }

    /// χ² over all 24 orders of four things, and over the places of ten; far beyond it lies one chance in a million.
    @Test func everyPermutationIsAsLikely() {
        let draws = 24_000
        var orders: [[Int]: Int] = [:]
        var places = [[Int]](repeating: [Int](repeating: 0, count: 10), count: 10)
        for index in 0..<draws {
            let key = RandomKey(seed: 11).derived("test", index)
            orders[key.permutation(4), default: 0] += 1
            for (place, thing) in key.permutation(10).enumerated() { places[place][thing] += 1 }
        }
        let expected = Double(draws) / 24
        let ofOrders = orders.values.reduce(0) { $0 + pow(Double($1) - expected, 2) / expected }
        #expect(orders.count == 24)
        #expect(ofOrders < 68, "23 degrees of freedom: \(ofOrders)")
        let ofPlaces = places.joined().reduce(0) { $0 + pow(Double($1) - 2400, 2) / 2400 }
        #expect(ofPlaces < 157, "81 degrees of freedom: \(ofPlaces)")
    }

    @Test func uniformNumbersFillTheirIntervalEvenly() {
        let numbers = RandomKey(seed: 21).uniform(100_000, low: -2, high: 6)
        #expect(numbers.allSatisfy { $0 >= -2 && $0 < 6 })
        var bins = [Double](repeating: 0, count: 64)
        for number in numbers { bins[Int((number + 2) * 8)] += 1 }
        let expected = Double(numbers.count) / 64
        let statistic = bins.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
        #expect(statistic < 132, "63 degrees of freedom: \(statistic)")
    }

    @Test func normalNumbersHaveTheirMoments() {
        let count = 200_000.0
        let numbers = RandomKey(seed: 22).normal(Int(count), mean: 3, deviation: 2).map { (Double($0) - 3) / 2 }
        func moment(_ power: Double) -> Double { numbers.reduce(0) { $0 + pow($1, power) } / count }
        // Five standard errors: the moments' own variances are 1, 2, 15 and 96.
        #expect(abs(moment(1)) < 5 * (1 / count).squareRoot())
        #expect(abs(moment(2) - 1) < 5 * (2 / count).squareRoot())
        #expect(abs(moment(3)) < 5 * (15 / count).squareRoot())
        #expect(abs(moment(4) - 3) < 5 * (96 / count).squareRoot())
    }

    @Test func aKeyCanBeCoded() throws {
        let key = RandomKey(seed: 77).derived("x", 5)
        let coded = try JSONEncoder().encode([key])
        #expect(try JSONDecoder().decode([RandomKey].self, from: coded) == [key])
    }
}
