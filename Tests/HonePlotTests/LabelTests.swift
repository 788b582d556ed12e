import Foundation
import HonePlot
import Testing

@Suite struct LabelTests {
    private var rates: [Double] { (0..<100).map { pow(10, -7 + 8 * Double($0) / 99) } }

    /// A curve that falls, has a minimum and explodes, as that of a learning rate finder does.
    private func sweep(marks: [Double], legend: LegendPlacement = .automatic) -> Chart {
        let losses = rates.map { 2.3 - 1.9 / (1 + exp(-(log10($0) + 2.7) * 2.2)) + exp((log10($0) + 0.15) * 3) }
        var chart = Chart(
            title: "Finder", x: Axis("rate", scale: .log), y: Axis("loss", to: 4), legend: legend,
            series: [.line(x: rates, y: losses, name: "loss")])
        for mark in marks { chart.add(.marker(x: mark, label: "suggestion \(NumberText.compact(mark))")) }
        return chart
    }

    private func plot(_ tree: SVGTree) throws -> SVGTree.Element {
        try #require(tree.all("svg").dropFirst().first)
    }

    @Test(
        "labels of markers neither collide nor leave the plot",
        arguments: [
            [3e-3, 2e-3, 2.1e-2, 6.6e-2], [3e-3, 3.2e-3, 3.4e-3, 3.5e-3], [1e-7, 1.1e-7, 10, 1], [1e-3, 1e-3, 1e-3],
            [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1],
        ])
    func labelsOfMarkersNeitherCollideNorLeaveThePlot(marks: [Double]) throws {
        let tree = try #require(SVGTree(sweep(marks: marks).svg()))
        let plot = try plot(tree)
        let labels = tree.all("text").filter { $0.text.hasPrefix("suggestion") }
        let visible = marks.filter { $0 < 2 }
        #expect(labels.count >= visible.count)
        let boxes = labels.map { $0.box(size: 12) }
        for (index, box) in boxes.enumerated() {
            #expect(box.left >= plot.number("x") - 1)
            #expect(box.right <= plot.number("x") + plot.number("width") + 1)
            #expect(box.top >= plot.number("y") - 1)
            #expect(box.bottom <= plot.number("y") + plot.number("height") + 1)
            for other in boxes.dropFirst(index + 1) {
                let apart =
                    box.right <= other.left || other.right <= box.left || box.bottom <= other.top
                    || other.bottom <= box.top
                #expect(apart)
            }
        }
    }

    @Test("a marker without a height sits on the drawn line") func aMarkerWithoutAHeightSitsOnTheDrawnLine() throws {
        let chart = Chart(
            x: Axis(scale: .log), y: Axis(scale: .log),
            series: [.line(x: [1, 100], y: [10, 1000]), .marker(x: 10, label: "middle")])
        // Half-way along both axes, for the line is straight on the paper.
        let tree = try #require(SVGTree(chart.svg()))
        let plot = try plot(tree)
        let dot = try #require(tree.all("circle").first)
        #expect(abs(dot.place.x - plot.number("x") - plot.number("width") / 2) < 0.2)
        #expect(abs(dot.place.y - plot.number("y") - plot.number("height") / 2) < 0.2)
    }

    @Test("a marker beside every line is left out, one with a height is not")
    func aMarkerBesideEveryLineIsLeftOutOneWithAHeightIsNot() throws {
        var chart = Chart(series: [.line(x: [0, 1], y: [0, 1]), .marker(x: 5, label: "far")])
        let without = try #require(SVGTree(chart.svg()))
        #expect(without.all("circle").isEmpty)
        chart.add(.marker(x: 5, y: 0.5, label: "far"))
        let with = try #require(SVGTree(chart.svg()))
        #expect(with.all("circle").count == 1)
    }

