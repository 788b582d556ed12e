import Hone
import Testing

/// Gradients of the same window once more.
@Suite struct RecomputeTests {
    /// Keeps the window's batches, and computes the gradients again before each step.
    private final class Again: LearnerCallback {
        var gradients: [(first: [UInt32], second: [UInt32])] = []
        var change: (Learner) -> Void = { _ in }

        override func beforeFit(_ learner: Learner) throws { learner.stages.keepBatches() }

        override func gradientsReady(_ learner: Learner) throws {
            let first = learner.arena.gradients.map(\.bitPattern)
            change(learner)
            try learner.recomputeGradients()
            gradients.append((first, learner.arena.gradients.map(\.bitPattern)))
        }
    }

    /// A network with dropout and batch norm.
    private func learner(_ callbacks: [any Callback]) throws -> Learner {
        try Points.learner(
            batchSize: 7, callbacks: callbacks,
            model: Sequential(Linear(6, 8), BatchNorm1d(8), ReLU(), Dropout(0.4), Linear(8, 3)))
    }

    @Test(arguments: [1, 3])
    func atTheSameWeightsTheSameBitsComeOut(_ count: Int) throws {
        let again = Again()
        let learner = try learner([again, GradAccumulation(batches: count)])
        let plain = try self.learner([GradAccumulation(batches: count)])
        try learner.fit(2)
        try plain.fit(2)
        #expect(again.gradients.count == learner.progress.step && !again.gradients.isEmpty)
        #expect(again.gradients.allSatisfy { $0.first == $0.second })
        // Nothing of it is left behind: weights, running statistics, records.
        #expect(bits(learner) == bits(plain))
        for (a, b) in zip(learner.model.buffers, plain.model.buffers) {
            #expect(a.buffer.value.isBitwiseEqual(to: b.buffer.value), "\(a.name)")
        }
        #expect(learner.recorder.steps.map(\.loss) == plain.recorder.steps.map(\.loss))
    }

    @Test func atOtherWeightsTheGradientIsTheirs() throws {
        // y = w x: the slope at w is known.
        let again = Again()
        again.change = { learner in
            learner.arena.willChangeValues()
            learner.arena.values[0] += 1
        }
        let learner = try Line.learner(callbacks: [again])
        try learner.fit(1)
        let difference = again.gradients.map { Float(bitPattern: $0.second[0]) - Float(bitPattern: $0.first[0]) }
        for (batch, slope) in zip(Line.batches, difference) {
            let curvature = 2 * batch.reduce(0) { $0 + Line.x[$1] * Line.x[$1] } / Float(batch.count)
            #expect(abs(slope - curvature) < 1e-5)
        }
    }

    @Test func withoutKeptBatchesOrAWindowItIsAnErrorThatSaysWhatToDo() throws {
        let learner = try Line.learner()
        #expect(throws: LearnerError.self) { try learner.recomputeGradients() }
        let unprepared = Listener { event, learner in
            if event == .beforeStep { try learner.recomputeGradients() }
        }
        do {
            try learner.fit(1, callbacks: [unprepared])
            Issue.record("nothing was thrown")
        } catch let error as CallbackError {
            #expect(
                "\(error.underlying)"
                    == "the gradients cannot be recomputed: the window's batches were not kept; call "
                    + "learner.stages.keepBatches() in beforeFit")
        }
    }
}
