import HonePlot
import Testing

@Suite struct SVGTests {
    private var small: Chart {
        Chart(
            title: "Loss", x: Axis("step"), y: Axis("loss"),
            series: [
                .line(x: [0, 1, 2, 3], y: [2, 1, 0.6, 0.5], name: "train"),
                .points(x: [1, 3], y: [1.1, 0.7], name: "valid"),
            ])
    }

    @Test("a chart has a frame, titles, axes, series and a legend") func aChartHasAFrameTitlesAxesSeriesAndALegend()
        throws
    {
        let tree = try #require(SVGTree(small.svg()))
        let root = try #require(tree.elements.first)
        #expect(root.name == "svg")
        #expect(root.attributes["viewBox"] == "0 0 720 420")
        #expect(root.attributes["role"] == "img")
        #expect(root.attributes["width"] == "720")
        #expect(root.attributes["height"] == "420")
        #expect(tree.all("title").first?.text == "Loss")
        let ground = try #require(tree.all("rect").first)
        #expect(ground.attributes["fill"] == "#ffffff")
        #expect(ground.number("width") == 720)
        for text in ["Loss", "step", "loss", "train", "valid", "0.0", "3.0", "2.0"] {
            #expect(tree.texts.contains(text), "\(text)")
        }
        // Two dots of the series and one in the legend.
        #expect(tree.all("circle").count == 3)
        #expect(tree.all("path").contains { $0.attributes["stroke"] == ChartColor.blue.hex })
    }

