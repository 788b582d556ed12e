import Hone

/// Moves the probabilities of a model's `DropPath` layers by a schedule: stochastic depth that grows as training goes on.
///
/// The last of L layers has the schedule's value p, and the l-th of them p l / L (the linear rule of Huang et al. 2016,
/// "Deep Networks with Stochastic Depth", section 4), unless all are to have p. After the fit, all have what they had.
open class DropPathSchedule: LearnerCallback {
    /// The probability of the last layer.
    public let schedule: Schedule
    /// Whether earlier layers have less.
    public let growsWithDepth: Bool

    private var layers: [DropPath] = []
    private var former: [Float] = []

    /// Makes the callback.
    ///
    /// - Parameters:
    ///   - schedule: the probability of the last layer, 0...1 at all steps.
    ///   - growsWithDepth: whether earlier layers have less.
    public init(_ schedule: Schedule, growsWithDepth: Bool = true) {
        self.schedule = schedule
        self.growsWithDepth = growsWithDepth
    }

    /// ``Phase/schedule``
    open override var phase: Phase { .schedule }

    /// Finds the layers.
    open override func beforeFit(_ learner: Learner) throws {
        try schedule.validate()
        layers = learner.model.modules.compactMap { $0.module as? DropPath }
        guard !layers.isEmpty else {
            throw LearnerError.argument(identifier, value: "a model without DropPath layers", expected: "at least one")
        }
        former = layers.map(\.probability)
    }

    /// Sets the probabilities of the batch to come.
    open override func beforeBatch(_ learner: Learner) throws {
        guard learner.isTraining else { return }
        let top = schedule.value(in: learner.run)
        guard top >= 0, top <= 1 else {
            throw LearnerError.argument(
                "\(identifier) schedule", value: "\(top) at step \(learner.run.step)", expected: "0...1")
        }
        for (index, layer) in layers.enumerated() {
            layer.probability = Float(growsWithDepth ? top * Double(index + 1) / Double(layers.count) : top)
        }
    }

    /// Puts back what the layers had.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws {
        for (layer, probability) in zip(layers, former) { layer.probability = probability }
        (layers, former) = ([], [])
    }
}
