import Hone
import Testing

@Suite struct LSUVTests {
    private func deep(_ callbacks: [any Callback] = []) throws -> Learner {
        try Points.learner(
            batchSize: 24, callbacks: callbacks,
            model: Sequential(
                Linear(6, 32), ReLU(), Linear(32, 32), Tanhlike(), BatchNorm1d(32), Linear(32, 32), ReLU(),
                Linear(32, 3)))
    }

    /// A nonlinearity of the test's own.
    private final class Tanhlike: Module {
        func forward(_ x: Tensor) -> Tensor { x.tanh() }
    }

    /// Measured independently: one forward pass over the same batch, in training mode.
    private func variances(_ learner: Learner) throws -> [String: Double] {
        var found: [String: Double] = [:]
        let key = RandomKey(seed: learner.seed)
        let batch = try learner.data.train.batches(epoch: learner.progress.epoch, key: key).batch(0)
        learner.model.train()
        learner.model.observingOutputs { call in
            guard let path = call.path, call.module is Linear else { return }
            let values = call.outputs[0].scalars.map(Double.init)
            let mean = values.reduce(0, +) / Double(values.count)
            found[path] = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        } run: {
            _ = learner.model(batch.inputs[0])
        }
        return found
    }

    @Test func everyLayerHasOutputsOfUnitVariance() throws {
        for orthogonal in [true, false] {
            let learner = try deep()
            let report = try learner.lsuv(orthogonal: orthogonal)
            #expect(report.hasConverged && report.layers.map(\.path) == ["0", "2", "5", "7"])
            #expect(report.layers.contains { abs($0.before - 1) > 0.1 && $0.iterations > 0 })
            let found = try variances(learner)
            for layer in report.layers {
                #expect(abs((found[layer.path] ?? 0) - 1) < 0.011, "\(layer.path)")
                #expect(isClose(found[layer.path] ?? 0, layer.after, 1e-4))
            }
        }
    }

    @Test func onlyWeightsChange() throws {
        let learner = try deep()
        try learner.fit(1)
        let before = learner.model.stateDictionary
        let (progress, history, optimizer) = (learner.progress, learner.recorder.history, learner.optimizer.state)
        try learner.lsuv()
        #expect(learner.progress == progress && learner.recorder.history == history)
        #expect(learner.optimizer.state == optimizer && !learner.isRunning)
        for (name, value) in learner.model.stateDictionary.entries {
            let isScaled = ["0.weight", "2.weight", "5.weight", "7.weight"].contains(name)
            #expect(value.isBitwiseEqual(to: before[name] ?? Tensor(0)) == !isScaled, "\(name)")
        }
    }

    @Test func theUsersCallbacksAreNotCalledAndTransformsThatJoinAre() throws {
        var heard = 0
        let fits = Listener("Fits") { _, _ in heard += 1 }
        let learner = try deep([fits])
        try learner.lsuv()
        #expect(heard == 0)
        let enlarged = try deep([
            Listener("Enlarge", joins: .probe, phase: .transform) { event, learner in
                if event == .beforeBatch { learner.batch.inputs = [learner.batch.inputs[0] * 100] }
            }
        ])
        let report = try enlarged.lsuv()
        #expect(report.hasConverged && report.layers[0].before > 100)
    }

    @Test func aDeadLayerIsReportedAndLeftAlone() throws {
        let learner = try Points.learner(model: Sequential(Linear(6, 4), Zero(), Linear(4, 3, bias: false)))
        let report = try learner.lsuv()
        #expect(!report.hasConverged && report.layers[1].after == 0 && report.layers[1].iterations == 0)
        #expect("\(report)".contains("not 1"))
    }

    /// Gives nothing but zeros.
    private final class Zero: Module {
        func forward(_ x: Tensor) -> Tensor { x * 0 }
    }

    @Test func frozenLayersStayAndFailuresChangeNothing() throws {
        let frozen = Linear(6, 8)
        frozen.weight.isTrainable = false
        let learner = try Points.learner(model: Sequential(frozen, ReLU(), Linear(8, 3)))
        let before = frozen.weight.value
        #expect(try learner.lsuv().layers.map(\.path) == ["2"])
        #expect(frozen.weight.value.isBitwiseEqual(to: before))
        let wrong = try Points.learner(model: Sequential(Linear(6, 8), Linear(9, 3)))
        let bitsBefore = bits(wrong)
        #expect(throws: (any Error).self) { try wrong.lsuv() }
        #expect(bits(wrong) == bitsBefore)
        #expect(throws: LearnerError.self) { try learner.lsuv(tolerance: 0) }
        #expect(throws: LearnerError.self) { try learner.lsuv(iterations: 0) }
    }
}
