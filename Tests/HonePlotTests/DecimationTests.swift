import HonePlot
import Testing

@Suite struct DecimationTests {
    /// A line with a different height at every point and one peak each way.
    private var noisy: [PlotPoint] {
        (0..<10_000).map { index in
            let height = Double((index &* 7919) % 1009) / 10
            return PlotPoint(Double(index) / 100, index == 5003 ? -500 : index == 7777 ? 900 : height)
        }
    }

    @Test("the highest and the lowest point of every column stay") func theHighestAndTheLowestPointOfEveryColumnStay() {
        let thinned = Decimation.thinned(noisy)
        func extremes(_ points: [PlotPoint]) -> [Int: ClosedRange<Double>] {
            Dictionary(grouping: points) { Int($0.x.rounded(.down)) }.mapValues { column in
                let heights = column.map(\.y).sorted()
                return heights[0]...heights[heights.count - 1]
            }
        }
        #expect(extremes(thinned) == extremes(noisy))
        #expect(thinned.contains { $0.y == -500 })
        #expect(thinned.contains { $0.y == 900 })
    }

    @Test("a long line becomes a few points a column") func aLongLineBecomesAFewPointsAColumn() {
        #expect(Decimation.thinned(noisy).count <= 3 * 101)
        #expect(Decimation.thinned(noisy, columnWidth: 4).count <= 3 * 26)
    }

    @Test("the ends of a line stay") func theEndsOfALineStay() {
        let thinned = Decimation.thinned(noisy, columnWidth: 7)
        #expect(thinned.first == noisy.first)
        #expect(thinned.last == noisy.last)
    }

    @Test("the order of the points stays") func theOrderOfThePointsStays() {
        let places = Decimation.thinned(noisy).map(\.x)
        #expect(places == places.sorted())
    }

    @Test(
        "short lines stay as they are", arguments: 0...4) func shortLinesStayAsTheyAre(count: Int)
    {
        let points = (0..<count).map { PlotPoint(0.1 * Double($0), Double($0)) }
        #expect(Decimation.thinned(points) == points)
    }

    @Test("points without a place split a line") func pointsWithoutAPlaceSplitALine() {
        let pieces = Decimation.pieces([nil, PlotPoint(0, 0), PlotPoint(1, 1), nil, nil, PlotPoint(2, 2), nil])
        #expect(pieces == [[PlotPoint(0, 0), PlotPoint(1, 1)], [PlotPoint(2, 2)]])
        #expect(Decimation.pieces([]).isEmpty)
        #expect(Decimation.pieces([nil, nil]).isEmpty)
    }

    @Test("one point stays in each square") func onePointStaysInEachSquare() {
        let points = [PlotPoint(0.1, 0.1), PlotPoint(0.9, 0.2), PlotPoint(1.1, 0.2), PlotPoint(-0.1, 0.1)]
        #expect(Decimation.distinct(points, cell: 1) == [points[0], points[2], points[3]])
    }

    @Test("a simplified curve stays within a pixel of the whole one")
    func aSimplifiedCurveStaysWithinAPixelOfTheWholeOne() {
        let curve = (0...400).map { PlotPoint(Double($0), 0.002 * Double($0 * $0)) }
        let simple = Decimation.simplified(curve)
        #expect(simple.count < curve.count / 2)
        for point in curve {
            guard let right = simple.firstIndex(where: { $0.x >= point.x }), right > 0 else { continue }
            let (from, to) = (simple[right - 1], simple[right])
            let height = from.y + (to.y - from.y) * (point.x - from.x) / (to.x - from.x)
            #expect(abs(height - point.y) < 1)
        }
    }
}
