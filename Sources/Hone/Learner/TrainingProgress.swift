import HoneSchedule

/// How far a learner has come in its whole life. Only putting a snapshot back moves the counters back.
public struct TrainingProgress: Equatable, Sendable, Codable {
    /// Training batches seen.
    public internal(set) var microBatch = 0
    /// Optimizer steps truly taken; in `afterStep` the step just taken is counted.
    public internal(set) var step = 0
    /// Epochs left behind.
    public internal(set) var epoch = 0
    /// Training samples seen.
    public internal(set) var samples = 0
    /// Seconds spent in fits.
    public internal(set) var elapsed = 0.0
}

/// How far the present run has come.
public struct RunProgress: Sendable {
    /// What the run is for.
    public internal(set) var kind: RunKind = .fit
    /// Optimizer steps of this run.
    public internal(set) var step = 0
    /// The steps it will take, if none is skipped; as far as is known while a callback changes the windows as it goes.
    public internal(set) var totalSteps = 0
    /// Where schedules stand, in the steps of ``timeline``: the steps taken, unless a callback changes the windows in a way
    /// that was not to be foreseen. From then on it moves by more or less than 1 a step, so that it comes to the timeline's
    /// end with the run.
    public internal(set) var scheduleStep = 0.0
    /// By how much a step moves it.
    var stepLength = 1.0
    /// The epoch, from 0.
    public internal(set) var epoch = 0
    /// The epochs it will take.
    public internal(set) var totalEpochs = 0
    /// The batch within its epoch or validation, from 0.
    public internal(set) var batch = 0
    /// The number of batches in this epoch or validation.
    public internal(set) var batchCount = 0
    /// The samples of a full training batch.
    public internal(set) var batchSize = 0
    /// Training batches of this run.
    public internal(set) var microBatch = 0
    /// Training samples of this run.
    public internal(set) var samples = 0
    /// The clock at the start, in nanoseconds.
    var start: UInt64 = 0
    /// The units in which the run's intervals are measured, as it was planned when it began.
    public internal(set) var timeline = Timeline(totalSteps: 0)

    /// The share of the run that is done, as schedules see it, 0...1.
    public var fraction: Double {
        timeline.totalSteps == 0 ? 0 : min(1, scheduleStep / Double(timeline.totalSteps))
    }
}

/// An accumulation window: the training batches whose gradients make one step.
struct GradientWindow {
    /// The batches in it.
    var microBatches = 0
    /// Their samples.
    var samples = 0
    /// The sum of their losses' counts, which divides the summed gradient.
    var count = 0.0
    /// The sum of their losses.
    var lossSum = 0.0
    /// The count of the first: the backward pass divides by it already, so a window of one needs no second pass.
    var firstCount = 0.0
    /// What the window's losses are multiplied by before their backward passes.
    var lossScale = 1.0
    /// What the backward passes multiply by.
    var scale: Float { Float(lossScale / firstCount) }
}

/// When a window is complete.
public enum AccumulationWindow: Equatable, Sendable {
    /// After a number of batches, at least 1.
    case batches(Int)
    /// As soon as there are so many samples, at least 1.
    case samples(Int)

    func isFull(_ window: GradientWindow) -> Bool {
        switch self {
        case .batches(let count): window.microBatches >= count
        case .samples(let count): window.samples >= count
        }
    }

    /// The number of windows in an epoch of full batches and perhaps a short last one.
    func windowCount(batches: Int, batchSize: Int) -> Int {
        let span: Int
        switch self {
        case .batches(let count): span = max(1, count)
        case .samples(let count): span = max(1, (count + batchSize - 1) / batchSize)
        }
        return (batches + span - 1) / span
    }
}

/// The loop's stages that a callback sets for a run; each has one owner.
public struct LoopStages {
    /// How many batches make a step.
    public internal(set) var accumulation = AccumulationWindow.batches(1)
    /// Whether the batches of the present window are kept, for ``Learner/recomputeGradients()``.
    public private(set) var keepsBatches = false
    /// How often to validate within epochs; nil for their ends alone.
    public private(set) var validation: Interval?
    /// What the batches' losses are multiplied by, and what becomes of gradients that are not finite.
    public private(set) var lossScaling: (any LossScaling)?
    /// How the gradient of a window is limited before the step.
    public private(set) var clipping: GradientClipping?
    /// The samples of a batch, by where the window that begins stands in the run; nil keeps the loader's.
    public private(set) var batchSize: ((WindowPlace) -> Int)?
    /// The accumulation window, by where it stands in the run; nil for ``accumulation``.
    public private(set) var accumulationPlan: ((WindowPlace) -> AccumulationWindow)?
    /// Whether the sizes of all windows are known before the run.
    private(set) var windowsAreForeseen = true
    /// How many of its batches an epoch trains on; nil for all.
    public private(set) var epochLength: EpochLength?
    /// How many of its batches a validation within the fit measures; nil for all.
    public private(set) var validationLength: EpochLength?
    private var owners: [String: String] = [:]

