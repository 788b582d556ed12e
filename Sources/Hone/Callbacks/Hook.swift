/// Runs a closure at an event, each time or at an interval:
///
/// ```swift
/// try learner.fit(5, callbacks: [.on(.afterStep, every: .steps(100)) { learner in print(learner.smoothedLoss) }])
/// ```
///
/// The interval is one of training: the closure is called at the first such event after each has gone by; not in the batches
/// of validations, nor in runs without training.
open class Hook: LearnerCallback {
    /// When the closure is called.
    public let event: Event
    /// The interval from one call to the next; nil for each time.
    public let interval: Interval?

    private let name: String
    private let place: Phase
    private let kinds: RunKinds
    private let body: (Learner) throws -> Void

    @RunState private var recurrence = Recurrence()

    /// Makes the callback.
    ///
    /// - Parameters:
    ///   - event: when the closure is called.
    ///   - interval: the interval from one call to the next; nil for each time. One that is not above 0 is an error of the
    ///     fit.
    ///   - name: what errors, timings and plans call it.
    ///   - phase: when it is called within the event.
    ///   - joins: the kinds of run that it takes part in; nil for predictions, if the event is theirs alone, and for fits
    ///     otherwise.
    ///   - body: what is run; what it throws ends the run.
    public init(
        _ event: Event, every interval: Interval? = nil, name: String = "Hook", phase: Phase = .compute,
        joins kinds: RunKinds? = nil, run body: @escaping (Learner) throws -> Void
    ) {
        self.event = event
        self.interval = interval
        self.name = name
        place = phase
        self.kinds = kinds ?? (event == .beforePredict || event == .afterPredict ? .predict : .fit)
        self.body = body
    }

    /// The name that it was given.
    open override var identifier: String { name }
    /// The kinds of run that it was given.
    open override var joins: RunKinds { kinds }
    /// The phase that it was given.
    open override var phase: Phase { place }

    private func hear(_ heard: Event, _ learner: Learner) throws {
        guard heard == event else { return }
        if let interval {
            let trains = learner.run.kind == .fit || learner.run.kind == .probe
            guard trains, learner.isTraining || !heard.isOfBatch else { return }
            guard recurrence.isDue(every: interval, at: heard, in: learner) else { return }
        }
        try body(learner)
    }

    /// Checks the interval, and calls the closure if it is for this event.
    open override func beforeFit(_ learner: Learner) throws {
        try interval?.requireAboveZero("\(name) every")
        try hear(.beforeFit, learner)
    }

    /// Calls the closure if it is for this event.
    open override func beforeEpoch(_ learner: Learner) throws { try hear(.beforeEpoch, learner) }
    /// Calls the closure if it is for this event.
    open override func beforeTrain(_ learner: Learner) throws { try hear(.beforeTrain, learner) }
    /// Calls the closure if it is for this event.
    open override func beforeBatch(_ learner: Learner) throws { try hear(.beforeBatch, learner) }
    /// Calls the closure if it is for this event.
    open override func afterForward(_ learner: Learner) throws { try hear(.afterForward, learner) }
    /// Calls the closure if it is for this event.
    open override func afterLoss(_ learner: Learner) throws { try hear(.afterLoss, learner) }
    /// Calls the closure if it is for this event.
    open override func beforeBackward(_ learner: Learner) throws { try hear(.beforeBackward, learner) }
    /// Calls the closure if it is for this event.
    open override func afterBackward(_ learner: Learner) throws { try hear(.afterBackward, learner) }
    /// Calls the closure if it is for this event.
    open override func gradientsReady(_ learner: Learner) throws { try hear(.gradientsReady, learner) }
    /// Calls the closure if it is for this event.
    open override func beforeStep(_ learner: Learner) throws { try hear(.beforeStep, learner) }
    /// Calls the closure if it is for this event.
    open override func afterStep(_ learner: Learner) throws { try hear(.afterStep, learner) }
    /// Calls the closure if it is for this event.
    open override func afterBatch(_ learner: Learner) throws { try hear(.afterBatch, learner) }
    /// Calls the closure if it is for this event.
    open override func afterTrain(_ learner: Learner) throws { try hear(.afterTrain, learner) }
    /// Calls the closure if it is for this event.
    open override func beforeValidate(_ learner: Learner) throws { try hear(.beforeValidate, learner) }
    /// Calls the closure if it is for this event.
    open override func afterValidate(_ learner: Learner) throws { try hear(.afterValidate, learner) }

    /// Refuses an interval, since a prediction has no steps, and calls the closure if it is for this event.
    open override func beforePredict(_ learner: Learner) throws {
        if let interval, event == .beforePredict || event == .afterPredict {
            throw LearnerError.argument(
                "\(name) every", value: "\(interval)", expected: "none at \(event), which is not of training")
        }
        try hear(.beforePredict, learner)
    }

    /// Calls the closure if it is for this event.
    open override func afterPredict(_ learner: Learner) throws { try hear(.afterPredict, learner) }
    /// Calls the closure if it is for this event.
    open override func afterEpoch(_ learner: Learner) throws { try hear(.afterEpoch, learner) }
    /// Calls the closure if it is for this event.
    open override func afterFit(_ learner: Learner, _ outcome: FitOutcome) throws { try hear(.afterFit, learner) }
    /// Calls the closure if it is for this event.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws { try hear(.teardown, learner) }
}

extension Event {
    /// Whether it comes with every batch, or step.
    fileprivate var isOfBatch: Bool {
        switch self {
        case .beforeBatch, .afterForward, .afterLoss, .beforeBackward, .afterBackward, .gradientsReady, .beforeStep,
            .afterStep, .afterBatch:
            true
        default: false
        }
    }
}

extension Callback where Self == Hook {
    /// A ``Hook``, for lists of callbacks: `[.on(.afterStep, every: .steps(100)) { learner in … }]`.
    public static func on(
        _ event: Event, every interval: Interval? = nil, name: String = "Hook", phase: Phase = .compute,
        joins kinds: RunKinds? = nil, run body: @escaping (Learner) throws -> Void
    ) -> Hook {
        Hook(event, every: interval, name: name, phase: phase, joins: kinds, run: body)
    }
}

extension Learner {
    /// Adds a ``Hook`` that runs a closure at an event, each time or at an interval, from the next run on.
    ///
    /// - Returns: the callback, for ``remove(_:)``.
    @discardableResult public func on(
        _ event: Event, every interval: Interval? = nil, name: String = "Hook", phase: Phase = .compute,
        joins kinds: RunKinds? = nil, run body: @escaping (Learner) throws -> Void
    ) -> Hook {
        let hook = Hook(event, every: interval, name: name, phase: phase, joins: kinds, run: body)
        add(hook)
        return hook
    }
}
