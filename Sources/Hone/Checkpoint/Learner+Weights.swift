import Foundation

// Weights in files: to go on training with, and to use elsewhere.

extension Learner {
    /// Writes the model's parameters and buffers to a safetensors file, under the names of ``Module/save(_:metadata:floats:)``,
    /// and with them what the optimizer keeps. The file appears complete or not at all.
    ///
    /// A whole run, with counters and callbacks, is a ``TrainingSnapshot``'s matter.
    /// - Parameters:
    ///   - path: the file; its folder exists.
    ///   - weights: the name of the weights to write, see ``withWeights(_:_:)``; nil for those that are trained, or stand in
    ///     the model after a fit. The file says which.
    ///   - withOptimizer: whether the optimizer's state is in it, as tensors `optimizer/PARAMETER/STATE`. A file without is
    ///     a plain dictionary of weights.
    /// - Throws: ``WeightFileError``, and what keeps a run from being set up.
    public func save(_ path: String, weights: String? = nil, withOptimizer: Bool = true) throws {
        try followModel()
        if let weights, weights != weightsInUse {
            return try withWeights(weights) { try save(path, withOptimizer: withOptimizer) }
        }
        var tensors = model.weightSources
        if optimizer.hasEvaluationWeights, isTrainedInUse {
            // Those to train with: a validation may have put the averages into the model.
            let values = optimizer.valuesToTrain
            let trained = arena.entries.flatMap { entry in
                entry.names.map { name in
                    (
                        name,
                        WeightSource(name, entry.parameter.shape) {
                            Tensor(Array(values[entry.range]), shape: entry.parameter.shape)
                        }
                    )
                }
            }
            let byName = Dictionary(trained, uniquingKeysWith: { first, _ in first })
            tensors = tensors.map { byName[$0.name] ?? $0 }
        }
        var metadata = ["format": "pt", Learner.weightsKey: weightsInUse]
        if withOptimizer {
            let stored = StoredOptimizer(optimizer.state)
            tensors += stored.tensors.map { WeightSource($0.name, $0.value) }
            metadata[StoredOptimizer.key] = try stored.json()
        }
        try SafeTensors.write(tensors, metadata: metadata, to: path, integers: .int64)
    }

    /// Reads what ``save(_:withOptimizer:)`` wrote, or any file that fits the model; nothing is changed when it throws.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - withOptimizer: whether the optimizer's state must be in it (true) or is left alone (false); nil takes it if it is
    ///     there.
    ///   - strict: whether a name without its counterpart is an error. Without it, what fits is taken and the rest reported.
    /// - Returns: the names that do not fit; empty when strict.
    /// - Throws: ``WeightFileError`` for a file that cannot be read, ``StateMismatch`` with every name that does not fit,
    ///   ``OptimizerError/stateMismatch(_:)`` for the state of another optimizer, and what keeps a run from being set up.
    @discardableResult public func load(_ path: String, withOptimizer: Bool? = nil, strict: Bool = true) throws
        -> StateMismatch
    {
        try followModel()
        let file = try SafeTensors.read(path)
        var state: Optimizer.State?
        if withOptimizer != false {
            state = try StoredOptimizer.read(file)
            if state == nil, withOptimizer == true {
                throw OptimizerError.stateMismatch("\(path) was saved without one; load it with withOptimizer: false")
            }
        }
        if let state { try optimizer.check(state) }
        let report = try model.load(path, strict: strict) { $0.hasPrefix(StoredOptimizer.prefix) ? nil : $0 }
        if let state { try optimizer.restore(state) }
        weightsInUse = file.metadata[Learner.weightsKey] ?? Learner.trainedWeights
        return report
    }

    /// Writes the model for use elsewhere: the weights that validations use, or those of a name (see ``withWeights(_:_:)``),
    /// with the model's type and the list of its modules, so that it can be loaded into no other. The file says which
    /// weights they are.
    ///
    /// - Throws: as ``save(_:weights:withOptimizer:)``.
    public func export(to path: String, weights: String? = nil) throws {
        try followModel()
        if let weights { return try withWeights(weights) { try export(to: path) } }
        let metadata = [
            "format": "pt", ExportedModel.key: try ExportedModel(of: model).json(),
            Learner.weightsKey: weightsOfValidation,
        ]
        try withEvaluationWeights { try model.save(path, metadata: metadata) }
    }

    /// The metadata's name of ``weightsInUse``.
    static let weightsKey = "hone.weights"

    /// Reads what ``export(to:)`` wrote into a model of the same kind, and puts it into evaluation mode; nothing is changed
    /// when it throws.
    ///
    /// - Throws: ``LearnerError/exportMismatch(_:)`` for a file that was not exported, or from a model of another type or of
    ///   other modules; ``WeightFileError`` and ``StateMismatch`` for a file that cannot be read or does not fit.
    public static func load(exported path: String, into model: any Module) throws {
        let saved = try ExportedModel(SafeTensors.read(path))
        try saved.refuse(unlessLike: ExportedModel(of: model), file: path)
        try model.load(path)
        model.eval()
    }
}

/// What an exported file says of its model.
private struct ExportedModel: Codable {
    static let key = "hone.model"

    var type: String
    /// Path and label of every module, outer ones first.
    var modules: [String]

    init(of model: any Module) {
        type = "\(Swift.type(of: model))"
        modules = model.modules.map { "\($0.path.isEmpty ? "the model" : $0.path): \($0.module.label)" }
    }

    init(_ file: SafeTensors) throws {
        guard let text = file.metadata[ExportedModel.key] else {
            throw LearnerError.exportMismatch("\(file.path) holds weights, but was not written by export(to:)")
        }
        do {
            self = try JSONDecoder().decode(ExportedModel.self, from: Data(text.utf8))
        } catch {
            throw LearnerError.exportMismatch("\(file.path): what it says of its model cannot be read: \(error)")
        }
    }

    func json() throws -> String { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }

    func refuse(unlessLike model: ExportedModel, file: String) throws {
        guard type == model.type else {
            throw LearnerError.exportMismatch("\(file) is of a \(type), expected a \(model.type)")
        }
        for (saved, own) in zip(modules, model.modules) where saved != own {
            throw LearnerError.exportMismatch("\(file) has '\(saved)', the model has '\(own)'")
        }
        guard modules.count == model.modules.count else {
            throw LearnerError.exportMismatch(
                "\(file) is of \(modules.count) modules, the model has \(model.modules.count)")
        }
    }
}