    /// The number of batches to go through of so many, in training or in a validation.
    func batches(of count: Int, isTraining: Bool) -> Int {
        (isTraining ? epochLength : validationLength)?.count(of: count) ?? count
    }

    /// Whether windows differ by where they stand.
    var plansWindows: Bool { batchSize != nil || accumulationPlan != nil }

    /// Keeps the batches of each window until its step, in this run. Any number of callbacks may ask.
    public mutating func keepBatches() { keepsBatches = true }

    /// Sets the accumulation window for this run.
    ///
    /// - Throws: ``CallbackPlanError/stageConflict(stage:first:second:)`` when another owner has set it.
    public mutating func setAccumulation(_ window: AccumulationWindow, owner: String) throws {
        try take("accumulation", owner)
        accumulation = window
    }

    /// Has the loop validate within epochs, too, in this run.
    ///
    /// - Throws: ``CallbackPlanError/stageConflict(stage:first:second:)`` when another owner has set it.
    public mutating func setValidation(every interval: Interval, owner: String) throws {
        try take("validation", owner)
        validation = interval
    }

    /// Sets the accumulation windows for this run, each by where it stands; called for every window, and before the run for
    /// all, to know the number of steps.
    ///
    /// - Parameters:
    ///   - owner: who sets it.
    ///   - isForeseen: whether the plan depends on the place alone. One that depends on what training brings, or on the
    ///     clock, would miss the number of steps; then ``RunProgress/scheduleStep`` is adapted at each change.
    ///   - plan: the window that begins at a place.
    /// - Throws: as ``setAccumulation(_:owner:)``
    public mutating func setAccumulation(
        owner: String, isForeseen: Bool = true, _ plan: @escaping (WindowPlace) -> AccumulationWindow
    ) throws {
        try take("accumulation", owner)
        accumulationPlan = plan
        if !isForeseen { windowsAreForeseen = false }
    }

    /// Sets the batch sizes for this run, each by where the window that it is for stands; called as for accumulation.
    ///
    /// - Throws: as ``setAccumulation(_:owner:)``
    public mutating func setBatchSize(
        owner: String, isForeseen: Bool = true, _ plan: @escaping (WindowPlace) -> Int
    ) throws {
        try take("batch size", owner)
        batchSize = plan
        if !isForeseen { windowsAreForeseen = false }
    }

    /// Scales the losses for this run.
    ///
    /// - Throws: as ``setAccumulation(_:owner:)``
    public mutating func setLossScaling(_ scaling: any LossScaling, owner: String) throws {
        try take("loss scaling", owner)
        lossScaling = scaling
    }

    /// Limits the gradients for this run.
    ///
    /// - Throws: as ``setAccumulation(_:owner:)``
    public mutating func setClipping(_ clipping: GradientClipping, owner: String) throws {
        try take("clipping", owner)
        self.clipping = clipping
    }

    /// Shortens epochs, and the validations within the fit, for this run.
    ///
    /// - Throws: as ``setAccumulation(_:owner:)``
    public mutating func setEpochLength(
        _ length: EpochLength, ofValidation validation: EpochLength?, owner: String
    ) throws {
        try take("epoch length", owner)
        (epochLength, validationLength) = (length, validation)
    }

    private mutating func take(_ stage: String, _ owner: String) throws {
        if let first = owners[stage], first != owner {
            throw CallbackPlanError.stageConflict(stage: stage, first: first, second: owner)
        }
        owners[stage] = owner
    }
}

/// A mean that forgets: the exponentially weighted average of a series, without the bias of its start.
public struct SmoothedMean: Equatable, Sendable, Codable {
    /// The share that is kept at each value, 0 up to 1.
    public let beta: Double
    private var average = 0.0
    private var weight = 0.0

    /// Makes an average of nothing.
    public init(beta: Double = 0.98) { self.beta = beta }

    /// Takes a value in.
    public mutating func add(_ value: Double) {
        average = beta * average + (1 - beta) * value
        weight = beta * weight + (1 - beta)
    }

    /// The average so far; NaN of nothing.
    public var value: Double { weight == 0 ? .nan : average / weight }
}

/// The mean of a loss over batches of unequal weight.
struct LossMean: Sendable {
    var sum = 0.0
    var count = 0.0
    var value: Double { count == 0 ? .nan : sum / count }
}

extension Schedule {
    /// The value for the step to come of a run.
    public func value(in run: RunProgress) -> Double { value(atPosition: run.scheduleStep, in: run.timeline) }
}
