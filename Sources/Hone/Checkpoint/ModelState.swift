/// What an optimizer's steps change: the weights that are trained, the buffers and what the optimizer keeps. Of a
/// ``TrainingSnapshot`` it is the part that a callback may put back in the middle of a run, whose counters go on.
struct ModelState {
    let values: [Float]
    let buffers: [Tensor]
    let optimizer: Optimizer.State
}

extension Learner {
    /// A copy of the model's state.
    func modelState() -> ModelState {
        ModelState(
            values: optimizer.valuesToTrain, buffers: model.buffers.map(\.buffer.value), optimizer: optimizer.state)
    }

    /// Puts a state of the same model back, whose weights are those that were trained. The hyper-parameters stay as they are
    /// now.
    func restore(_ state: ModelState) throws {
        var kept = state.optimizer
        for (index, group) in zip(kept.groups.indices, optimizer.groups) {
            (kept.groups[index].values, kept.groups[index].referenceRate) = (group.base, nil)
        }
        try optimizer.restore(kept)
        fill(values: state.values, buffers: state.buffers)
        weightsInUse = Learner.trainedWeights
    }

    /// Copies values into the arena and the buffers.
    func fill(values: [Float], buffers: [Tensor]) {
        arena.willChangeValues()
        values.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { arena.values.baseAddress?.update(from: start, count: source.count) }
        }
        for ((_, buffer), value) in zip(model.buffers, buffers) { buffer.value = value }
    }
}
