import Foundation
import HonePlot
import Testing

@Suite struct NumberTextTests {
    @Test(
        "numbers are written short",
        arguments: [
            (0.0, "0"), (1, "1"), (-3, "-3"), (0.003, "0.003"), (0.0001, "1e-4"), (3.04e-4, "3.04e-4"), (12.5, "12.5"),
            (1234, "1234"), (999_999, "999999"), (1.2e7, "1.2e7"), (-2.5e-9, "-2.5e-9"), (0.30000000000000004, "0.3"),
            (99.99, "100"), (9.996, "10"), (1e300, "1e300"), (-1e-300, "-1e-300"), (1_500_000.5, "1.5e6"),
        ])
    func numbersAreWrittenShort(value: Double, text: String) {
        #expect(NumberText.compact(value) == text)
    }

    @Test("what is not a number is named") func whatIsNotANumberIsNamed() {
        #expect(NumberText.compact(.nan) == "nan")
        #expect(NumberText.compact(.infinity) == "inf")
        #expect(NumberText.compact(-.infinity) == "-inf")
    }

    @Test(
        "every number reads back to about itself",
        arguments: [.leastNonzeroMagnitude, 1.7e308, 0.1 + 0.2, .pi, 1e15 + 0.3])
    func everyNumberReadsBackToAboutItself(value: Double) throws {
        let back = try #require(Double(NumberText.compact(value, digits: 6)))
        #expect(abs(back - value) <= abs(value) * 1e-5 + .leastNonzeroMagnitude)
    }

    @Test(
        "any number of digits is possible", arguments: [-5, 0, 1, 400]) func anyNumberOfDigitsIsPossible(digits: Int)
    {
        #expect(!NumberText.compact(1.23456, digits: digits).isEmpty)
    }

    @Test("digits say how many are kept") func digitsSayHowManyAreKept() {
        #expect(NumberText.compact(0.0123456, digits: 2) == "0.012")
        #expect(NumberText.compact(3.14159, digits: 5) == "3.1416")
    }

    @Test(
        "coordinates have at most one decimal",
        arguments: [(12.5, "12.5"), (-0.5, "-.5"), (120, "120"), (0, "0"), (0.04, "0"), (-0.04, "0"), (-7.26, "-7.3")])
    func coordinatesHaveAtMostOneDecimal(value: Double, text: String) {
        #expect(NumberText.coordinate(value) == text)
    }

    @Test(
        "coordinates are always finite", arguments: [Double.nan, .infinity, -.infinity, 1e300])
    func coordinatesAreAlwaysFinite(value: Double) throws {
        let number = try #require(Double(NumberText.coordinate(value)))
        #expect(abs(number) <= 1e6)
    }
}
