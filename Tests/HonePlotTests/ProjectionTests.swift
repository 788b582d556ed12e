import HonePlot
import Testing

@Suite struct ProjectionTests {
    private func projection(_ values: [Double], _ axis: Axis, padding: Double = 0.05) -> Projection {
        var extent = PlotExtent(scale: axis.scale)
        extent.include(values)
        return AxisRange.projection(axis: axis, extent: extent, padding: padding)
    }

    @Test("an axis covers its data with a little room") func anAxisCoversItsDataWithALittleRoom() {
        let axis = projection([0, 10], Axis())
        #expect(axis.lower == -0.5)
        #expect(axis.upper == 10.5)
    }

    @Test("a fixed end stays where it is") func aFixedEndStaysWhereItIs() {
        let axis = projection([3, 10], Axis(from: 0))
        #expect(axis.lower == 0)
        #expect(axis.upper > 10)
        let both = projection([3, 10], Axis(range: 4...5))
        #expect(both.lower == 4)
        #expect(both.upper == 5)
    }

    @Test(
        "places run from 0 to 1 and keep the order", arguments: [AxisScale.linear, .log])
    func placesRunFrom0To1AndKeepTheOrder(scale: AxisScale) throws {
        let axis = projection([1, 2, 5, 100], Axis(scale: scale))
        let places = try [1, 2, 5, 100].map { try #require(axis.fraction($0)) }
        #expect(places == places.sorted())
        #expect(places.allSatisfy { $0 > 0 && $0 < 1 })
    }

    @Test("a decade is the same length everywhere on a logarithmic axis")
    func aDecadeIsTheSameLengthEverywhereOnALogarithmicAxis() throws {
        let axis = Projection(scale: .log, lower: 1e-3, upper: 1e3)
        for (power, expected) in [(1e-3, 0.0), (1, 0.5), (1e3, 1)] {
            let place = try #require(axis.fraction(power))
            #expect(abs(place - expected) < 1e-12)
        }
    }

    @Test("a reversed axis begins at its upper end") func aReversedAxisBeginsAtItsUpperEnd() {
        let axis = Projection(scale: .linear, lower: 0, upper: 4, isReversed: true)
        #expect(axis.fraction(0) == 1)
        #expect(axis.fraction(1) == 0.75)
    }

    @Test(
        "what is not finite has no place", arguments: [Double.nan, .infinity, -.infinity])
    func whatIsNotFiniteHasNoPlace(value: Double) {
        #expect(Projection(scale: .linear, lower: 0, upper: 1).fraction(value) == nil)
        #expect(Projection(scale: .log, lower: 1, upper: 10).fraction(value) == nil)
    }

    @Test(
        "zero and negative numbers have no place on a logarithmic axis", arguments: [0, -1, -1e300])
    func zeroAndNegativeNumbersHaveNoPlaceOnALogarithmicAxis(value: Double) {
        #expect(Projection(scale: .log, lower: 1, upper: 10).fraction(value) == nil)
    }

    @Test("zero and negative numbers do not widen a logarithmic axis")
    func zeroAndNegativeNumbersDoNotWidenALogarithmicAxis() {
        let axis = projection([-5, 0, 1, 100], Axis(scale: .log), padding: 0)
        #expect(axis.lower == 1)
        #expect(axis.upper == 100)
    }

    @Test(
        "any data give an axis of finite length",
        arguments: [
            [], [0], [5], [-3], [1e-300], [1e308], [-1e308, 1e308], [.nan], [.infinity, 2], [1, 1 + 1e-16],
            [.leastNonzeroMagnitude],
            [0, .leastNonzeroMagnitude], [2.3, 2.3, 2.3], [-.infinity, .infinity], [1e-308, 1e308],
        ], [AxisScale.linear, .log])
    func anyDataGiveAnAxisOfFiniteLength(values: [Double], scale: AxisScale) {
        for (lower, upper) in Self.ends {
            let axis = projection(values, Axis(scale: scale, from: lower, to: upper))
            #expect(axis.lower.isFinite && axis.upper.isFinite)
            #expect(axis.lower < axis.upper)
            #expect(scale == .linear || axis.lower > 0)
            #expect((axis.upper - axis.lower).isFinite)
            if let place = axis.fraction(values.first ?? 1) { #expect(place.isFinite) }
        }
    }

    private static let ends: [(Double?, Double?)] = [
        (nil, nil), (0, nil), (nil, 0), (0, 0), (1, 2), (-1, nil), (nil, -5), (.infinity, .nan), (1e308, nil), (7, 3),
        (nil, 1e-300),
    ]
}
