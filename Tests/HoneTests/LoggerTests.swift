import Foundation
import Hone
import Testing

/// A file of its own, which is gone afterwards.
private func withFile<Result>(_ name: String, _ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hone-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    // A folder that is not there yet.
    return try body(folder.appendingPathComponent("logs/\(name)").path)
}

private func lines(_ path: String) throws -> [String] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasSuffix("\n"))
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
}

/// A learner that validates on two sets.
private func learnerOfTwoSets(_ callbacks: [any Callback]) throws -> Learner {
    let data = try DataLoaders(train: Points.dataset(), valid: Points.dataset(20, seed: 10), batchSize: 8)
        .validating("other", on: DataLoader(Points.dataset(12, seed: 11), batchSize: 12))
    let learner = Learner(
        data, model: Linear(6, 3), loss: CrossEntropy(), optimizer: SGD(), metrics: [Accuracy()],
        callbacks: callbacks, handlesInterrupt: false)
    learner.removeCallbacks(of: ProgressReporter.self)
    return learner
}

@Suite struct CSVLoggerTests {
    @Test func everyEpochHasARow() throws {
        try withFile("a.csv") { path in
            let learner = try Points.learner(callbacks: [CSVLogger(path)])
            try learner.fit(2)
            let rows = try lines(path).map { $0.split(separator: ",").map(String.init) }
            #expect(
                rows[0] == ["epoch", "step", "train_loss", "valid_loss", "accuracy", "seconds", "weights"]
                    && rows.count == 3)
            for (cells, row) in zip(rows.dropFirst(), learner.recorder.epochs) {
                #expect(cells[0] == "\(row.epoch)" && cells[1] == "\(row.step)" && cells[6] == "trained")
                #expect(Double(cells[2]) == row.trainLoss && Double(cells[3]) == row.validLoss)
                #expect(Double(cells[4]) == row["accuracy"] && Double(cells[5]) ?? -1 > 0)
            }
        }
    }

    @Test func everyStepMayHaveARow() throws {
        try withFile("a.csv") { path in
            let learner = try Line.learner(callbacks: [CSVLogger(path, rows: .steps), GradAccumulation(batches: 2)])
            try learner.fit(2)
            let rows = try lines(path)
            #expect(rows[0] == "epoch,step,loss,smoothed_loss,learning_rate,momentum" && rows.count == 5)
            for (text, row) in zip(rows.dropFirst(), learner.recorder.steps) {
                let cells = text.components(separatedBy: ",")
                #expect(
                    cells.compactMap(Double.init).prefix(4) == [
                        Double(row.epoch), Double(row.step), row.loss, row.smoothedLoss,
                    ])
                #expect(cells[4] == "0.125" && cells[5] == "0.0")
            }
        }
    }

    @Test func rowsOfEarlierRunsStayUnlessTheyAreNotWanted() throws {
        try withFile("a.csv") { path in
            try Line.learner(callbacks: [CSVLogger(path)]).fit(2)
            // The end of a program that was killed within a line.
            let whole = try String(contentsOfFile: path, encoding: .utf8)
            try String(whole.dropLast(4)).write(toFile: path, atomically: true, encoding: .utf8)
            try Line.learner(callbacks: [CSVLogger(path)]).fit(1)
            let rows = try lines(path)
            #expect(rows.count == 4 && rows[3].hasPrefix("0,3,"))
            try Line.learner(callbacks: [CSVLogger(path, appends: false)]).fit(1)
            #expect(try lines(path).count == 2)
        }
    }

    @Test func namedSetsHaveColumns() throws {
        try withFile("a.csv") { path in
            let learner = try learnerOfTwoSets([CSVLogger(path)])
            try learner.fit(1)
            let rows = try lines(path).map { $0.split(separator: ",").map(String.init) }
            #expect(rows[0][3...6] == ["valid_loss", "accuracy", "other loss", "other accuracy"])
            let row = try #require(learner.recorder.epochs.first)
            #expect(
                rows[1][3...6].map(Double.init) == [
                    row.validLoss, row["accuracy"], row["other loss"], row["other accuracy"],
                ])
        }
    }

    @Test func validationsMayHaveTheRows() throws {
        try withFile("a.csv") { path in
            let learner = try learnerOfTwoSets([CSVLogger(path, rows: .validations), ValidateEvery(.steps(2))])
            try learner.fit(1)
            let rows = try lines(path).map { $0.split(separator: ",").map(String.init) }
            #expect(
                rows[0] == [
                    "epoch", "step", "valid_loss", "accuracy", "other loss", "other accuracy", "weights",
                ])
            #expect(rows.dropFirst().map { $0[1] } == ["2", "4", "6"] && rows.allSatisfy { $0.count == 7 })
            let losses = learner.recorder.validations.map(\.loss) + learner.recorder.epochs.compactMap(\.validLoss)
            #expect(rows.dropFirst().map { Double($0[2]) } == losses)
        }
    }

    @Test func aFileOfOtherColumnsIsRefused() throws {
        try withFile("a.csv") { path in
            try Line.learner(callbacks: [CSVLogger(path)]).fit(1)
            let before = try lines(path)
            let learner = try Points.learner(callbacks: [CSVLogger(path)])
            let error = #expect(throws: CallbackError.self) { try learner.fit(1) }
            let text = error.map { "\($0.underlying)" } ?? ""
            #expect(
                text.contains("log not written to \(path): it has the columns epoch,step,train_loss,valid_loss,seconds")
            )
            #expect(try lines(path) == before && learner.progress.microBatch == 0)
        }
    }

    @Test func whatIsMissingIsEmptyAndWhatIsNoNumberIsReadable() throws {
        try withFile("a.csv") { path in
            let values = Scripted([.infinity, -.infinity, .nan])
            let learner = try Line.learner(valid: 2, metrics: [values], callbacks: [CSVLogger(path)])
            learner.add(
                Listener { event, learner in
                    if event == .afterTrain, learner.run.epoch == 3 { learner.request(.endEpoch) }
                })
            try learner.fit(4)
            let cells = try lines(path).dropFirst().map { $0.components(separatedBy: ",") }
            #expect(cells.map { $0[4] } == ["inf", "-inf", "nan", ""])
            #expect(cells[3][3].isEmpty && cells[3][6].isEmpty)
        }
    }

    @Test func aPathThatCannotBeWrittenIsAnError() throws {
        try withFile("a.csv") { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            for logger in [CSVLogger(path), JSONLLogger(path)] as [any Callback] {
                let learner = try Line.learner(callbacks: [logger])
                let error = #expect(throws: CallbackError.self) { try learner.fit(1) }
                #expect(error?.underlying is LogFileError)
            }
        }
    }
}

