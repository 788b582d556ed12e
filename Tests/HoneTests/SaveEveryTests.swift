import Hone
import Testing

/// Snapshots at an interval, kept in memory. An epoch has 6 steps.
@Suite struct SaveEveryTests {
    private func steps(_ interval: Interval, epochs: Int = 2, callbacks: [any Callback] = []) throws -> [Int] {
        let saving = SaveEvery(interval, keeping: 100)
        try Points.learner().fit(epochs, callbacks: callbacks + [saving])
        return saving.saved.map(\.step)
    }

    @Test func snapshotsAreTakenAfterEachInterval() throws {
        #expect(try steps(.steps(4)) == [4, 8, 12])
        #expect(try steps(.epochs(1)) == [6, 12])
        #expect(try steps(.epochs(0.5)) == [3, 6, 9, 12])
        #expect(try steps(.samples(32)) == [4, 8, 12])
        #expect(try steps(.fraction(0.3)) == [4, 8, 11])
        // Not within a window.
        #expect(try steps(.samples(8), callbacks: [GradAccumulation(batches: 2)]) == [1, 2, 3, 4, 5, 6])
    }

    @Test func theLastFewAreKept() throws {
        let saving = SaveEvery(.steps(4), keeping: 2)
        let learner = try Points.learner()
        var values: [Int: [UInt32]] = [:]
        try learner.fit(2, callbacks: [saving, .on(.afterStep) { values[$0.run.step] = bits($0) }])
        #expect(saving.saved.map(\.step) == [8, 12] && saving.saved.map(\.epoch) == [1, 2])
        let rows = learner.recorder.steps.count
        try learner.restore(saving.saved[0].snapshot)
        #expect(bits(learner) == values[8] && learner.progress.step == 8 && learner.progress.microBatch == 8)
        #expect(learner.recorder.steps.count == 8 && rows == 12)
    }

    @Test func trainingGoesOnFromASnapshotAsItDid() throws {
        let saving = SaveEvery()
        let learner = try Points.learner(callbacks: [saving])
        try learner.fit(3)
        #expect(saving.saved.map(\.epoch) == [1, 2, 3])
        let ended = bits(learner)
        let other = try Points.learner(seed: 42)
        try other.restore(saving.saved[0].snapshot)
        #expect(other.progress.epoch == 1 && other.recorder.epochs.count == 1)
        try other.fit(2)
        #expect(bits(other) == ended)
    }

    @Test func theNextFitBeginsWithNone() throws {
        let saving = SaveEvery(.steps(4))
        let learner = try Points.learner(callbacks: [saving])
        try learner.fit(1)
        try learner.fit(1)
        #expect(saving.saved.map(\.step) == [4] && saving.saved[0].snapshot.isOfStep(10, into: learner))
    }

    @Test func argumentsOutOfRangeAreErrors() throws {
        for bad in [SaveEvery(.steps(0)), SaveEvery(.epochs(.nan)), SaveEvery(keeping: 0)] {
            let learner = try Points.learner(callbacks: [bad])
            let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
            #expect("\(error.underlying)".hasPrefix("SaveEvery ") && learner.progress.microBatch == 0)
        }
    }
}

extension TrainingSnapshot {
    /// Whether it is of a step of a learner's life.
    fileprivate func isOfStep(_ step: Int, into learner: Learner) -> Bool {
        (try? learner.restore(self)) != nil && learner.progress.step == step
    }
}
