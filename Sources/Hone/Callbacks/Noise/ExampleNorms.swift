import HoneNN

/// The squared norms of the gradients of a batch's single samples, taken down while the loop's own passes go by: those of
/// the samples' parts in each dense layer add up.
final class ExampleNorms {
    /// A dense layer, and in which optimizer groups its trainable parameters are.
    private struct Layer {
        let path: String
        let weightGroup: Int?
        let biasGroup: Int?
        var calls = 0
    }

    private var layers: [ObjectIdentifier: Layer] = [:]
    private let groups: Int
    private var problem: LearnerError?

    /// For each sample of the batch, the squared norms in each group.
    private var squaredNorms: [[Double]] = []

    /// Finds the dense layers of a learner's model.
    ///
    /// - Throws: ``LearnerError/argument(_:value:expected:)`` when another layer has a trainable parameter.
    init(_ learner: Learner) throws {
        groups = learner.optimizer.groups.count
        var groupOf: [ObjectIdentifier: Int] = [:]
        for (number, group) in learner.optimizer.groups.enumerated() {
            for index in group.entries.joined() {
                groupOf[ObjectIdentifier(learner.arena.entries[index].parameter)] = number
            }
        }
        func group(_ parameter: Parameter?) -> Int? {
            parameter.flatMap { $0.isTrainable ? groupOf[ObjectIdentifier($0)] : nil }
        }
        var dense: Set<ObjectIdentifier> = []
        for (path, module) in learner.model.modules {
            guard let layer = module as? Linear else { continue }
            let entry = Layer(path: path, weightGroup: group(layer.weight), biasGroup: group(layer.bias))
            dense.formUnion([layer.weight, layer.bias].compactMap { $0.map(ObjectIdentifier.init) })
            if entry.weightGroup != nil || entry.biasGroup != nil { layers[ObjectIdentifier(layer)] = entry }
        }
        for entry in learner.arena.entries where entry.parameter.isTrainable {
            guard dense.contains(ObjectIdentifier(entry.parameter)) else {
                throw ExampleNorms.refused(
                    "'\(entry.name)' is trained", "a model of which Linear layers alone are trained")
            }
            guard entry.names.count == 1 else {
                throw ExampleNorms.refused("\(entry.names) are one", "layers that share no parameters")
            }
        }
    }

    private static func refused(_ value: String, _ expected: String) -> LearnerError {
        .argument("NoiseScaleMonitor perExample", value: value, expected: expected)
    }

    /// Watches the present batch's passes.
    func watch(_ learner: Learner) {
        problem = nil
        squaredNorms = Array(repeating: Array(repeating: 0, count: groups), count: learner.batch.count)
        for key in layers.keys { layers[key]?.calls = 0 }
        learner.observeForward { [unowned self, unowned learner] call in see(call, learner) }
    }

    private func see(_ call: ObservedCall, _ learner: Learner) {
        let key = ObjectIdentifier(call.module)
        guard let layer = layers[key], let inputs = call.inputs.first, let outputs = call.outputs.first else { return }
        layers[key]?.calls += 1
        guard inputs.rank == 2, inputs.shape[0] == squaredNorms.count else {
            problem = ExampleNorms.refused(
                "'\(layer.path)' got \(inputs.shape)", "[samples, features] for \(squaredNorms.count) samples")
            return
        }
        let plain = inputs.detached()
        learner.observeGradient(of: outputs) { [unowned self, unowned learner] deltas in
            add(layer, plain, deltas, scale: Double(learner.window.scale))
        }
    }

    /// Adds a layer's part: `deltas` are the gradients of `scale` times the summed loss.
    private func add(_ layer: Layer, _ inputs: Tensor, _ deltas: Tensor, scale: Double) {
        let (inputs, deltas) = (squaredNormsOfRows(inputs), squaredNormsOfRows(deltas))
        for sample in squaredNorms.indices {
            let delta = deltas[sample] / (scale * scale)
            if let group = layer.weightGroup { squaredNorms[sample][group] += delta * inputs[sample] }
            if let group = layer.biasGroup { squaredNorms[sample][group] += delta }
        }
    }

    /// What was found in the batch whose backward pass has ended: for each sample, the squared norms in each group.
    ///
    /// - Throws: ``LearnerError/argument(_:value:expected:)`` when the model's use of its layers, or the loss, does not
    ///   tell the samples apart.
    func take(_ learner: Learner) throws -> [[Double]] {
        if let problem { throw problem }
        if let layer = layers.values.filter({ $0.calls != 1 }).min(by: { $0.path < $1.path }) {
            throw ExampleNorms.refused(
                "'\(layer.path)' was called \(layer.calls) times a batch", "one call of each layer")
        }
        guard learner.loss.count == Double(squaredNorms.count) else {
            throw ExampleNorms.refused(
                "a loss that counts \(learner.loss.count) for \(squaredNorms.count) samples", "one that counts samples")
        }
        return squaredNorms
    }
}
