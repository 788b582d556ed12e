import Foundation
import HonePlot
import Testing

@Suite struct TicksTests {
    static let ranges: [(Double, Double)] = [
        (0, 1), (0, 10), (-3, 7), (0.1, 0.9), (2.29, 2.31), (0, 3e-4), (-1e-7, 1e-7), (0, 2000), (0, 99_999),
        (0, 3_500_000), (1e12, 3e12), (-1e300, 1e300), (1000.001, 1000.009), (5e-200, 9e-200), (-5, -4.2), (0, 0.07),
        (123_456, 123_460), (0.999, 1.001), (7, 7.0001),
    ]

    @Test(
        "linear steps are 1, 2 or 5 times a power of ten", arguments: ranges, [1, 2, 3, 5, 8, 12])
    func linearStepsAreRound(range: (Double, Double), count: Int) throws {
        let values = Ticks.linear(from: range.0, to: range.1, count: count).map(\.value)
        for (low, high) in zip(values, values.dropFirst()) {
            let step = high - low
            let lead = step / pow(10, log10(step * 1.0000001).rounded(.down))
            let isRound = [1.0, 2, 5, 10].contains { abs(lead - $0) < 1e-3 }
            #expect(isRound, "step \(step) of \(range)")
        }
    }

    @Test(
        "linear ticks lie in the range and reach both of its ends", arguments: ranges, [2, 3, 5, 8, 12])
    func linearTicksLieInTheRangeAndReachBothOfItsEnds(range: (Double, Double), count: Int) throws {
        let (low, high) = range
        let values = Ticks.linear(from: low, to: high, count: count).map(\.value)
        let first = try #require(values.first)
        let last = try #require(values.last)
        let slack = (high - low) * 1e-6
        #expect(first >= low - slack)
        #expect(last <= high + slack)
        if values.count > 1 {
            let step = values[1] - values[0]
            #expect(first - low < step + slack)
            #expect(high - last < step + slack)
        }
        #expect(values.count <= 2 * count + 1)
    }

    @Test(
        "no two linear labels are the same", arguments: ranges, [1, 3, 5, 8, 12])
    func noTwoLinearLabelsAreTheSame(range: (Double, Double), count: Int) {
        let labels = Ticks.linear(from: range.0, to: range.1, count: count).map(\.label)
        #expect(Set(labels).count == labels.count)
    }

    @Test(
        "a label reads as the value of its tick", arguments: ranges, [3, 8])
    func aLabelReadsAsTheValueOfItsTick(range: (Double, Double), count: Int) throws {
        for tick in Ticks.linear(from: range.0, to: range.1, count: count) {
            var text = tick.label
            var factor = 1.0
            if text.hasSuffix("k") { factor = 1e3 }
            if text.hasSuffix("M") { factor = 1e6 }
            if factor > 1 { text.removeLast() }
            let value = try #require(Double(text)) * factor
            #expect(abs(value - tick.value) <= abs(tick.value) * 1e-12)
        }
    }

    @Test("labels of one axis have the same number of decimals") func labelsOfOneAxisHaveTheSameNumberOfDecimals() {
        #expect(Ticks.linear(from: 0, to: 2, count: 4).map(\.label) == ["0.0", "0.5", "1.0", "1.5", "2.0"])
        #expect(Ticks.linear(from: 0, to: 0.04, count: 4).map(\.label) == ["0.00", "0.01", "0.02", "0.03", "0.04"])
    }

    @Test("large and small numbers are written short") func largeAndSmallNumbersAreWrittenShort() {
        #expect(Ticks.linear(from: 0, to: 20_000, count: 4).map(\.label) == ["0", "5k", "10k", "15k", "20k"])
        #expect(Ticks.linear(from: 0, to: 2e6, count: 4).map(\.label) == ["0", "0.5M", "1.0M", "1.5M", "2.0M"])
        #expect(Ticks.linear(from: 0, to: 4e-4, count: 4).map(\.label) == ["0", "1e-4", "2e-4", "3e-4", "4e-4"])
        #expect(Ticks.linear(from: 0, to: 2000, count: 4).map(\.label) == ["0", "500", "1000", "1500", "2000"])
    }

    @Test("values are the doubles nearest to their decimals") func valuesAreTheDoublesNearestToTheirDecimals() {
        #expect(Ticks.linear(from: 0, to: 0.7, count: 7).map(\.value) == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
    }

    @Test(
        "a range that is none has no linear ticks",
        arguments: [(1.0, 1.0), (0, 0), (3, 2), (0, .infinity), (.nan, 1), (-.infinity, .infinity)])
    func aRangeThatIsNoneHasNoLinearTicks(low: Double, high: Double) {
        #expect(Ticks.linear(from: low, to: high, count: 5).isEmpty)
    }

    // MARK: - Logarithmic

    @Test("many decades have a tick at each power of ten") func manyDecadesHaveATickAtEachPowerOfTen() {
        let ticks = Ticks.logarithmic(from: 1e-7, to: 10, count: 9)
        #expect(ticks.major.map(\.label) == ["1e-7", "1e-6", "1e-5", "1e-4", "1e-3", "1e-2", "1e-1", "1e0", "1e1"])
        #expect(ticks.minor.contains(3e-4))
    }

    @Test("too many decades are thinned out and the others become minor ticks")
    func tooManyDecadesAreThinnedOutAndTheOthersBecomeMinorTicks() {
        let ticks = Ticks.logarithmic(from: 1e-12, to: 1, count: 5)
        #expect(ticks.major.count <= 5)
        #expect(ticks.major.count >= 3)
        #expect(ticks.minor.contains(1e-11))
    }

    @Test("few decades have ticks at 2 and 5 too") func fewDecadesHaveTicksAt2And5Too() {
        let ticks = Ticks.logarithmic(from: 0.01, to: 1, count: 8)
        #expect(ticks.major.map(\.label) == ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"])
    }

    @Test(
        "within a decade the ticks are round numbers", arguments: [(1.2, 1.9), (2.1, 2.6), (30, 34), (1e-5, 1.2e-5)])
    func withinADecadeTheTicksAreRoundNumbers(low: Double, high: Double) {
        let ticks = Ticks.logarithmic(from: low, to: high, count: 5).major
        #expect(ticks.count >= 2)
        #expect(ticks.allSatisfy { $0.value >= low * 0.999 && $0.value <= high * 1.001 })
    }

    @Test(
        "logarithmic labels are unique and ascend",
        arguments: [(1e-7, 10.0), (0.02, 0.9), (0.5, 15), (1, 1e9), (3e-300, 1e300), (2, 30), (0.3, 0.7)])
    func logarithmicLabelsAreUniqueAndAscend(low: Double, high: Double) {
        for count in 1...12 {
            let ticks = Ticks.logarithmic(from: low, to: high, count: count)
            #expect(Set(ticks.major.map(\.label)).count == ticks.major.count)
            #expect(ticks.major.map(\.value) == ticks.major.map(\.value).sorted())
            #expect(!ticks.major.isEmpty)
            #expect(ticks.major.count <= max(5, 2 * count + 1))
            #expect(Set(ticks.major.map(\.value)).isDisjoint(with: ticks.minor))
        }
    }

    @Test(
        "a range that is not positive has no logarithmic ticks",
        arguments: [(0.0, 1.0), (-1, 1), (1, 1), (2, 1), (1, .infinity), (.nan, 1)])
    func aRangeThatIsNotPositiveHasNoLogarithmicTicks(low: Double, high: Double) {
        #expect(Ticks.logarithmic(from: low, to: high, count: 5) == Ticks())
    }
}
