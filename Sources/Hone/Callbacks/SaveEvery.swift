/// Takes a snapshot of everything at an interval, and keeps the last few in memory; `learner.restore(_:)` puts one back.
///
/// A snapshot is taken between two batches, after the step that completes the interval; at the end of an epoch, after its
/// validation. Each costs a copy of the weights and of the optimizer's memory. A fit that goes on from one that was taken
/// within an epoch begins that epoch again.
open class SaveEvery: LearnerCallback {
    /// From one snapshot to the next.
    public let interval: Interval
    /// How many are kept.
    public let keeping: Int

    /// The last snapshots, the oldest first. Memory of this process alone; each fit begins with none.
    public private(set) var saved: [Saved] = []

    @RunState private var recurrence = Recurrence()

    /// A snapshot, and where it was taken.
    public struct Saved: Sendable {
        /// The optimizer steps taken, within the fit.
        public let step: Int
        /// The epochs that were complete, within the fit.
        public let epoch: Int
        /// What was taken.
        public let snapshot: TrainingSnapshot
    }

    /// Makes the callback; an interval that is not above 0 is an error of the fit.
    ///
    /// - Parameters:
    ///   - interval: from one snapshot to the next.
    ///   - keeping: how many are kept, at least 1.
    public init(_ interval: Interval = .epochs(1), keeping: Int = 3) {
        self.interval = interval
        self.keeping = keeping
    }

    /// ``Phase/persist``
    open override var phase: Phase { .persist }

    /// Checks the arguments, and forgets the last fit's snapshots.
    open override func beforeFit(_ learner: Learner) throws {
        try interval.requireAboveZero("SaveEvery interval")
        guard keeping >= 1 else {
            throw LearnerError.argument("SaveEvery keeping", value: "\(keeping)", expected: "at least 1")
        }
        saved = []
    }

    /// Takes a snapshot within an epoch.
    open override func afterBatch(_ learner: Learner) throws {
        // The epoch's end has its own, and an open window would be lost.
        guard learner.isTraining, learner.window.microBatches == 0, learner.run.batch + 1 < learner.run.batchCount
        else {
            return
        }
        if recurrence.isDue(every: interval, at: .afterBatch, in: learner) { try save(learner, epochs: 0) }
    }

    /// Takes a snapshot at the end of an epoch.
    open override func afterEpoch(_ learner: Learner) throws {
        if recurrence.isDue(every: interval, at: .afterEpoch, in: learner) { try save(learner, epochs: 1) }
    }

    /// The epoch under way is counted once its last hooks have been called.
    private func save(_ learner: Learner, epochs: Int) throws {
        var snapshot = try learner.snapshot()
        snapshot.progress.epoch += epochs
        if saved.count == keeping { saved.removeFirst() }
        saved.append(Saved(step: learner.run.step, epoch: learner.run.epoch + epochs, snapshot: snapshot))
    }
}
