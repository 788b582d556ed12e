import HoneOptim

/// Something that is called at the moments of a run. See ``Event`` for when each hook comes.
///
/// Derive from ``LearnerCallback``, where the compiler checks the hooks' names. A class that has another superclass may
/// conform to this protocol itself; the cost is that a misspelt hook there is silently never called, because every
/// hook has a default.
public protocol Callback: AnyObject {
    /// The name in plans, errors and checkpoints; by default the type's. Of several with one name, the second is shown
    /// as `Name#2`.
    var identifier: String { get }

    /// The version of the run state's layout; raise it when a `@RunState` changes its meaning.
    var version: Int { get }

    /// The kinds of run that it takes part in; by default training alone.
    var joins: RunKinds { get }

    /// When it is called within an event; by default with ``Phase/compute``.
    var phase: Phase { get }

    /// Callbacks that are called before this one, beyond what the phases say. There must be one of each type.
    var runsAfter: [any Callback.Type] { get }

    /// Callbacks that are called after this one.
    var runsBefore: [any Callback.Type] { get }

    /// Hyper-parameters whose base value it sets; two callbacks that set the same one are refused.
    var writes: [Hyperparameter] { get }

    /// Before the first epoch of a fit.
    func beforeFit(_ learner: Learner) throws
    /// Before each epoch.
    func beforeEpoch(_ learner: Learner) throws
    /// Before an epoch's first training batch.
    func beforeTrain(_ learner: Learner) throws
    /// Before each batch; `learner.batch` may be changed.
    func beforeBatch(_ learner: Learner) throws
    /// After the model's forward pass.
    func afterForward(_ learner: Learner) throws
    /// After the loss; `learner.loss` may be added to.
    func afterLoss(_ learner: Learner) throws
    /// Before the backward pass.
    func beforeBackward(_ learner: Learner) throws
    /// After the backward pass.
    func afterBackward(_ learner: Learner) throws
    /// When the gradients of a window are complete, before they are clipped.
    func gradientsReady(_ learner: Learner) throws
    /// Before the optimizer's step.
    func beforeStep(_ learner: Learner) throws
    /// After the step.
    func afterStep(_ learner: Learner) throws
    /// After each batch.
    func afterBatch(_ learner: Learner) throws
    /// After an epoch's last training batch.
    func afterTrain(_ learner: Learner) throws
    /// Before the first validation batch.
    func beforeValidate(_ learner: Learner) throws
    /// After the last validation batch.
    func afterValidate(_ learner: Learner) throws
    /// Before the first batch of a prediction.
    func beforePredict(_ learner: Learner) throws
    /// After the last batch of a prediction.
    func afterPredict(_ learner: Learner) throws
    /// After each epoch.
    func afterEpoch(_ learner: Learner) throws
    /// After the last epoch, unless the run failed.
    func afterFit(_ learner: Learner, _ outcome: FitOutcome) throws
    /// At the very end of every run, also of one that failed; in the reverse order of the plan.
    func teardown(_ learner: Learner, _ outcome: FitOutcome) throws
}

extension Callback {
    /// The type's name.
    public var identifier: String { "\(type(of: self))" }
    /// 1
    public var version: Int { 1 }
    /// Training alone.
    public var joins: RunKinds { .fit }
    /// ``Phase/compute``
    public var phase: Phase { .compute }
    /// None.
    public var runsAfter: [any Callback.Type] { [] }
    /// None.
    public var runsBefore: [any Callback.Type] { [] }
    /// None.
    public var writes: [Hyperparameter] { [] }

    /// Does nothing.
    public func beforeFit(_ learner: Learner) throws {}
    /// Does nothing.
    public func beforeEpoch(_ learner: Learner) throws {}
    /// Does nothing.
    public func beforeTrain(_ learner: Learner) throws {}
    /// Does nothing.
    public func beforeBatch(_ learner: Learner) throws {}
    /// Does nothing.
    public func afterForward(_ learner: Learner) throws {}
    /// Does nothing.
    public func afterLoss(_ learner: Learner) throws {}
    /// Does nothing.
    public func beforeBackward(_ learner: Learner) throws {}
    /// Does nothing.
    public func afterBackward(_ learner: Learner) throws {}
    /// Does nothing.
    public func gradientsReady(_ learner: Learner) throws {}
    /// Does nothing.
    public func beforeStep(_ learner: Learner) throws {}
    /// Does nothing.
    public func afterStep(_ learner: Learner) throws {}
    /// Does nothing.
    public func afterBatch(_ learner: Learner) throws {}
    /// Does nothing.
    public func afterTrain(_ learner: Learner) throws {}
    /// Does nothing.
    public func beforeValidate(_ learner: Learner) throws {}
    /// Does nothing.
    public func afterValidate(_ learner: Learner) throws {}
    /// Does nothing.
    public func beforePredict(_ learner: Learner) throws {}
    /// Does nothing.
    public func afterPredict(_ learner: Learner) throws {}
    /// Does nothing.
    public func afterEpoch(_ learner: Learner) throws {}
    /// Does nothing.
    public func afterFit(_ learner: Learner, _ outcome: FitOutcome) throws {}
    /// Does nothing.
    public func teardown(_ learner: Learner, _ outcome: FitOutcome) throws {}
}
