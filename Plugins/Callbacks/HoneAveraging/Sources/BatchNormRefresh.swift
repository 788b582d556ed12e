import Hone

/// The running statistics of batch norms, worked out anew for the weights that are in the model.
enum BatchNormRefresh {
    /// Goes through the training batches once, with all but the batch norms as in evaluation, so that the running
    /// statistics become the plain mean over the batches. A model without batch norms costs nothing.
    static func run(_ learner: Learner) throws {
        let modules = learner.model.modules.map(\.module)
        let norms = modules.compactMap { $0 as? BatchNorm }
        guard !norms.isEmpty else { return }
        let modes = modules.compactMap { $0 as? any TrainingModeDependent }.map { ($0, $0.isTraining) }
        let momenta = norms.map { ($0, $0.momentum) }
        defer {
            for (module, isTraining) in modes { module.isTraining = isTraining }
            for (norm, momentum) in momenta { norm.momentum = momentum }
        }
        learner.model.eval()
        for norm in norms {
            norm.isTraining = true
            norm.momentum = nil
            for (name, buffer) in norm.buffers {
                switch name {
                case "running_var": buffer.value = .ones(buffer.value.shape)
                case "num_batches_tracked": buffer.value = Tensor([0], shape: [])
                default: buffer.value = .zeros(buffer.value.shape)
                }
            }
        }
        let batches = learner.data.train.batches(epoch: learner.progress.epoch, key: RandomKey(seed: learner.seed))
        for index in 0..<batches.count { _ = try learner.forward(try batches.batch(index)) }
    }
}
