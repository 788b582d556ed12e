import HoneOptim

/// The class to derive a callback from.
///
/// ```swift
/// final class PrintRate: LearnerCallback {
///     override func afterStep(_ learner: Learner) throws { print(learner.progress.step, learner.optimizer.learningRate) }
/// }
/// ```
///
/// It declares every hook itself, open and empty: a hook that a class took from the protocol's extension could not be
/// overridden by a subclass, whose method would silently never be called.
open class LearnerCallback: Callback {
    /// Makes a callback that does nothing.
    public init() {}

    /// The type's name.
    open var identifier: String { "\(type(of: self))" }
    /// 1
    open var version: Int { 1 }
    /// Training alone.
    open var joins: RunKinds { .fit }
    /// ``Phase/compute``
    open var phase: Phase { .compute }
    /// None.
    open var runsAfter: [any Callback.Type] { [] }
    /// None.
    open var runsBefore: [any Callback.Type] { [] }
    /// None.
    open var writes: [Hyperparameter] { [] }

    /// See ``Event/beforeFit``.
    open func beforeFit(_ learner: Learner) throws {}
    /// See ``Event/beforeEpoch``.
    open func beforeEpoch(_ learner: Learner) throws {}
    /// See ``Event/beforeTrain``.
    open func beforeTrain(_ learner: Learner) throws {}
    /// See ``Event/beforeBatch``.
    open func beforeBatch(_ learner: Learner) throws {}
    /// See ``Event/afterForward``.
    open func afterForward(_ learner: Learner) throws {}
    /// See ``Event/afterLoss``.
    open func afterLoss(_ learner: Learner) throws {}
    /// See ``Event/beforeBackward``.
    open func beforeBackward(_ learner: Learner) throws {}
    /// See ``Event/afterBackward``.
    open func afterBackward(_ learner: Learner) throws {}
    /// See ``Event/gradientsReady``.
    open func gradientsReady(_ learner: Learner) throws {}
    /// See ``Event/beforeStep``.
    open func beforeStep(_ learner: Learner) throws {}
    /// See ``Event/afterStep``.
    open func afterStep(_ learner: Learner) throws {}
    /// See ``Event/afterBatch``.
    open func afterBatch(_ learner: Learner) throws {}
    /// See ``Event/afterTrain``.
    open func afterTrain(_ learner: Learner) throws {}
    /// See ``Event/beforeValidate``.
    open func beforeValidate(_ learner: Learner) throws {}
    /// See ``Event/afterValidate``.
    open func afterValidate(_ learner: Learner) throws {}
    /// See ``Event/beforePredict``.
    open func beforePredict(_ learner: Learner) throws {}
    /// See ``Event/afterPredict``.
    open func afterPredict(_ learner: Learner) throws {}
    /// See ``Event/afterEpoch``.
    open func afterEpoch(_ learner: Learner) throws {}
    /// See ``Event/afterFit``.
    open func afterFit(_ learner: Learner, _ outcome: FitOutcome) throws {}
    /// See ``Event/teardown``.
    open func teardown(_ learner: Learner, _ outcome: FitOutcome) throws {}
}
