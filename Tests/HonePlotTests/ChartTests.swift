import HonePlot
import Testing

@Suite struct ChartTests {
    @Test("charts of equal data are equal, also where the data are not numbers")
    func chartsOfEqualDataAreEqualAlsoWhereTheDataAreNotNumbers() {
        func chart(_ last: Double) -> Chart {
            Chart(title: "a", series: [.line(y: [1, .nan, last]), .heatMap([[.nan, last]])])
        }
        #expect(chart(2) == chart(2))
        #expect(chart(2) != chart(3))
        #expect(chart(.nan) != chart(2))
    }

    @Test("the numbers of a series can be read back") func theNumbersOfASeriesCanBeReadBack() {
        let line = Series.line(x: [1, 2], y: [3, 4], name: "a")
        #expect(line.x == [1, 2])
        #expect(line.y == [3, 4])
        #expect(Series.line(y: [5, 6, 7]).x == [0, 1, 2])
        #expect(Series.marker(x: 1, label: "here").label == "here")
        #expect(Series.marker(x: 1, label: "here").y.isEmpty)
        #expect(Series.bars(heights: [3, 1], horizontal: true).x == [3, 1])
        #expect(Series.verticalLine(x: 4).x == [4])
        #expect(Series.horizontalLine(y: 4).y == [4])
    }

    /// Every kind of series over the worst numbers there are.
    @Test(
        "no numbers make a chart trap", arguments: [AxisScale.linear, .log], [AxisScale.linear, .log])
    func noNumbersMakeAChartTrap(x: AxisScale, y: AxisScale) {
        let worst: [Double] = [
            0, -0.0, 1, -1, .nan, .infinity, -.infinity, 1e308, -1e308, .leastNonzeroMagnitude, 1e-300, 0.5, 3,
            .greatestFiniteMagnitude,
        ]
        for shift in stride(from: 0, to: worst.count, by: 3) {
            let turned = Array(worst[shift...] + worst[..<shift])
            let rows = [turned, worst, turned.reversed()]
            let all: [Series] = [
                .line(x: worst, y: turned, name: "a"), .points(x: turned, y: worst, name: "b"),
                .band(x: worst, low: turned, high: worst, name: "c"), .bars(x: worst, heights: turned),
                .bars(x: turned, heights: worst, horizontal: true), .histogram(turned), .heatMap(rows),
                .heatMap(rows, x: turned, y: Array(turned.prefix(3)), colors: .diverging, showsValues: true),
                .contour(rows), .contour(rows, x: turned, y: worst, levels: .logarithmic(5), filled: false),
                .marker(x: turned[0], label: "m"), .marker(x: turned[0], y: turned[1], label: "n"),
                .verticalLine(x: turned[0], label: "v"), .horizontalLine(y: turned[0], label: "h"),
            ]
            for series in all.map({ [$0] }) + [all] {
                let chart = Chart(title: "t", x: Axis("x", scale: x), y: Axis("y", scale: y), series: series)
                #expect(SVGTree(chart.svg(width: 300, height: 200)) != nil)
                #expect(!chart.terminal(width: 40, height: 10, color: shift % 2 == 0).isEmpty)
            }
        }
    }

