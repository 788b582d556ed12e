/// Writes down what happens: a row for each optimizer step, and one for each epoch. Every learner has one.
///
/// Rows of earlier fits are kept, marked by the fit they belong to.
open class Recorder: LearnerCallback {
    /// One optimizer step.
    public struct StepRow: Sendable, Equatable, Codable {
        /// Which fit, from 0.
        public let fit: Int
        /// The epoch, over the learner's life.
        public let epoch: Int
        /// The step, over the learner's life, from 1.
        public let step: Int
        /// The step within its fit, from 1.
        public let runStep: Int
        /// The mean loss of the step's samples, before it was taken.
        public let loss: Double
        /// The mean that the latest losses dominate.
        public let smoothedLoss: Double
        /// The learning rate of the last group.
        public let learningRate: Double
        /// The momentum of the last group, or nil when the optimizer has none.
        public let momentum: Double?
    }

    /// One epoch.
    public struct EpochRow: Sendable, Equatable, Codable {
        /// Which fit, from 0.
        public let fit: Int
        /// The epoch, over the learner's life.
        public let epoch: Int
        /// The steps taken when it ended, over the learner's life.
        public let step: Int
        /// The mean loss over the epoch's training samples.
        public let trainLoss: Double
        /// The mean loss over the validation samples, or nil without a validation.
        public let validLoss: Double?
        /// The metrics of the validation, in their order.
        public let metrics: [ValidationResult.Measured]
        /// Which weights were validated (see ``Learner/weightsInUse``), or nil without a validation.
        public let weights: String?
        /// Seconds that the epoch took.
        public let seconds: Double
        /// Whether all of the epoch's batches were gone through.
        public let isComplete: Bool

        /// A metric by its name, or nil.
        public subscript(name: String) -> Double? { metrics.first { $0.name == name }?.value }
    }

    /// A validation within an epoch.
    public struct ValidationRow: Sendable, Equatable, Codable {
        /// Which fit, from 0.
        public let fit: Int
        /// The epoch, over the learner's life.
        public let epoch: Int
        /// The steps taken before it, over the learner's life.
        public let step: Int
        /// The mean loss over the validation samples.
        public let loss: Double
        /// The metrics, in their order.
        public let metrics: [ValidationResult.Measured]
        /// Which weights were validated; see ``Learner/weightsInUse``.
        public let weights: String

        /// A metric by its name, or nil.
        public subscript(name: String) -> Double? { metrics.first { $0.name == name }?.value }
    }

    /// All rows.
    public struct History: Sendable, Equatable, Codable {
        /// The rows of steps, in order.
        public internal(set) var steps: [StepRow] = []
        /// The rows of epochs, in order.
        public internal(set) var epochs: [EpochRow] = []
        /// The rows of validations within epochs, in order.
        public internal(set) var validations: [ValidationRow] = []
        /// The number of fits begun.
        public internal(set) var fits = 0
    }

    /// What was written down so far.
    public internal(set) var history = History()

    /// The rows of all steps, in order.
    public var steps: [StepRow] { history.steps }

    /// The rows of all epochs, in order.
    public var epochs: [EpochRow] { history.epochs }

    /// The rows of all validations within epochs, in order.
    public var validations: [ValidationRow] { history.validations }

    @RunState private var secondsBefore = 0.0

    /// ``Phase/record``
    open override var phase: Phase { .record }

    /// Begins a fit's rows.
    open override func beforeFit(_ learner: Learner) throws { history.fits += 1 }

    /// Looks at the clock.
    open override func beforeEpoch(_ learner: Learner) throws { secondsBefore = learner.elapsedInRun }

    /// Writes a step's row.
    open override func afterStep(_ learner: Learner) throws {
        guard learner.didStep else { return }
        let values = learner.optimizer.groups.last?.values
        history.steps.append(
            StepRow(
                fit: history.fits - 1, epoch: learner.progress.epoch, step: learner.progress.step,
                runStep: learner.run.step, loss: learner.stepLoss, smoothedLoss: learner.smoothedLoss,
                learningRate: values?[.learningRate] ?? .nan, momentum: values?[.momentum]))
    }

    /// Writes the row of a validation within an epoch; a named set's figures join those of the sets before it.
    open override func afterValidate(_ learner: Learner) throws {
        guard learner.isValidatingWithinEpoch, let found = learner.validation else { return }
        let row = ValidationRow(
            fit: history.fits - 1, epoch: learner.progress.epoch, step: learner.progress.step, loss: found.loss,
            metrics: found.metrics, weights: found.weights)
        if learner.validationSet != nil, history.validations.last?.step == row.step { history.validations.removeLast() }
        history.validations.append(row)
    }

    /// Writes an epoch's row.
    open override func afterEpoch(_ learner: Learner) throws {
        history.epochs.append(
            EpochRow(
                fit: history.fits - 1, epoch: learner.progress.epoch, step: learner.progress.step,
                trainLoss: learner.epochLoss, validLoss: learner.epochValidation?.loss,
                metrics: learner.epochValidation?.metrics ?? [], weights: learner.epochValidation?.weights,
                seconds: learner.elapsedInRun - secondsBefore,
                isComplete: learner.epochIsComplete))
    }
}
