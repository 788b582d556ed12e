import Foundation
import Hone

/// How the cases of one file are run.
struct Runner: Sendable {
    /// The file's name.
    let file: String
    /// The member of a case's `config` that names its kind.
    let kindKey: String
    /// Runs a case: throws ``Unmet`` or any other error when it fails, and ``Skip`` when it cannot be run.
    let run: @Sendable (_ kind: String, _ test: VectorCase, _ comparison: Comparison) throws -> Void

    /// All files in the order of the README.
    static let all = [
        Runner(file: "schedules.json", kindKey: "kind", run: runScheduleCase),
        Runner(file: "optimizers.json", kindKey: "optimizer", run: runOptimizerCase),
        Runner(file: "layers.json", kindKey: "kind", run: runLayerCase),
        Runner(file: "ops.json", kindKey: "op", run: runOpCase),
        Runner(file: "losses.json", kindKey: "kind", run: runLossCase),
        Runner(file: "metrics.json", kindKey: "metric", run: runMetricCase),
        Runner(file: "lrfind.json", kindKey: "kind", run: runSweepCase),
        Runner(file: "noise.json", kindKey: "kind", run: runNoiseCase),
        Runner(file: "weights.json", kindKey: "kind", run: runWeightCase),
        Runner(file: "init.json", kindKey: "scheme", run: runInitialiserCase),
    ]

    /// Runs all files of a folder; one that cannot be read is a failed case of its own.
    static func runAll(in folder: URL) -> Report {
        var report = Report()
        do {
            let names = try VectorFile.names(in: folder)
            for runner in all where names.contains(runner.file) { runner.run(in: folder, report: &report) }
            for name in names where !all.contains(where: { $0.file == name }) {
                report.addUnreadable(name, "nothing runs this file")
            }
            if names.isEmpty { report.addUnreadable("*.json", "there are no files") }
        } catch {
            report.addUnreadable("*.json", "\(error)")
        }
        return report
    }

    private func run(in folder: URL, report: inout Report) {
        do {
            let contents = try VectorFile(contentsOf: folder.appendingPathComponent(file))
            for test in contents.cases {
                let mayFail = test.mayFail && !contents.isPublished
                report.add(file, test, outcome(of: test, in: contents), mayFail: mayFail)
            }
        } catch {
            report.addUnreadable(file, "\(error)")
        }
    }

    /// What becomes of one case. None of the published set may be passed over.
    func outcome(of test: VectorCase, in contents: VectorFile) -> Report.Outcome {
        let kind = test.config[kindKey].string ?? ""
        do {
            if test.expected.object?.isEmpty != false { throw Unmet("nothing is expected") }
            try catchingTensorErrors {
                try run(kind, test, Comparison(tolerance: test.tolerance(in: contents)))
            }
            return .passed
        } catch let skip as Skip {
            return contents.isPublished ? .failed("\(skip.reason) is not answered") : .skipped(skip.reason)
        } catch {
            return .failed("\(error)")
        }
    }
}
