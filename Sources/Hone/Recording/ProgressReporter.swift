import Foundation
import HoneKernels

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Tells how training goes: a table with a line for each epoch, and on a terminal a bar in between, with the time left,
/// the loss and the rate. Every learner has one; `learner.quietly { }` does without.
open class ProgressReporter: LearnerCallback {
    private let isTerminal: Bool
    private let write: (String) -> Void
    private var lastDrawn: UInt64 = 0
    private var barIsShown = false
    private var secondsBefore = 0.0

    /// Makes a reporter.
    ///
    /// - Parameters:
    ///   - isTerminal: whether a bar can be drawn; nil looks at the standard output.
    ///   - write: where the text goes; nil is the standard output.
    public init(isTerminal: Bool? = nil, write: ((String) -> Void)? = nil) {
        self.isTerminal = isTerminal ?? (write == nil && isatty(STDOUT_FILENO) == 1)
        self.write =
            write ?? { text in
                print(text, terminator: "")
                fflush(nil)  // A bar that waits in a buffer is none.
            }
    }

    /// ``Phase/report``
    open override var phase: Phase { .report }

    /// Writes the table's head.
    open override func beforeFit(_ learner: Learner) throws {
        barIsShown = false
        write(TextTable.line(header(learner), widths: widths(learner)) + "\n")
    }

    /// Looks at the clock.
    open override func beforeEpoch(_ learner: Learner) throws { secondsBefore = learner.elapsedInRun }

    /// Draws the bar, at most ten times a second.
    open override func afterBatch(_ learner: Learner) throws {
        guard isTerminal else { return }
        let now = hone_clock_ns()
        guard now &- lastDrawn >= 100_000_000 else { return }
        lastDrawn = now
        barIsShown = true
        write("\r\u{1B}[K" + bar(learner))
    }

    /// Writes the epoch's line.
    open override func afterEpoch(_ learner: Learner) throws {
        clearBar()
        write(TextTable.line(row(learner), widths: widths(learner)) + "\n")
    }

    /// Says how the run ended, unless it was as planned.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws {
        clearBar()
        switch outcome {
        case .completed, .failed: break
        case .stopped, .interrupted: write("\(outcome)\n")
        }
    }

    private func clearBar() {
        if barIsShown { write("\r\u{1B}[K") }
        barIsShown = false
    }

    // MARK: Text

    private func header(_ learner: Learner) -> [String] {
        ["epoch", "train loss"]
            + (learner.data.valid.batchCount > 0 ? ["valid loss"] + learner.measuredNames.map(\.name) : [])
            + ["time"]
    }

    private func row(_ learner: Learner) -> [String] {
        var cells = ["\(learner.progress.epoch)", format(learner.epochLoss, 6)]
        if learner.data.valid.batchCount > 0 {
            let found = learner.epochValidation
            cells.append(found.map { format($0.loss, 6) } ?? "-")
            cells += learner.measuredNames.map { name, _ in found?[name].map { format($0, 6) } ?? "-" }
        }
        return cells + [ProgressReporter.clock(learner.elapsedInRun - secondsBefore)]
    }

    private func widths(_ learner: Learner) -> [Int] { header(learner).map { max(10, $0.count) } }

    private func bar(_ learner: Learner) -> String {
        let run = learner.run
        let cells = 20
        // The bar is of the whole fit: while an epoch is validated at its end that shows, and while it is within, its place.
        let isAmidEpoch = learner.isTraining || learner.isValidatingWithinEpoch
        let epochs = isAmidEpoch ? learner.windowPlace.epochs : Double(run.epoch + 1)
        let share = run.totalEpochs == 0 ? 1 : min(1, epochs / Double(run.totalEpochs))
        let full = Int(share * Double(cells))
        let left = share > 0 ? learner.elapsedInRun * (1 - share) / share : 0
        return "epoch \(run.epoch + 1)/\(run.totalEpochs)  "
            + String(repeating: "━", count: full) + String(repeating: "─", count: cells - full)
            + "  \(Int(100 * share)) %  \(ProgressReporter.clock(left)) left"
            + "  loss \(format(learner.smoothedLoss, 4))  rate \(formatRate(learner.optimizer.learningRate))"
    }

    /// `1:02:03`, `2:03`, or `0.12 s` below a minute.
    static func clock(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "-" }
        if seconds < 60 { return format(seconds, 2) + " s" }
        let whole = Int(seconds)
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
    }
}
