import Foundation
import Hone
import HoneTesting
import Testing

/// A snapshot that is put back amid a fit brings the effects of a callback's state with it, not the state alone.
@Suite struct MidFitSnapshotTests {
    /// What goes wrong early in a fit, so that a callback's state is another than without.
    enum Trouble: String, CaseIterable {
        case large, notANumber

        var factor: Float { self == .large ? 100 : .nan }
    }

    /// Cross entropy, of single samples too, times a factor.
    private final class TroubledLoss: ElementwiseLoss {
        var factor: Float?

        func elements(_ prediction: Tensor, _ target: Tensor) -> LossElements {
            var elements = CrossEntropy().elements(prediction, target)
            if let factor { elements.values = elements.values * factor }
            return elements
        }
    }

    /// What a batch was trained with, and what it left behind.
    private struct Effect: Equatable {
        let rates: [UInt64]
        let momenta: [UInt64]
        let batchSize: Int
        let step: Int
        let weights: [UInt32]

        init(_ learner: Learner) {
            let groups = learner.optimizer.groups
            rates = groups.map { ($0.values[.learningRate] ?? 0).bitPattern }
            momenta = groups.map { ($0.values[.momentum] ?? 0).bitPattern }
            batchSize = learner.run.batchSize
            step = learner.progress.step
            weights = bits(learner)
        }
    }

    /// A fit with a snapshot taken, or put back, at the beginning of its third epoch: what came after.
    private func course(
        _ callback: CallbackCase, _ path: String, trouble: Trouble?, putting snapshot: TrainingSnapshot? = nil
    ) throws -> (snapshot: TrainingSnapshot?, effects: [Effect]) {
        let learner = try callback.learner(callback.make(path))
        let loss = TroubledLoss()
        learner.lossFunction = loss
        let troublemaker = Listener("Troublemaker", phase: .prepare) { event, learner in
            if event == .beforeBatch {
                loss.factor = learner.isTraining && learner.run.microBatch == 3 ? trouble?.factor : nil
            }
        }
        var taken: TrainingSnapshot?
        var effects: [Effect] = []
        let witness = Listener("Witness", phase: .persist) { event, learner in
            guard learner.run.epoch >= 2 else { return }
            if event == .beforeTrain, taken == nil {
                taken = try snapshot ?? learner.snapshot()
                if let snapshot { try learner.restore(snapshot) }
            }
            if event == .afterBatch, learner.isTraining { effects.append(Effect(learner)) }
        }
        try learner.fit(4, callbacks: [troublemaker, witness])
        return (taken, effects)
    }

    @Test(arguments: CallbackRegistry.all, Trouble.allCases)
    func effectsComeBackWithASnapshotToo(_ callback: CallbackCase, _ trouble: Trouble) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hone-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
        for troubles in [(trouble, nil), (nil, trouble)] as [(Trouble?, Trouble?)] {
            let whole = try course(callback, path("a"), trouble: troubles.0)
            // Some end a fit in which something went wrong.
            guard let snapshot = whole.snapshot else { continue }
            let other = try course(callback, path("b"), trouble: troubles.1, putting: snapshot)
            guard other.snapshot != nil else { continue }
            #expect(!whole.effects.isEmpty && other.effects == whole.effects)
        }
    }
}
