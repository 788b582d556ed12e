import Hone
import Testing

@Suite struct ReporterTests {
    /// What a reporter writes in `body`.
    private func text(
        _ learner: Learner, isTerminal: Bool, _ body: () throws -> Void
    ) throws -> String {
        var text = ""
        try learner.withCallbacks(ProgressReporter(isTerminal: isTerminal) { text += $0 }, body: body)
        return text
    }

    @Test func writesAHeaderAndALineForEachEpoch() throws {
        let learner = try Points.learner()
        let lines = try text(learner, isTerminal: false) { try learner.fit(3) }
            .split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 5 && lines[4].isEmpty)
        #expect(lines[0].split(separator: " ") == ["epoch", "train", "loss", "valid", "loss", "accuracy", "time"])
        for (line, row) in zip(lines[1...3], learner.recorder.epochs) {
            let cells = line.split(separator: " ").map(String.init)
            let valid = try #require(row.validLoss)
            let numbers = [row.trainLoss, valid, row["accuracy"] ?? .nan]
            #expect(cells.first == "\(row.epoch)" && cells.suffix(1) == ["s"])
            #expect(cells.dropFirst().prefix(3).compactMap(Double.init).count == 3)
            #expect(zip(cells.dropFirst(), numbers).allSatisfy { isClose(Double($0) ?? .nan, $1, 1e-6) })
        }
        // Columns are aligned.
        #expect(Set(lines.dropLast().map(\.count)).count == 1)
        #expect(!lines.joined().contains("\r") && !lines.joined().contains("\u{1B}"))
    }

    @Test func withoutARecorderTheLinesAreTheSame() throws {
        let (with, without) = (try Points.learner(), try Points.learner())
        without.removeCallbacks(of: Recorder.self)
        let lines = try [with, without].map { learner in
            try text(learner, isTerminal: false) { try learner.fit(2) }.split(separator: "\n").map { line in
                line.split(separator: " ").prefix(4).map(String.init)
            }
        }
        #expect(lines[0] == lines[1] && lines[1].count == 3 && without.recorder.epochs.isEmpty)
    }

    @Test func withoutValidationThereAreNoColumnsOfIt() throws {
        let learner = try Line.learner(valid: 0)
        let lines = try text(learner, isTerminal: false) { try learner.fit(1) }.split(separator: "\n")
        #expect(lines[0].split(separator: " ") == ["epoch", "train", "loss", "time"])
        #expect(lines[1].split(separator: " ").count == 4)
    }

    @Test func aSkippedValidationIsADash() throws {
        let learner = try Points.learner()
        learner.add(Listener { event, learner in if event == .afterTrain { learner.request(.endEpoch) } })
        let lines = try text(learner, isTerminal: false) { try learner.fit(1) }.split(separator: "\n")
        #expect(lines[1].split(separator: " ")[2...3] == ["-", "-"])
    }

    @Test func epochsAreCountedOverTheLearnersLife() throws {
        let learner = try Line.learner()
        try learner.fit(2)
        let lines = try text(learner, isTerminal: false) { try learner.fit(1) }.split(separator: "\n")
        #expect(lines.count == 2 && lines[1].hasPrefix("2 "))
    }

    @Test func aValidationWithinAnEpochKeepsTheBarWhereItIs() throws {
        let learner = try Points.learner()
        var bars: [String] = []
        let reporter = ProgressReporter(isTerminal: true) { if $0.contains("─") { bars.append($0) } }
        let pauser = Listener { event, learner in
            guard event == .beforeBatch, learner.isValidatingWithinEpoch, learner.run.batch == 0 else { return }
            // The bar is drawn ten times a second at most.
            let start = learner.elapsedInRun
            while learner.elapsedInRun - start < 0.12 {}
        }
        try learner.fit(2, validateEvery: .steps(3), callbacks: [pauser, reporter])
        #expect(bars.count >= 3 && bars[1].contains(" 25 %  ") && bars[2].contains(" 75 %  "))
    }

    @Test func onATerminalABarShowsTimeLossAndRate() throws {
        let learner = try Points.learner()
        let written = try text(learner, isTerminal: true) { try learner.fit(2, lr: 0.004) }
        let drawn = written.split(separator: "\r").filter { $0.contains("━") || $0.contains("─") }
        let bar = try #require(drawn.first)
        #expect(bar.hasPrefix("\u{1B}[Kepoch 1/2  "))
        // The first of six batches of the first of two epochs: 8 % and one of twenty cells.
        #expect(bar.contains("━───────────────────  8 %  "))
        #expect(bar.contains(" left  loss ") && bar.hasSuffix("rate 4.0e-03"))
        // It is gone before the epoch's line, which stays.
        #expect(written.contains("\r\u{1B}[K0 "))
        let rows = written.split(separator: "\n")
        #expect(rows.count == 3 && rows[1].contains("\u{1B}[K0 "))
        let second = rows[2].split(separator: "\u{1B}[K").last ?? ""
        #expect(second.hasPrefix("1 "))
    }

    @Test func anEndBeforeTimeIsExplained() throws {
        let learner = try Line.learner()
        learner.add(
            Listener("Asker") { event, learner in if event == .afterBatch { learner.request(.stop("enough")) } })
        let written = try text(learner, isTerminal: false) { try learner.fit(3) }
        #expect(written.hasSuffix("\nstopped by Asker: enough\n"))
        #expect(written.split(separator: "\n").count == 3)
    }

    @Test func aFailureLeavesNoBarBehind() throws {
        let learner = try Line.learner()
        learner.add(Listener(phase: .persist) { event, _ in if event == .afterBatch { throw Oops() } })
        var written = ""
        let reporter = ProgressReporter(isTerminal: true) { written += $0 }
        #expect(throws: CallbackError.self) { try learner.withCallbacks(reporter) { try learner.fit(1) } }
        #expect(written.contains("epoch 1/1") && written.hasSuffix("\r\u{1B}[K"))
    }

    @Test func evaluationsAndTrialsSayNothing() throws {
        let learner = try Line.learner()
        let written = try text(learner, isTerminal: true) {
            _ = try learner.validate()
            _ = try learner.predictions()
            _ = try learner.lrFind(steps: 6)
        }
        #expect(written.isEmpty)
    }
}

