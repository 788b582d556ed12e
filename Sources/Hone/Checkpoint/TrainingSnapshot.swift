import Foundation

/// Everything that a run is made of, at one moment: taking one and putting it back leaves no trace.
public struct TrainingSnapshot: Sendable {
    let parameterNames: [String]
    package let values: [Float]
    let weightsInUse: String
    let isTrainable: [Bool]
    let buffers: [Tensor]
    let trainingModes: [Bool]
    let optimizer: Optimizer.State
    var progress: TrainingProgress
    private(set) var savedStates: [String: [String: any SavedRunState]]
    let callbackVersions: [String: Int]
    let history: Recorder.History
    let smoothed: SmoothedMean

    /// The run states of callbacks, encoded.
    package var callbackStates: [String: [String: Data]] {
        get throws { try savedStates.mapValues { try $0.mapValues { try $0.encoded() } } }
    }

    /// The snapshot as one that came from a disk: with the run states encoded.
    package func encoded() throws -> TrainingSnapshot {
        var result = self
        result.savedStates = try callbackStates.mapValues { $0.mapValues { EncodedRunState(data: $0) } }
        return result
    }
}

extension Learner {
    /// Takes a snapshot of parameters, buffers, optimizer, run states of callbacks, counters (of which all randomness is
    /// a function), modes, frozen parts and records. Within a run, callbacks that were given to it alone are among them.
    ///
    /// It costs the copies of what a step changes in place. Run states share their memory with it until they are changed,
    /// but for those that hold objects, which are encoded.
    /// - Throws: what a run state's encoding throws.
    public func snapshot() throws -> TrainingSnapshot {
        let plan = try CallbackPlan(callbacks + extraCallbacks, for: nil)
        var states: [String: [String: any SavedRunState]] = [:]
        var versions: [String: Int] = [:]
        for entry in plan.entries {
            let saved = try entry.states.saved()
            if !saved.isEmpty { states[entry.name] = saved }
            versions[entry.name] = entry.callback.version
        }
        return TrainingSnapshot(
            parameterNames: arena.entries.map(\.name), values: optimizer.valuesToTrain,
            weightsInUse: weightsInUse, isTrainable: arena.entries.map(\.parameter.isTrainable),
            buffers: model.buffers.map(\.buffer.value),
            trainingModes: trainingModes(), optimizer: optimizer.state, progress: progress, savedStates: states,
            callbackVersions: versions, history: recorder.history, smoothed: smoothed)
    }

    /// Puts a snapshot back, bit for bit.
    ///
    /// - Throws: ``LearnerError/snapshotMismatch(_:)`` for a snapshot of another model or of another version of a
    ///   callback; nothing is changed then.
    public func restore(_ snapshot: TrainingSnapshot) throws {
        let buffers = model.buffers
        let names = arena.entries.map(\.name)
        guard names == snapshot.parameterNames, arena.count == snapshot.values.count,
            buffers.count == snapshot.buffers.count
        else {
            throw LearnerError.snapshotMismatch(
                "it holds parameters \(snapshot.parameterNames), the model has \(names)")
        }
        let plan = try CallbackPlan(callbacks + extraCallbacks, for: nil)
        for entry in plan.entries {
            if let version = snapshot.callbackVersions[entry.name], version != entry.callback.version {
                throw LearnerError.snapshotMismatch(
                    "\(entry.name) saved version \(version) of its state, expected \(entry.callback.version)")
            }
        }
        try optimizer.restore(snapshot.optimizer)
        fill(values: snapshot.values, buffers: snapshot.buffers)
        weightsInUse = snapshot.weightsInUse
        for (entry, isTrainable) in zip(arena.entries, snapshot.isTrainable) {
            entry.parameter.isTrainable = isTrainable
        }
        setTrainingModes(snapshot.trainingModes)
        for entry in plan.entries {
            if let saved = snapshot.savedStates[entry.name] { try entry.states.restore(saved) }
        }
        progress = snapshot.progress
        recorder.history = snapshot.history
        smoothed = snapshot.smoothed
    }

    /// Whether each module that has a training mode is in it, in the model's order.
    func trainingModes() -> [Bool] {
        model.modules.compactMap { ($0.module as? any TrainingModeDependent)?.isTraining }
    }

    func setTrainingModes(_ modes: [Bool]) {
        let modules = model.modules.compactMap { $0.module as? any TrainingModeDependent }
        for (module, isTraining) in zip(modules, modes) { module.isTraining = isTraining }
    }
}
