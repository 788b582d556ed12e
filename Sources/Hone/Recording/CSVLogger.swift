/// Writes a table with commas: a row for each epoch, each optimizer step or each validation.
///
/// Rows of an epoch: `epoch, step, train_loss, valid_loss`, the metrics and what the named validation sets bring,
/// `seconds, weights`; of a validation (also of one amid an epoch): the same without the training's loss and the time; of
/// a step: `epoch, step, loss, smoothed_loss, learning_rate, momentum`. A figure that was not measured is an empty cell;
/// one that is no number is `nan`, `inf` or `-inf`. Epochs and steps are counted over the learner's life.
open class CSVLogger: LearnerCallback {
    /// What has a row.
    public enum Rows: String, Sendable, Codable {
        /// Each epoch.
        case epochs
        /// Each optimizer step.
        case steps
        /// Each validation, of all sets, amid epochs and at their ends.
        case validations
    }

    /// The path of the file.
    public let path: String
    /// What has a row.
    public let rows: Rows
    /// Whether rows of earlier runs stay.
    public let appends: Bool

    private var file: LogFile?
    private var secondsBefore = 0.0
    private var pending: [LogValue]?

    /// Makes a logger.
    ///
    /// - Parameters:
    ///   - path: the file; missing folders are made.
    ///   - rows: what has a row.
    ///   - appends: whether rows of earlier runs stay. A file with other columns is then an error.
    public init(_ path: String, rows: Rows = .epochs, appends: Bool = true) {
        self.path = path
        self.rows = rows
        self.appends = appends
    }

    /// ``Phase/report``
    open override var phase: Phase { .report }

    /// Opens the file, and writes the names of the columns into a new one.
    ///
    /// Throws ``LogFileError``, also for a file that has other columns.
    open override func beforeFit(_ learner: Learner) throws {
        let columns = columns(of: learner).map { LogValue.text($0).csv }.joined(separator: ",")
        let file = try LogFile(path, appends: appends)
        if let first = file.firstLine {
            guard first == columns else {
                throw LogFileError(path: path, reason: "it has the columns \(first), expected \(columns)")
            }
        } else {
            try file.append(columns)
        }
        self.file = file
        pending = nil
    }

    /// Looks at the clock.
    open override func beforeEpoch(_ learner: Learner) throws { secondsBefore = learner.elapsedInRun }

    /// Writes a step's row.
    open override func afterStep(_ learner: Learner) throws {
        guard rows == .steps, learner.didStep else { return }
        let values = learner.optimizer.groups.last?.values
        try write([
            .integer(learner.progress.epoch), .integer(learner.progress.step), .number(learner.stepLoss),
            .number(learner.smoothedLoss), LogValue(values?[.learningRate]), LogValue(values?[.momentum]),
        ])
    }

    /// Keeps what a validation found: a named set's figures join those of the sets before it, which have no row then.
    open override func afterValidate(_ learner: Learner) throws {
        guard rows == .validations, let found = learner.validation else { return }
        pending = place(learner) + figures(found, learner) + [.text(found.weights)]
    }

    /// Writes the row of a validation amid the epoch.
    open override func beforeBatch(_ learner: Learner) throws { if learner.isTraining { try writePending() } }

    /// Writes the row of a validation at the epoch's last step.
    open override func afterTrain(_ learner: Learner) throws { try writePending() }

    /// Writes an epoch's row.
    open override func afterEpoch(_ learner: Learner) throws {
        try writePending()
        guard rows == .epochs else { return }
        let found = learner.epochValidation
        try write(
            place(learner) + [.number(learner.epochLoss)] + figures(found, learner)
                + [.number(learner.elapsedInRun - secondsBefore), found.map { .text($0.weights) } ?? .missing])
    }

    /// Closes the file.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws {
        defer { file = nil }
        try writePending()
    }

    private func place(_ learner: Learner) -> [LogValue] {
        [.integer(learner.progress.epoch), .integer(learner.progress.step)]
    }

    private func figures(_ found: ValidationResult?, _ learner: Learner) -> [LogValue] {
        [LogValue(found?.loss)] + learner.measuredNames.map { LogValue(found?[$0.name]) }
    }

    private func writePending() throws {
        guard let cells = pending else { return }
        pending = nil
        try write(cells)
    }

    private func columns(of learner: Learner) -> [String] {
        switch rows {
        case .epochs:
            ["epoch", "step", "train_loss", "valid_loss"] + learner.measuredNames.map(\.name) + ["seconds", "weights"]
        case .validations: ["epoch", "step", "valid_loss"] + learner.measuredNames.map(\.name) + ["weights"]
        case .steps: ["epoch", "step", "loss", "smoothed_loss", "learning_rate", "momentum"]
        }
    }

    private func write(_ cells: [LogValue]) throws { try file?.append(cells.map(\.csv).joined(separator: ",")) }
}
