import Hone

/// A callback that does nothing, at every event.
private final class Idle: LearnerCallback {}

/// A model whose steps cost next to nothing.
private func makeLearner(batches: Int) throws -> Learner {
    let data = try TensorDataset(.zeros([batches, 1]), .zeros([batches, 1]))
    let empty = try TensorDataset(.zeros([0, 1]), .zeros([0, 1]))
    let learner = Learner(
        try DataLoaders(train: data, valid: empty, batchSize: 1), model: Linear(1, 1), loss: MeanSquaredError(),
        optimizer: SGD())
    learner.callbacks.forEach { learner.remove($0) }
    return learner
}

/// The time that an event takes with idle callbacks, their times counted: the difference that they make to a step, over
/// the events of a step.
func benchEvents(_ options: BenchOptions) throws {
    let batches = 2000
    let eventsPerStep = 9.0
    for count in options.cases.isEmpty ? [0, 10, 50] : options.cases.compactMap(Int.init) {
        let bare = try makeLearner(batches: batches)
        let observed = try makeLearner(batches: batches)
        for _ in 0..<count { observed.add(Idle()) }
        var perEvent: [Double] = []
        for _ in 0..<options.repetitions {
            var short = options
            short.repetitions = 1
            let without = try measure(short) { try bare.fit(1, lr: 1e-6) }[0]
            let with = try measure(short) { try observed.fit(1, lr: 1e-6) }[0]
            perEvent.append(1e9 * (with - without) / (Double(batches) * eventsPerStep))
        }
        Measurement(
            bench: "events", name: "idle", metric: "ns_per_event", unit: "ns", values: perEvent,
            extra: [("callbacks", "\(count)")]
        ).emit(options)
    }
}