@Suite struct JSONLLoggerTests {
    private func objects(_ path: String) throws -> [[String: Any]] {
        try lines(path).map { try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
    }

    @Test func everyThingThatHappensIsALineOfJSON() throws {
        try withFile("a.jsonl") { path in
            let learner = try Points.learner(callbacks: [JSONLLogger(path)])
            try learner.fit(2)
            let found = try objects(path)
            let steps = Array(repeating: "step", count: 6)
            #expect(found.map { $0["event"] as? String } == ["begin"] + steps + ["epoch"] + steps + ["epoch", "end"])
            for (object, row) in zip(found.filter { $0["event"] as? String == "step" }, learner.recorder.steps) {
                #expect(isClose(object["loss"] as? Double ?? .nan, row.loss) && object["step"] as? Int == row.step)
                #expect(object["learning_rate"] as? Double == 0.01 && object["momentum"] != nil)
            }
            let epoch = try #require(found.last { $0["event"] as? String == "epoch" })
            #expect(epoch["accuracy"] as? Double == learner.validation?["accuracy"])
            #expect(epoch["valid_loss"] as? Double == learner.validation?.loss && epoch["complete"] as? Bool == true)
            #expect(epoch["weights"] as? String == "trained" && found.last?["outcome"] as? String == "completed")
        }
    }

    @Test func aValidationAmidAnEpochIsALine() throws {
        try withFile("a.jsonl") { path in
            let learner = try learnerOfTwoSets([JSONLLogger(path), ValidateEvery(.steps(2))])
            try learner.fit(1)
            let found = try objects(path)
            let pair = ["step", "step"]
            #expect(
                found.map { $0["event"] as? String } == ["begin"] + pair + ["validation"] + pair + ["validation"] + pair
                    + ["epoch", "end"])
            let lines = found.filter { $0["event"] as? String == "validation" }
            #expect(lines.map { $0["step"] as? Int } == [2, 4])
            for (line, row) in zip(lines, learner.recorder.validations) {
                #expect(isClose(line["valid_loss"] as? Double ?? .nan, row.loss))
                #expect(isClose(line["accuracy"] as? Double ?? .nan, try #require(row["accuracy"])))
                #expect(isClose(line["other loss"] as? Double ?? .nan, try #require(row["other loss"])))
                #expect(line["weights"] as? String == "trained")
            }
        }
    }

    @Test func aValidationBeforeAFailureIsALineToo() throws {
        try withFile("a.jsonl") { path in
            let learner = try learnerOfTwoSets([JSONLLogger(path, every: nil), ValidateEvery(.steps(2))])
            learner.add(
                Listener { event, learner in
                    if event == .beforeValidate, learner.validationSet == "other" { throw Oops() }
                })
            #expect(throws: CallbackError.self) { try learner.fit(1) }
            #expect(try objects(path).map { $0["event"] as? String } == ["begin", "validation", "end"])
        }
    }

    @Test func stepsHaveTheirCadenceAndLinesOfEarlierRunsStay() throws {
        try withFile("a.jsonl") { path in
            try Line.learner(callbacks: [JSONLLogger(path, every: .steps(2))]).fit(2)
            let steps = try objects(path).filter { $0["event"] as? String == "step" }.compactMap { $0["step"] as? Int }
            #expect(steps == [1, 3, 5])
            let count = try lines(path).count
            try Line.learner(callbacks: [JSONLLogger(path, every: nil)]).fit(1)
            #expect(try lines(path).count == count + 3)
        }
    }

    @Test func aFailureIsWrittenDownAndTextsAreQuoted() throws {
        struct Odd: Error, CustomStringConvertible { let description = "a \"quoted\"\nline \u{1} \\ ü" }
        try withFile("a.jsonl") { path in
            let learner = try Line.learner(callbacks: [JSONLLogger(path)])
            learner.add(Listener { event, _ in if event == .afterBatch { throw Odd() } })
            #expect(throws: CallbackError.self) { try learner.fit(1) }
            let last = try #require(try objects(path).last)
            #expect(last["event"] as? String == "end")
            #expect((last["outcome"] as? String)?.contains(Odd().description) == true)
        }
    }

    @Test func numbersThatAreNoneAreTexts() throws {
        try withFile("a.jsonl") { path in
            let loss = FunctionLoss { prediction, target in
                let whole = MeanSquaredError().evaluate(prediction, target)
                return LossValue(sum: whole.sum * Float.infinity, count: whole.count)
            }
            try Line.learner(loss: loss, callbacks: [JSONLLogger(path)]).fit(1)
            let found = try objects(path)
            #expect(found[1]["loss"] as? String == "inf" && found[2]["loss"] as? String == "nan")
        }
    }
}