@Suite struct CallbackScopeTests {
    private func names(_ learner: Learner) -> [String] { learner.callbacks.map(\.identifier) }

    private func learner() throws -> Learner {
        let learner = try Line.learner()
        learner.add(ProgressReporter(isTerminal: false) { _ in }, EarlyStopping(), TerminateOnNaN())
        return learner
    }

    @Test func everyLearnerHasARecorderAndAReporter() throws {
        let plain = try Line.learner()
        let learner = Learner(plain.data, model: plain.model, loss: MeanSquaredError(), callbacks: [TerminateOnNaN()])
        #expect(names(learner) == ["Recorder", "ProgressReporter", "TerminateOnNaN"])
    }

    @Test func callbacksJoinForTheBodyAlone() throws {
        let learner = try learner()
        let before = names(learner)
        let result = learner.withCallbacks(Warmup(.steps(1)), GradAccumulation(batches: 1)) { names(learner) }
        #expect(result == before + ["Warmup", "GradAccumulation"])
        #expect(names(learner) == before)
        #expect(throws: Oops.self) { try learner.withCallbacks(Warmup(.steps(1))) { throw Oops() } }
        #expect(names(learner) == before)
    }

    @Test func callbacksAreLeftOutForTheBodyAloneAndComeBackInTheirPlaces() throws {
        let learner = try learner()
        let before = learner.callbacks.map { ObjectIdentifier($0) }
        let rest = learner.withoutCallbacks(EarlyStopping.self, Recorder.self) { names(learner) }
        #expect(rest == ["ProgressReporter", "TerminateOnNaN"])
        #expect(learner.quietly { names(learner) } == ["Recorder", "EarlyStopping", "TerminateOnNaN"])
        #expect(throws: Oops.self) { try learner.withoutCallbacks(EarlyStopping.self) { throw Oops() } }
        #expect(throws: Oops.self) { try learner.quietly { throw Oops() } }
        #expect(learner.callbacks.map { ObjectIdentifier($0) } == before)
    }

    @Test func subclassesGoWithTheirClass() throws {
        final class Own: EarlyStopping {}
        let learner = try Line.learner(callbacks: [Own(), OneCycle(lrMax: 1)])
        #expect(
            learner.withoutCallbacks(EarlyStopping.self, ParameterScheduler.self) { names(learner) } == ["Recorder"])
        #expect(learner.callback(EarlyStopping.self) is Own)
        learner.removeCallbacks(of: EarlyStopping.self)
        #expect(names(learner) == ["Recorder", "OneCycle"] && learner.callback(EarlyStopping.self) == nil)
    }

    @Test func scopesNest() throws {
        let learner = try learner()
        let before = names(learner)
        try learner.withCallbacks(Warmup(.steps(2))) {
            try learner.quietly {
                #expect(names(learner) == ["Recorder", "EarlyStopping", "TerminateOnNaN", "Warmup"])
                try learner.fit(1)
            }
            #expect(names(learner) == before + ["Warmup"])
        }
        #expect(names(learner) == before)
    }

    @Test func callbacksAreRemovedByIdentity() throws {
        let (one, two) = (Warmup(.steps(1)), Warmup(.steps(1)))
        let learner = try Line.learner(callbacks: [one, two])
        learner.remove(one)
        #expect(learner.callbacks.last === two && learner.callbacks.count == 2)
    }

    @Test func callbacksOfAFitAreJoinedForItAlone() throws {
        let learner = try Line.learner()
        var heard = 0
        let listener = Listener { event, _ in if event == .beforeFit { heard += 1 } }
        try learner.fit(1, callbacks: [listener])
        try learner.fit(1)
        try learner.fitOneCycle(1, lrMax: 0.1, callbacks: [listener])
        #expect(heard == 2 && names(learner) == ["Recorder"])
    }

    @Test func aCallbackAddedInARunTakesPartFromTheNext() throws {
        let learner = try Line.learner()
        var heard: [String] = []
        let late = Listener("Late") { event, learner in heard.append(moment(event, learner)) }
        learner.add(
            Listener("Adder") { event, learner in
                if event == .beforeFit, learner.progress.step == 0 { learner.add(late) }
            })
        try learner.fit(1)
        #expect(heard.isEmpty)
        try learner.fit(0)
        #expect(heard == ["beforeFit", "afterFit", "teardown"])
    }
}