    @Test("labels of rules stand in rows where they are close together")
    func labelsOfRulesStandInRowsWhereTheyAreCloseTogether() throws {
        var chart = Chart(series: [.line(x: [0, 100], y: [0, 1])])
        for place in [50.0, 50.5, 51, 51.5, 99.9] { chart.add(.verticalLine(x: place, label: "callback at \(place)")) }
        let tree = try #require(SVGTree(chart.svg()))
        let boxes = tree.all("text").filter { $0.text.hasPrefix("callback") }.map { $0.box(size: 11) }
        #expect(boxes.count == 5)
        for (index, box) in boxes.enumerated() {
            #expect(box.right <= 720)
            for other in boxes.dropFirst(index + 1) {
                #expect(
                    box.right <= other.left || other.right <= box.left || abs(box.top - other.top) >= 11)
            }
        }
    }

    // MARK: - Legend

    @Test("the legend names each series once, in their order") func theLegendNamesEachSeriesOnceInTheirOrder() throws {
        let chart = Chart(series: [
            .band(low: [0, 1], high: [1, 2], name: "AdamW"), .line(y: [0.5, 1.5], name: "AdamW"),
            .line(y: [2, 2], name: "SGD"), .line(y: [3, 3]), .verticalLine(x: 0.5, label: "rule"),
        ])
        let tree = try #require(SVGTree(chart.svg()))
        #expect(tree.texts.filter { ["AdamW", "SGD"].contains($0) } == ["AdamW", "SGD"])
        #expect(chart.terminal().contains("AdamW"))
    }

    @Test("series of one name share a colour and others have colours of their own")
    func seriesOfOneNameShareAColourAndOthersHaveColoursOfTheirOwn() {
        let chart = Chart(series: [
            .line(y: [1], name: "a"), .line(y: [2], name: "b"), .points(y: [3], name: "a"), .line(y: [4]),
            .points(y: [5], name: "c", color: .purple), .line(y: [6], name: "c"),
        ])
        let colors = ResolvedChart(chart).items.map(\.color)
        #expect(colors[0] == colors[2])
        #expect(Set([colors[0], colors[1], colors[3]]).count == 3)
        #expect(colors[5] == .purple)
    }

    @Test("when the colours are used up the dashes change") func whenTheColoursAreUsedUpTheDashesChange() {
        let chart = Chart(series: (0..<20).map { .line(y: [Double($0)]) })
        let items = ResolvedChart(chart).items
        let looks = items.map { "\($0.color.hex) \($0.style.dash)" }
        #expect(Set(looks).count == 20)
    }

    @Test("a legend stands in an empty corner or outside the plot") func aLegendStandsInAnEmptyCornerOrOutsideThePlot()
        throws
    {
        // The curve leaves the lower left free, but every other corner too only where it does not pass.
        let falling = Chart(series: [.line(x: [0, 1, 2], y: [9, 1, 0], name: "falling")])
        let tree = try #require(SVGTree(falling.svg()))
        let plot = try plot(tree)
        let label = try #require(tree.all("text").first { $0.text == "falling" })
        #expect(label.place.x > plot.number("x") + plot.number("width") / 2)
        #expect(label.place.y < plot.number("y") + plot.number("height") / 2)

        let noise = (0..<4000).map { Double(($0 &* 7919) % 1009) }
        let full = try #require(SVGTree(Chart(series: [.line(y: noise, name: "everywhere")]).svg()))
        let frame = try self.plot(full)
        let outside = try #require(full.all("text").first { $0.text == "everywhere" })
        #expect(outside.place.y < frame.number("y"))
    }

    @Test(
        "a legend goes where it is told to",
        arguments: [
            (LegendPlacement.inside(.bottomLeft), true), (.inside(.topRight), true), (.top, false), (.right, false),
        ])
    func aLegendGoesWhereItIsToldTo(placement: LegendPlacement, isInside: Bool) throws {
        let tree = try #require(SVGTree(sweep(marks: [], legend: placement).svg()))
        let plot = try plot(tree)
        let label = try #require(tree.all("text").first { $0.text == "loss" && $0.attributes["x"] != nil })
        let across = plot.number("x")...(plot.number("x") + plot.number("width"))
        let down = plot.number("y")...(plot.number("y") + plot.number("height"))
        #expect((across.contains(label.place.x) && down.contains(label.place.y)) == isInside)
    }

    @Test("a hidden legend is not there") func aHiddenLegendIsNotThere() throws {
        let tree = try #require(SVGTree(sweep(marks: [], legend: .hidden).svg()))
        // The label of the axis remains.
        #expect(tree.texts.filter { $0 == "loss" }.count == 1)
    }
}
