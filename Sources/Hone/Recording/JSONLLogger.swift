/// Writes a line of JSON for each thing that happens in a fit: `begin`, `step`, `validation` (one amid an epoch), `epoch`
/// and `end`.
///
/// ```
/// {"event":"step","epoch":0,"step":1,"loss":2.31,"smoothed_loss":2.31,"learning_rate":0.001,"momentum":null}
/// {"event":"validation","epoch":0,"step":12,"valid_loss":0.9,"accuracy":0.7,"weights":"trained"}
/// {"event":"epoch","epoch":0,"step":24,"train_loss":1.1,"valid_loss":0.7,"accuracy":0.8,"weights":"trained","seconds":0.2}
/// ```
///
/// Numbers that are none are the texts `"nan"`, `"inf"` and `"-inf"`. Epochs and steps are counted over the learner's
/// life. The end of a fit that failed says why.
open class JSONLLogger: LearnerCallback {
    /// The path of the file.
    public let path: String
    /// How often a step has a line; nil for never.
    public let every: Interval?
    /// Whether lines of earlier runs stay.
    public let appends: Bool

    @RunState private var cadence = StepCadence()
    private var file: LogFile?
    private var secondsBefore = 0.0
    private var pending: [(String, LogValue)]?

    /// Makes a logger.
    ///
    /// - Parameters:
    ///   - path: the file; missing folders are made.
    ///   - every: how often a step has a line; nil for never.
    ///   - appends: whether lines of earlier runs stay.
    public init(_ path: String, every: Interval? = .steps(1), appends: Bool = true) {
        self.path = path
        self.every = every
        self.appends = appends
    }

    /// ``Phase/report``
    open override var phase: Phase { .report }

    /// Opens the file, and writes that a fit begins. Throws ``LogFileError``.
    open override func beforeFit(_ learner: Learner) throws {
        try every?.requireNotNegative("JSONLLogger every")
        file = try LogFile(path, appends: appends)
        pending = nil
        try write(
            "begin", learner,
            [
                ("model", .text(learner.model.label)), ("loss", .text("\(type(of: learner.lossFunction))")),
                ("optimizer", .text(learner.optimizer.groups.first?.rule.name ?? "")),
                ("epochs", .integer(learner.run.totalEpochs)), ("seed", .text("\(learner.seed)")),
            ])
    }

    /// Looks at the clock.
    open override func beforeEpoch(_ learner: Learner) throws { secondsBefore = learner.elapsedInRun }

    /// Writes a step's line.
    open override func afterStep(_ learner: Learner) throws {
        guard let every, learner.didStep, cadence.isDue(every: every, in: learner) else { return }
        let values = learner.optimizer.groups.last?.values
        try write(
            "step", learner,
            [
                ("loss", .number(learner.stepLoss)), ("smoothed_loss", .number(learner.smoothedLoss)),
                ("learning_rate", LogValue(values?[.learningRate])), ("momentum", LogValue(values?[.momentum])),
            ])
    }

    /// Keeps what a validation amid the epoch found: a named set's figures join those of the sets before it.
    open override func afterValidate(_ learner: Learner) throws {
        if learner.isValidatingWithinEpoch, let found = learner.validation { pending = figures(found) }
    }

    /// Writes the line of a validation that has just been.
    open override func beforeBatch(_ learner: Learner) throws { if learner.isTraining { try writePending(learner) } }

    /// Writes the line of a validation that ended the epoch's training.
    open override func afterTrain(_ learner: Learner) throws { try writePending(learner) }

    /// Writes an epoch's line.
    open override func afterEpoch(_ learner: Learner) throws {
        var fields: [(String, LogValue)] = [("train_loss", .number(learner.epochLoss))]
        if let found = learner.epochValidation { fields += figures(found) }
        fields.append(("seconds", .number(learner.elapsedInRun - secondsBefore)))
        fields.append(("complete", .flag(learner.epochIsComplete)))
        try write("epoch", learner, fields)
    }

    /// Writes how the fit ended, and closes the file.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws {
        defer { file = nil }
        try writePending(learner)
        try write("end", learner, [("outcome", .text("\(outcome)")), ("seconds", .number(learner.elapsedInRun))])
    }

    private func figures(_ found: ValidationResult) -> [(String, LogValue)] {
        [("valid_loss", .number(found.loss))] + found.metrics.map { ($0.name, .number($0.value)) }
            + [("weights", .text(found.weights))]
    }

    private func writePending(_ learner: Learner) throws {
        guard let fields = pending else { return }
        pending = nil
        try write("validation", learner, fields)
    }

    private func write(_ event: String, _ learner: Learner, _ fields: [(String, LogValue)]) throws {
        let place: [(String, LogValue)] = [
            ("event", .text(event)), ("epoch", .integer(learner.progress.epoch)),
            ("step", .integer(learner.progress.step)),
        ]
        try file?.append(LogValue.object(place + fields))
    }
}