    @Test("bars of several series stand side by side and the same ones of a histogram do not")
    func barsOfSeveralSeriesStandSideBySideAndTheSameOnesOfAHistogramDoNot() throws {
        let tree = try #require(
            SVGTree(Chart(series: [.bars(heights: [1, 2], name: "a"), .bars(heights: [2, 1], name: "b")]).svg()))
        let lefts = tree.all("path").filter { $0.attributes["fill-opacity"] == "1" }.compactMap { path in
            (path.attributes["d"] ?? "").dropFirst().split(separator: " ").first.flatMap { Double($0) }
        }
        #expect(lefts.count == 2)
        #expect(lefts[0] < lefts[1])
    }

    @Test("bars stand on zero") func barsStandOnZero() throws {
        let chart = Chart(series: [.bars(heights: [3, 5])])
        let resolved = ResolvedChart(chart)
        #expect(resolved.y.lower == 0)
        let mixed = ResolvedChart(Chart(series: [.bars(heights: [-3, 5])]))
        #expect(mixed.y.lower < -3)
        let below = ResolvedChart(Chart(series: [.bars(heights: [-3, -5])]))
        #expect(below.y.upper == 0)
    }

    @Test("a fixed horizontal range decides which heights count") func aFixedHorizontalRangeDecidesWhichHeightsCount() {
        let chart = Chart(x: Axis(range: 0...1), series: [.line(x: [0, 1, 2], y: [1, 2, 1000])])
        #expect(ResolvedChart(chart).y.upper < 3)
    }

    @Test("named places have half a place of room at both ends") func namedPlacesHaveHalfAPlaceOfRoomAtBothEnds() {
        let chart = Chart(x: Axis(categories: ["a", "b", "c"]), series: [.points(x: [1], y: [1])])
        let axis = ResolvedChart(chart).x
        #expect(axis.lower <= -0.5)
        #expect(axis.upper >= 2.5)
    }

    // MARK: - Grid

    @Test("a grid has a panel for each chart, with its title and caption")
    func aGridHasAPanelForEachChartWithItsTitleAndCaption() throws {
        let charts = (0..<40).map { index in
            Chart(title: "panel \(index)", caption: ".expression(\(index))", series: [.line(y: [1, 2, Double(index)])])
        }
        let text = ChartGrid(title: "Page", columns: 5, charts: charts).svg()
        let tree = try #require(SVGTree(text))
        #expect(tree.all("svg").count == 41)
        for index in 0..<40 {
            #expect(tree.texts.contains("panel \(index)"))
            #expect(tree.texts.contains(".expression(\(index))"))
        }
        #expect(text.utf8.count < 200_000)
    }

    @Test("plots of a column begin at the same place and those of a row at the same height")
    func plotsOfAColumnBeginAtTheSamePlaceAndThoseOfARowAtTheSameHeight() throws {
        let grid = ChartGrid(
            columns: 2,
            charts: [
                Chart(title: "a", series: [.line(y: [0, 1e-3])]), Chart(series: [.line(y: [0, 1])]),
                Chart(series: [.line(y: [0, 123_456])]), Chart(x: Axis("x"), series: [.line(y: [0, 1])]),
            ])
        let plots = try #require(SVGTree(grid.svg())).all("svg").dropFirst().map { $0 }
        let lefts = plots.map { $0.offset.x + $0.number("x") }
        let tops = plots.map { $0.offset.y + $0.number("y") }
        #expect(lefts[0] == lefts[2])
        #expect(lefts[1] == lefts[3])
        #expect(tops[0] == tops[1])
        #expect(tops[2] == tops[3])
        #expect(plots[0].number("height") == plots[1].number("height"))
        #expect(plots[0].number("width") == plots[2].number("width"))
    }

    @Test("a page without charts says so") func aPageWithoutChartsSaysSo() throws {
        let tree = try #require(SVGTree(ChartGrid(title: "Page").svg()))
        #expect(tree.texts == ["Page", "no data"])
        #expect(ChartGrid().terminal() == "no data")
    }

    @Test("charts can share their ranges") func chartsCanShareTheirRanges() {
        let charts = [Chart(series: [.line(y: [0, 1])]), Chart(series: [.line(y: [5, 10, 7])])]
        let shared = ChartGrid(sharesX: true, sharesY: true, charts: charts).resolved
        #expect(shared[0].y == shared[1].y)
        #expect(shared[0].x == shared[1].x)
        #expect(shared[0].y.upper > 10)
        let own = ChartGrid(charts: charts).resolved
        #expect(own[0].y != own[1].y)
    }

    @Test(
        "any number of columns is possible", arguments: [-1, 0, 1, 100]) func anyNumberOfColumnsIsPossible(columns: Int)
        throws
    {
        let chart = Chart(series: [.line(y: [1, 2])])
        let grid = ChartGrid(columns: columns, charts: [chart, chart, chart])
        let tree = try #require(SVGTree(grid.svg()))
        #expect(tree.all("svg").count == 4)
        #expect(!grid.terminal().isEmpty)
    }

    // MARK: - Text

    @Test("captions break between calls rather than inside them") func captionsBreakBetweenCallsRatherThanInsideThem() {
        let lines = TextWrap.lines(".cosine(3e-3).warmup(0.1).then(.constant(1e-5))", limit: 4, isCode: true) {
            $0.count <= 24
        }
        #expect(lines == [".cosine(3e-3)", ".warmup(0.1)", ".then(.constant(1e-5))"])
    }

    @Test("text that does not fit ends with dots") func textThatDoesNotFitEndsWithDots() {
        #expect(TextWrap.lines("one two three four", limit: 2) { $0.count <= 8 } == ["one two", "three…"])
        #expect(TextWrap.lines("", limit: 2) { _ in true }.isEmpty)
        #expect(TextWrap.lines("unbreakable", limit: 9) { $0.count <= 4 } == ["unbr", "eaka", "ble"])
        #expect(TextWrap.lines("abc", limit: 3) { _ in false } == ["a", "b", "c"])
    }
}
