import Foundation
import HonePlot
import Testing

@Suite struct FieldTests {
    private static let places = (0..<61).map { -1.5 + 3 * Double($0) / 60 }

    /// The squared distance from the middle.
    private static let bowl = Lattice(places.map { y in places.map { x in x * x + y * y } }, x: places, y: places)

    @Test(
        "the line of a bowl is a closed circle of the right size", arguments: [0.25, 0.49, 1, 1.44])
    func theLineOfABowlIsAClosedCircleOfTheRightSize(height: Double) throws {
        let lines = IsoLines.lines(of: Self.bowl, at: height)
        let circle = try #require(lines.first)
        #expect(lines.count == 1)
        #expect(circle.first == circle.last)
        for point in circle {
            #expect(abs((point.x * point.x + point.y * point.y).squareRoot() - height.squareRoot()) < 1e-3)
        }
        let length = zip(circle, circle.dropFirst()).reduce(0) { $0 + hypot($1.1.x - $1.0.x, $1.1.y - $1.0.y) }
        #expect(abs(length - 2 * .pi * height.squareRoot()) < 0.01)
    }

    @Test("the line of a plane is straight from edge to edge") func theLineOfAPlaneIsStraightFromEdgeToEdge() throws {
        let plane = Lattice([[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]], x: nil, y: nil)
        let lines = IsoLines.lines(of: plane, at: 1.25)
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.allSatisfy { $0.x == 1.25 })
        #expect(Set(line.map(\.y)) == [0, 1, 2])
    }

    @Test("an area above a height is closed along the edge of the lattice")
    func anAreaAboveAHeightIsClosedAlongTheEdgeOfTheLattice() throws {
        let plane = Lattice([[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]], x: nil, y: nil)
        let ring = try #require(IsoLines.rings(of: plane, from: 1.25).first)
        #expect(ring.first == ring.last)
        // The shoelace formula: 1.75 wide and 2 high.
        let area = zip(ring, ring.dropFirst()).reduce(0) { $0 + $1.0.x * $1.1.y - $1.1.x * $1.0.y } / 2
        #expect(abs(abs(area) - 3.5) < 1e-12)
        let whole = try #require(IsoLines.rings(of: plane, from: nil).first)
        let all = zip(whole, whole.dropFirst()).reduce(0) { $0 + $1.0.x * $1.1.y - $1.1.x * $1.0.y } / 2
        #expect(abs(abs(all) - 6) < 1e-12)
    }

    @Test("lines stop at holes") func linesStopAtHoles() {
        var rows = Self.places.map { y in Self.places.map { x in x * x + y * y } }
        rows[30][50] = .nan
        let holed = Lattice(rows, x: Self.places, y: Self.places)
        let lines = IsoLines.lines(of: holed, at: 1)
        #expect(lines.count == 1)
        #expect(lines.first?.first != lines.first?.last)
    }

    @Test("levels are round and lie between the lowest and the highest number")
    func levelsAreRoundAndLieBetweenTheLowestAndTheHighestNumber() {
        func heights(_ rows: [[Double]], _ levels: ContourLevels = .automatic) -> [Double] {
            guard case .contour(let contour) = Series.contour(rows, levels: levels).content else { return [] }
            return contour.heights
        }
        #expect(heights([[0, 10], [5, 2]], .linear(5)) == [2, 4, 6, 8])
        #expect(heights([[0.15, 150], [5, 2]], .logarithmic(3)) == [1, 10, 100])
        #expect(heights([[0.15, 150], [5, 2]]).contains(0.5))
        #expect(heights([[1, 2], [3, 4]], .values([3, .nan, 2, 3])) == [2, 3])
        #expect(heights([[2, 2], [2, 2]]).isEmpty)
        #expect(heights([]).isEmpty)
        #expect(!heights([[-1, 1000], [0, 5]], .logarithmic(5)).isEmpty)
    }

    @Test("a filled contour paints one area for each level and one below")
    func aFilledContourPaintsOneAreaForEachLevelAndOneBelow() throws {
        let rows = Self.places.map { y in Self.places.map { x in x * x + y * y } }
        let chart = Chart(series: [
            .contour(rows, x: Self.places, y: Self.places, levels: .values([0.5, 1, 2]), colors: .viridis)
        ])
        let tree = try #require(SVGTree(chart.svg()))
        let areas = tree.all("path").filter { $0.attributes["fill-rule"] == "evenodd" }
        #expect(areas.count == 4)
        #expect(areas.first?.attributes["fill"] == ColorRamp.viridis.color(at: 0).hex)
        #expect(areas.last?.attributes["fill"] == ColorRamp.viridis.color(at: 1).hex)
        // The scale of colours names the levels.
        for label in ["0.5", "1", "2"] { #expect(tree.texts.contains(label)) }
    }

    @Test("a heat map writes its numbers and colours its cells") func aHeatMapWritesItsNumbersAndColoursItsCells()
        throws
    {
        let names = ["cat", "dog"]
        let chart = Chart(
            x: Axis("predicted", categories: names), y: Axis("actual", categories: names, reversed: true),
            series: [.heatMap([[12, 3], [0, 9]], showsValues: true)])
        let tree = try #require(SVGTree(chart.svg()))
        func place(_ text: String) throws -> PlotPoint {
            try #require(tree.all("text").first { $0.text == text }).place
        }
        // The first row is at the top, the first column at the left.
        #expect(try place("12").x < place("3").x)
        #expect(try place("12").y < place("9").y)
        #expect(try place("12").y == place("3").y)
        #expect(tree.all("path").contains { $0.attributes["fill"] == ColorRamp.blues.color(at: 1).hex })
        #expect(tree.all("path").contains { $0.attributes["fill"] == ColorRamp.blues.color(at: 0).hex })
    }

    @Test("cells without a number stay empty") func cellsWithoutANumberStayEmpty() throws {
        let chart = Chart(series: [.heatMap([[1, .nan], [2]], showsValues: true)])
        let tree = try #require(SVGTree(chart.svg()))
        #expect(!tree.texts.contains("nan"))
        #expect(tree.texts.filter { $0 == "1" || $0 == "2" }.count == 2)
    }

    @Test("the ends of every scale of colours differ and places beyond them do not trap")
    func theEndsOfEveryScaleOfColoursDifferAndPlacesBeyondThemDoNotTrap() {
        for ramp in [ColorRamp.blues, .viridis, .diverging] {
            #expect(ramp.color(at: 0) != ramp.color(at: 1))
            #expect(ramp.color(at: -3) == ramp.color(at: 0))
            #expect(ramp.color(at: .infinity) == ramp.color(at: 0))
            #expect(ramp.color(at: 7) == ramp.color(at: 1))
        }
    }

    // MARK: - Histogram

    @Test("every value falls into one bin") func everyValueFallsIntoOneBin() {
        let histogram = Histogram([0, 0.5, 1, 1.5, 2, 3, 4], bins: 4)
        #expect(histogram.counts == [2, 2, 1, 2])
        #expect(histogram.middles == [0.5, 1.5, 2.5, 3.5])
        #expect(histogram.binWidth == 1)
    }

    @Test("a range leaves out what is not in it") func aRangeLeavesOutWhatIsNotInIt() {
        #expect(Histogram([-5, 0, 1, 2, 99], bins: 2, range: 0...2).counts == [1, 2])
    }

    @Test(
        "any values have a histogram",
        arguments: [
            [], [1], [3, 3, 3], [.nan, .infinity], [-1e308, 1e308], [1, 1 + 1e-16], [0, .leastNonzeroMagnitude],
            [1e300],
        ])
    func anyValuesHaveAHistogram(values: [Double]) throws {
        let histogram = Histogram(values)
        #expect(histogram.counts.reduce(0, +) == values.filter { abs($0) < 1e300 }.count)
        #expect(SVGTree(Chart(series: [.histogram(values, name: "any")]).svg()) != nil)
        #expect(!Chart(series: [.histogram(values)]).terminal().isEmpty)
    }

    @Test(
        "any number of bins is possible", arguments: [-3, 0, 1, 1_000_000]) func anyNumberOfBinsIsPossible(bins: Int)
    {
        #expect(Histogram([1, 2, 3], bins: bins).counts.reduce(0, +) == 3)
    }
}
