import Hone
import Testing

@Suite struct ScriptOptionsTests {
    private func parse(_ arguments: String...) throws -> ScriptOptions {
        try ScriptOptions(
            "demo", about: "Shows something.",
            own: [.integer("epochs", 20, "passes", atLeast: 1), .text("data", "", "a folder"), .flag("fast", "hurry")],
            arguments)
    }

    private func mistake(_ arguments: String...) -> String? {
        do {
            _ = try ScriptOptions("demo", about: "", own: [.integer("epochs", 20, "passes", atLeast: 1)], arguments)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func whatIsNotGivenHasItsDefault() throws {
        let options = try parse()
        #expect(options.seed == 42 && options.out == "runs/demo" && !options.isQuick && options.integer("epochs") == 20)
        #expect(options.text("data").isEmpty && !options.has("fast") && options.given.isEmpty)
    }

    @Test func valuesFollowAsTheirOwnArgumentOrAfterAnEqualsSign() throws {
        let options = try parse("--seed", "7", "--out=a b=c", "--epochs=3", "--quick", "--fast", "--data", "")
        #expect(options.seed == 7 && options.out == "a b=c" && options.integer("epochs") == 3)
        #expect(options.isQuick && options.has("fast"))
        #expect(options.given == ["seed", "out", "epochs", "quick", "fast", "data"])
    }

    @Test func mistakesAreNamed() {
        #expect(mistake("--fast") == "unknown option '--fast'")
        #expect(mistake("seed") == "unknown option 'seed'")
        #expect(mistake("--seed") == "--seed needs a value")
        #expect(mistake("--out", "--quick") == "--out needs a value")
        #expect(mistake("--seed", "x") == "--seed is 'x', expected a whole number")
        #expect(mistake("--seed", "1.5") == "--seed is '1.5', expected a whole number")
        #expect(mistake("--seed=-1") == "--seed is -1, expected at least 0")
        #expect(mistake("--threads", "0") == "--threads is 0, expected at least 1")
        #expect(mistake("--epochs", "0") == "--epochs is 0, expected at least 1")
        #expect(mistake("--quick=yes") == "--quick takes no value")
        #expect(
            mistake("--seed", "99999999999999999999") == "--seed is '99999999999999999999', expected a whole number")
    }

    @Test func theHelpListsEveryOptionWithItsDefault() throws {
        let help = try parse().help
        #expect(help.hasPrefix("Shows something.\n\nusage: demo [options]\n\n"))
        for line in [
            "--epochs N", "--data TEXT", "--fast", "--seed N", "--out TEXT", "--threads N", "--quick", "--help",
        ] {
            #expect(help.contains("  \(line)"))
        }
        #expect(help.contains("passes (default 20)") && help.contains("(default runs/demo)"))
    }
}
