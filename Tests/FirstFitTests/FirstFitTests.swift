import Foundation
import Testing

/// The main job as a user runs it, in processes of its own.
@Suite struct FirstFitTests {
    private func weights(_ arguments: String...) throws -> String {
        try #require(try Program(["--quick"] + arguments).finish().value("weights"))
    }

    @Test func trainsAndSaysWhatCameOfIt() throws {
        let result = try Program.run("--quick", "--seed", "3")
        #expect(result.status == 0 && result.errors.isEmpty)
        let line = result.lastLine
        let pattern = /first-fit: accuracy=(0\.\d{4}|1\.0000) seconds=\d+\.\d weights=[0-9a-f]{64}/
        #expect(line.wholeMatch(of: pattern) != nil, "\(line)")
        // Ten classes: chance is a tenth, and two epochs get far beyond.
        let accuracy = try #require(result.value("accuracy").flatMap(Double.init))
        #expect(accuracy > 0.5)
        #expect(result.output.contains("suggested rate: "))
        #expect(result.output.contains("epoch       train loss  valid loss    accuracy        time"))
    }

    @Test func drawsItsPicturesIntoTheFolderThatWasAskedFor() throws {
        let result = try Program.run("--quick")
        let names = try FileManager.default.contentsOfDirectory(atPath: result.results.path).sorted()
        #expect(names == ["loss.svg", "lr-find.svg", "schedule.svg"])
        for name in names {
            let text = try String(contentsOf: result.results.appendingPathComponent(name), encoding: .utf8)
            #expect(text.hasPrefix("<svg") && text.contains("</svg>"), "\(name)")
            #expect(!text.contains("\"nan\"") && !text.contains("\"inf\""), "\(name)")
        }
    }

    @Test func theSameSeedGivesTheSameWeightsInEveryProcess() throws {
        let first = try weights("--seed", "5")
        #expect(try weights("--seed", "5") == first)
        #expect(try weights("--seed", "6") != first)
    }

    @Test func theNumberOfThreadsChangesNotOneBit() throws {
        let one = try weights("--threads", "1")
        for count in ["2", "3"] { #expect(try weights("--threads", count) == one, "\(count) threads") }
    }

    @Test func helpIsPrintedAndNothingRun() throws {
        let result = try Program.run("--help")
        #expect(result.status == 0 && result.errors.isEmpty)
        for words in ["usage: first-fit [options]", "--epochs N", "--seed N", "--out TEXT", "--threads N", "--quick"] {
            #expect(result.output.contains(words))
        }
        #expect(!FileManager.default.fileExists(atPath: result.results.path))
    }

    @Test(arguments: [
        (["--fast"], "unknown option '--fast'"), (["--seed", "x"], "--seed is 'x', expected a whole number"),
        (["--epochs", "0"], "--epochs is 0, expected at least 1"), (["--quick=1"], "--quick takes no value"),
        (["--threads", "-1"], "--threads is -1, expected at least 1"),
    ])
    func aBadOptionEndsWithStatusTwoAndSaysWhy(_ arguments: [String], _ words: String) throws {
        let result = try Program(arguments).finish()
        #expect(result.status == 2 && result.output.isEmpty)
        #expect(result.errors == "first-fit: \(words)\nTry --help.\n")
    }

    @Test func anOptionWithoutItsValueEndsWithStatusTwo() throws {
        // `--out` and its value follow: no option's value is taken from the next option.
        let result = try Program.run("--epochs")
        #expect(result.status == 2 && result.errors.contains("--epochs needs a value"))
    }

    @Test func anInterruptEndsTheFitAndTheProgramGoesOnToItsEnd() throws {
        let program = try Program(["--epochs", "1000000"])
        // With the table's head the fit has begun, and with it the handler is there.
        #expect(program.wait(for: "train loss"))
        program.interrupt()
        let result = try program.finish()
        #expect(result.status == 0 && !result.wasKilled)
        #expect(result.output.contains("\ninterrupted\n"))
        #expect(result.lastLine.hasPrefix("first-fit: accuracy="))
    }
}
