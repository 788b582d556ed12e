/// Keeps the model of the best figure in memory, with the optimizer's.
///
/// ```swift
/// let best = SaveBest(.metric("accuracy"))
/// try learner.fit(20, callbacks: [best])
/// try best.restore(into: learner)
/// ```
///
/// The figures of validations within epochs count, too. NaN is never the best, and of equal figures the first one is. Each
/// improvement costs a copy of the weights and of the optimizer's memory.
open class SaveBest: LearnerCallback {
    /// What is watched.
    public let monitor: Monitor

    /// Whether the model is put back at the end of the fit.
    public let restoresBest: Bool

    /// The best figure, and where it was; nil before the first that is a number.
    @RunState public private(set) var best: Best?

    /// A figure, and where it was.
    public struct Best: Codable, Equatable, Sendable, CustomStringConvertible {
        /// The figure.
        public let value: Double
        /// Its name.
        public let name: String
        /// The epoch, within the fit.
        public let epoch: Int
        /// The optimizer steps taken, within the fit.
        public let step: Int
        /// Which weights were measured: see ``Learner/weightsInUse``.
        public let weights: String

        /// In words.
        public var description: String {
            "\(name) \(format(value, 6)) in epoch \(epoch), after step \(step), of the \(weights) weights"
        }
    }

    // Memory of this process alone: a fit that is resumed keeps a later best.
    private var kept: Kept?
    /// The weights that the present validation measures, where they are not those that are trained.
    private var measured: Measured?

    private struct Kept {
        let best: Best
        let names: [String]
        let trained: ModelState
        let measured: Measured?
    }

    private struct Measured {
        let values: [Float]
        let buffers: [Tensor]
    }

    /// Makes the callback.
    ///
    /// - Parameters:
    ///   - monitor: what is watched; whether higher or lower is better is known of it.
    ///   - restoresBest: whether the model is put back at the end of the fit, as ``restore(into:trained:)`` does, however it
    ///     ends but by an error.
    public init(_ monitor: Monitor = .validLoss, restoresBest: Bool = false) {
        self.monitor = monitor
        self.restoresBest = restoresBest
    }

    /// ``Phase/persist``
    open override var phase: Phase { .persist }

    /// Checks that the figure will be there, and forgets the last fit's.
    open override func beforeFit(_ learner: Learner) throws {
        _ = try monitor.direction(in: learner)
        (kept, measured) = (nil, nil)
    }

    /// Notes the weights that stand in for those that are trained.
    open override func beforeValidate(_ learner: Learner) throws {
        guard monitor != .trainLoss, learner.validationSet == nil else { return }
        measured =
            learner.weightsInUse == Learner.trainedWeights
            ? nil : Measured(values: Array(learner.arena.values), buffers: learner.model.buffers.map(\.buffer.value))
    }

    /// Compares the figure of a validation within an epoch with the best.
    open override func afterValidate(_ learner: Learner) throws {
        guard learner.hasValidatedWithinEpoch, monitor != .trainLoss, let value = monitor.value(in: learner) else {
            return
        }
        try compare(value, learner.validation?.weights, learner)
    }

    /// Compares the epoch's figure with the best.
    open override func afterEpoch(_ learner: Learner) throws {
        guard let value = monitor.value(in: learner) else { return }
        try compare(value, monitor == .trainLoss ? nil : learner.epochValidation?.weights, learner)
    }

    private func compare(_ value: Double, _ weights: String?, _ learner: Learner) throws {
        defer { measured = nil }
        guard try monitor.direction(in: learner).isBetter(value, than: best?.value ?? .nan) else { return }
        let found = Best(
            value: value, name: "\(monitor)", epoch: learner.run.epoch, step: learner.run.step,
            weights: weights ?? Learner.trainedWeights)
        kept = Kept(
            best: found, names: learner.arena.entries.map(\.name), trained: learner.modelState(), measured: measured)
        best = found
    }

    /// Puts the best model back, with the optimizer's memory; hyper-parameters and counters stay.
    ///
    /// - Parameters:
    ///   - learner: that of the fit, or another of the same model.
    ///   - trained: of a model that was measured with other weights than those that were trained, such as an average:
    ///     whether to put back those that were trained, to go on training, rather than those that were measured.
    /// - Returns: what was put back.
    /// - Throws: ``LearnerError/snapshotMismatch(_:)`` when nothing is kept, or of another model; nothing is changed then.
    @discardableResult public func restore(into learner: Learner, trained: Bool = false) throws -> Best {
        guard let kept, kept.best == best else {
            throw LearnerError.snapshotMismatch(
                best.map { "the model of \($0) is not kept in this process" } ?? "\(identifier) has seen no figure")
        }
        if !learner.isRunning { try learner.followModel() }
        let names = learner.arena.entries.map(\.name)
        guard names == kept.names, learner.arena.count == kept.trained.values.count,
            learner.model.buffers.count == kept.trained.buffers.count
        else {
            throw LearnerError.snapshotMismatch(
                "\(identifier) holds parameters \(kept.names), the model has \(names)")
        }
        try learner.restore(kept.trained)
        if !trained, let measured = kept.measured {
            learner.weightViews[kept.best.weights] = WeightView(
                values: { measured.values }, buffers: measured.buffers)
            try learner.useWeights(kept.best.weights)
        }
        return kept.best
    }

    /// Puts the best model back, if asked to.
    open override func afterFit(_ learner: Learner, _ outcome: FitOutcome) throws {
        if restoresBest, best != nil { try restore(into: learner) }
    }

    /// Lets go of a validation that was not finished.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws { measured = nil }
}
