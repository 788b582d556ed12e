import Foundation
import HonePlot
import Testing

@Suite struct ChartFileTests {
    private let chart = Chart(title: "Loss", series: [.line(y: [3, 1, 2])])

    /// A new folder that is removed after use.
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hone-plot-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    @Test("a chart is written as it is rendered, and missing folders are made")
    func aChartIsWrittenAsItIsRenderedAndMissingFoldersAreMade() throws {
        try inFolder { folder in
            let path = folder + "/runs/first/loss.svg"
            try chart.write(to: path)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == chart.svg())
            try chart.write(to: path, width: 300, height: 200)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == chart.svg(width: 300, height: 200))
            try chart.write(to: folder + "/loss.txt")
            #expect(try String(contentsOfFile: folder + "/loss.txt", encoding: .utf8) == chart.terminal() + "\n")
        }
    }

    @Test("a grid is written as it is rendered") func aGridIsWrittenAsItIsRendered() throws {
        try inFolder { folder in
            let grid = ChartGrid(title: "Page", charts: [chart, chart])
            try grid.write(to: folder + "/grid.svg")
            #expect(try String(contentsOfFile: folder + "/grid.svg", encoding: .utf8) == grid.svg())
        }
    }

    @Test("writing leaves no other file behind") func writingLeavesNoOtherFileBehind() throws {
        try inFolder { folder in
            for _ in 0..<3 { try chart.write(to: folder + "/loss.svg") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["loss.svg"])
        }
    }

    @Test("a file is replaced, never written into") func aFileIsReplacedNeverWrittenInto() throws {
        try inFolder { folder in
            let path = folder + "/loss.svg"
            try chart.write(to: path)
            // A second name for the first file: it keeps its contents only if the path gets a new file.
            try FileManager.default.linkItem(atPath: path, toPath: folder + "/kept.svg")
            try Chart(title: "Other").write(to: path)
            #expect(try String(contentsOfFile: folder + "/kept.svg", encoding: .utf8) == chart.svg())
            #expect(try String(contentsOfFile: path, encoding: .utf8) == Chart(title: "Other").svg())
        }
    }

    @Test("an error names the path and the reason") func anErrorNamesThePathAndTheReason() throws {
        try inFolder { folder in
            try Data().write(to: URL(fileURLWithPath: folder + "/file"))
            for path in [folder + "/file/loss.svg", folder, "/dev/null/loss.svg"] {
                let error = #expect(throws: ChartFileError.self) { try chart.write(to: path) }
                #expect(error?.path == path)
                #expect(error?.description.contains(path) == true)
                #expect(error?.reason.isEmpty == false)
            }
            // What could not be replaced is still there.
            var isFolder: ObjCBool = false
            #expect(FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) && isFolder.boolValue)
        }
    }

    @Test("a format that is not written is an error rather than an SVG of another name")
    func aFormatThatIsNotWrittenIsAnErrorRatherThanAnSVGOfAnotherName() throws {
        try inFolder { folder in
            let error = #expect(throws: ChartFileError.self) { try chart.write(to: folder + "/loss.png") }
            #expect(error?.reason == "a chart is written as .svg or .txt, not as .png")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(files.isEmpty)
        }
    }
}