    @Test(
        "any text gives well-formed XML",
        arguments: [
            "<&\">", "]]>", "a\u{0}b\u{1F}c", "line\nbreak\ttab", "€ 𝛼 日本語 👩‍🚀", "\u{FFFE}\u{FFFF}", "&amp;", "'\"'",
            "<script>alert(1)</script>",
        ])
    func anyTextGivesWellFormedXML(text: String) throws {
        let chart = Chart(
            title: text, caption: text, x: Axis(text, categories: [text, text]), y: Axis(text),
            series: [
                .bars(heights: [1, 2], name: text), .marker(x: 0, y: 1, label: text),
                .verticalLine(x: 1, label: text), .horizontalLine(y: 1, label: text),
            ])
        let tree = try #require(SVGTree(chart.svg()))
        #expect(tree.all("script").isEmpty)
        if text == "<&\">" { #expect(tree.texts.contains(text)) }
        #expect(SVGTree(ChartGrid(title: text, caption: text, charts: [chart, chart]).svg()) != nil)
    }

    @Test("the same chart gives the same bytes") func theSameChartGivesTheSameBytes() {
        #expect(small.svg() == small.svg())
        let copy = Chart(
            title: small.title, x: small.x, y: small.y,
            series: small.series.map { $0 })
        #expect(copy.svg() == small.svg())
        #expect(ChartGrid(charts: [small, copy]).svg() == ChartGrid(charts: [copy, small]).svg())
    }

    @Test("nothing in a picture has a name that another picture on a page could have too")
    func nothingInAPictureHasANameThatAnotherPictureOnAPageCouldHaveToo() throws {
        let tree = try #require(SVGTree(small.svg()))
        #expect(tree.elements.allSatisfy { $0.attributes["id"] == nil })
    }

    @Test("numbers in a picture never depend on the data's size") func numbersInAPictureNeverDependOnTheDatasSize()
        throws
    {
        let chart = Chart(series: [.line(x: [0, 1e308, -1e308], y: [1, -1e308, 1e308])])
        #expect(!chart.svg().contains("nan"))
        #expect(!chart.svg().contains("inf"))
        #expect(SVGTree(chart.svg()) != nil)
    }

    @Test("a line that is not a number for a while has a gap") func aLineThatIsNotANumberForAWhileHasAGap() throws {
        func pieces(_ heights: [Double]) throws -> Int {
            let tree = try #require(SVGTree(Chart(series: [.line(y: heights)]).svg()))
            let paths = tree.all("path").filter { $0.attributes["stroke"] == ChartColor.blue.hex }
            return paths.reduce(0) { $0 + ($1.attributes["d"] ?? "").filter { $0 == "M" }.count }
        }
        #expect(try pieces([1, 2, 3, 4, 5]) == 1)
        #expect(try pieces([1, 2, .nan, 4, 5]) == 2)
        #expect(try pieces([1, .infinity, 2, -.infinity, 4, 5]) == 3)
        #expect(try pieces([.nan, 1, 2, .nan]) == 1)
    }

    @Test("zero and negative numbers break a line on a logarithmic axis")
    func zeroAndNegativeNumbersBreakALineOnALogarithmicAxis() throws {
        var chart = Chart(y: Axis("loss", scale: .log))
        chart.add(.line(y: [1, 10, 0, 5, 2, -3, 4, 4]))
        let tree = try #require(SVGTree(chart.svg()))
        let line = try #require(tree.all("path").first { $0.attributes["stroke"] == ChartColor.blue.hex })
        #expect((line.attributes["d"] ?? "").filter { $0 == "M" }.count == 3)
    }

    @Test(
        "a chart without data says so",
        arguments: [
            [], [Series.line(y: [])], [.line(y: [.nan, .nan])], [.points(x: [.infinity], y: [1])], [.bars(heights: [])],
            [.band(low: [], high: [])], [.heatMap([])], [.contour([[]])], [.histogram([])],
            [.marker(x: .nan, label: "x")],
            [.marker(x: 1, label: "on no line")], [.verticalLine(x: .nan, label: "x")],
        ])
    func aChartWithoutDataSaysSo(series: [Series]) throws {
        let chart = Chart(title: "Empty", series: series)
        let tree = try #require(SVGTree(chart.svg()))
        #expect(tree.texts.contains("no data"))
        #expect(chart.terminal().contains("no data"))
    }

    @Test("columns of unequal length are drawn as far as they go, with a note")
    func columnsOfUnequalLengthAreDrawnAsFarAsTheyGoWithANote() throws {
        let chart = Chart(series: [.line(x: [0, 1, 2], y: [1, 2], name: "short")])
        let tree = try #require(SVGTree(chart.svg()))
        #expect(tree.texts.contains { $0.contains("short") && $0.contains("2") && $0.contains("3") })
        #expect(chart.terminal().contains("columns of 2 and 3 values"))
        #expect(!SVGTests().small.svg().contains("columns of"))
    }

    @Test("an end that a logarithmic axis cannot have is replaced, with a note")
    func anEndThatALogarithmicAxisCannotHaveIsReplacedWithANote() throws {
        let chart = Chart(x: Axis("rate", scale: .log, range: 0...1), series: [.line(x: [0.1, 1], y: [1, 2])])
        let tree = try #require(SVGTree(chart.svg()))
        #expect(tree.texts.contains("the x axis cannot end at 0"))
        #expect(!tree.texts.contains("no data"))
    }

    @Test("long lines stay small") func longLinesStaySmall() {
        let noise = (0..<20_000).map { Double(($0 &* 7919) % 10_007) }
        var chart = Chart(title: "Many")
        for index in 0..<12 { chart.add(.line(y: noise, name: "run \(index)")) }
        #expect(chart.svg().utf8.count < 200_000)
        let crowd = Chart(series: [.points(x: noise, y: noise.reversed())])
        #expect(crowd.svg().utf8.count < 200_000)
        let field = (0..<200).map { row in (0..<200).map { Double((row * $0) % 97) } }
        #expect(Chart(series: [.heatMap(field)]).svg().utf8.count < 200_000)
    }

    @Test(
        "any size gives a picture", arguments: [(-5, -5), (0, 0), (1, 10_000), (120, 100), (100_000, 100_000)])
    func anySizeGivesAPicture(width: Int, height: Int) throws {
        let tree = try #require(SVGTree(small.svg(width: width, height: height)))
        #expect(tree.elements.allSatisfy { !($0.number("width") <= 0) && !($0.number("height") <= 0) })
    }
}
