/// What ``Learner/lsuv(orthogonal:tolerance:iterations:)`` did to each layer.
public struct LSUVReport: Sendable, Equatable, CustomStringConvertible {
    /// One layer's part.
    public struct Layer: Sendable, Equatable {
        /// The layer's path in the model.
        public let path: String
        /// The variance of its outputs before its weights were scaled.
        public let before: Double
        /// The variance afterwards.
        public let after: Double
        /// How often its weights were scaled.
        public let iterations: Int
        /// Whether the variance is near enough to 1.
        public let hasConverged: Bool
    }

    /// The layers, in the order in which the model calls them.
    public let layers: [Layer]

    /// Whether all layers' outputs have unit variance.
    public var hasConverged: Bool { layers.allSatisfy(\.hasConverged) }

    /// A table, a line a layer.
    public var description: String {
        TextTable(
            header: ["layer", "before", "after", "scaled", ""],
            rows: layers.map {
                [
                    $0.path, format($0.before, 4), format($0.after, 4), "\($0.iterations)",
                    $0.hasConverged ? "" : "not 1",
                ]
            }
        ).description
    }
}

/// Layer-sequential unit variance (Mishkin and Matas 2015, algorithm 1), as the callback of a trial.
///
/// Use ``Learner/lsuv(orthogonal:tolerance:iterations:)``.
final class LSUV: LearnerCallback {
    private let orthogonal: Bool
    private let tolerance: Double
    private let iterations: Int

    private(set) var layers: [LSUVReport.Layer] = []
    /// The weights that were found, with their parameters.
    private(set) var weights: [(parameter: Parameter, value: Tensor)] = []

    init(orthogonal: Bool, tolerance: Double, iterations: Int) {
        self.orthogonal = orthogonal
        self.tolerance = tolerance
        self.iterations = iterations
    }

    override var joins: RunKinds { .probe }

    /// After all that may change the batch.
    override var phase: Phase { .persist }

    /// Does all its work on the first batch, and ends the trial.
    override func beforeBatch(_ learner: Learner) throws {
        for (path, layer, weight) in try LSUV.layers(of: learner) {
            if orthogonal {
                weight.value = Initialiser.orthogonal().draw(weight.shape, learner.key.derived("lsuv \(path)"))
            }
            try scale(weight, of: layer, path, learner)
            weights.append((weight, weight.value))
        }
        learner.request(.stop("all layers have been scaled"))
    }

    private func scale(_ weight: Parameter, of layer: any Module, _ path: String, _ learner: Learner) throws {
        let before = try LSUV.variance(of: layer, learner)
        var variance = before
        var count = 0
        while abs(variance - 1) >= tolerance, count < iterations, variance > 0, variance.isFinite {
            weight.value = weight.value * Float(1 / variance.squareRoot())
            variance = try LSUV.variance(of: layer, learner)
            count += 1
        }
        layers.append(
            LSUVReport.Layer(
                path: path, before: before, after: variance, iterations: count,
                hasConverged: abs(variance - 1) < tolerance))
    }

    /// Layers with a trainable parameter `weight` of two or more axes, in the order in which they are first called.
    private static func layers(of learner: Learner) throws -> [(path: String, layer: any Module, weight: Parameter)] {
        let parameters = Dictionary(uniqueKeysWithValues: learner.model.parameters.map { ($0.name, $0.parameter) })
        var seen: Set<String> = []
        var found: [(path: String, layer: any Module, weight: Parameter)] = []
        try forward(learner) { call in
            guard let path = call.path, seen.insert(path).inserted,
                let weight = parameters[path.isEmpty ? "weight" : "\(path).weight"], weight.shape.rank >= 2,
                weight.isTrainable
            else { return }
            found.append((path, call.module, weight))
        }
        return found
    }

    /// The variance of a layer's outputs over the batch and all its elements; over all calls, when there are several.
    private static func variance(of layer: any Module, _ learner: Learner) throws -> Double {
        var (count, sum, squares) = (0.0, 0.0, 0.0)
        try forward(learner) { call in
            guard call.module === layer else { return }
            for output in call.outputs {
                for value in output.scalars {
                    count += 1
                    sum += Double(value)
                    squares += Double(value) * Double(value)
                }
            }
        }
        return count == 0 ? .nan : max(0, squares / count - (sum / count) * (sum / count))
    }

    /// A forward pass over the batch, always with the same dropout masks.
    private static func forward(_ learner: Learner, _ observer: @escaping (ObservedCall) -> Void) throws {
        try withRandomKey(learner.key.derived("dropout", learner.progress.microBatch)) {
            try learner.model.observingOutputs(observer) { _ = try learner.forward(learner.batch) }
        }
        try throwPendingTensorError()
    }
}

extension Learner {
    /// Scales each layer's weights until its outputs for a training batch have unit variance (Mishkin and Matas 2015,
    /// "All you need is a good init", algorithm 1): a start for deep models without normalisation.
    ///
    /// Layers are those with a trainable parameter `weight` of two or more axes, in the order in which the model calls
    /// them; recurrent and attention weights of other names stay as they are, and so do biases. The batch is the next one
    /// of training, in training mode. Apart from the weights, the trial leaves no trace.
    /// - Parameters:
    ///   - orthogonal: whether weights are first drawn anew as orthogonal matrices, as in the paper.
    ///   - tolerance: how far the variance may be from 1, > 0.
    ///   - iterations: how often a layer's weights are scaled at most, 1 or more.
    /// - Returns: what was done to each layer.
    /// - Throws: ``LearnerError/argument(_:value:expected:)`` for arguments out of range, and what the forward pass
    ///   throws; no weight is changed then.
    @discardableResult public func lsuv(orthogonal: Bool = true, tolerance: Double = 0.01, iterations: Int = 10) throws
        -> LSUVReport
    {
        guard tolerance > 0 else {
            throw LearnerError.argument("tolerance", value: "\(tolerance)", expected: "above 0")
        }
        guard iterations >= 1 else {
            throw LearnerError.argument("iterations", value: "\(iterations)", expected: "1 or more")
        }
        let finder = LSUV(orthogonal: orthogonal, tolerance: tolerance, iterations: iterations)
        try leavingNoTrace {
            _ = try perform(.probe, epochs: 1, callbacks: [finder]) { try fitLoop(epochs: 1) }
        }
        for (parameter, value) in finder.weights { parameter.value = value }
        return LSUVReport(layers: finder.layers)
    }
}
