import Hone

/// Other weights that stand in for those that are trained, for a while. The memory of the trained ones is kept between
/// validations, so that none is asked for each time.
struct WeightSwap {
    private var trained: [Float] = []
    private var formerName = Learner.trainedWeights
    private(set) var isActive = false

    /// Puts weights into the model, under a name.
    mutating func begin(_ learner: Learner, with values: [Float], named name: String) {
        guard !isActive, values.count == learner.arena.count else { return }
        isActive = true
        if trained.count == values.count {
            trained.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: learner.arena.values) }
        } else {
            trained = Array(learner.arena.values)
        }
        formerName = learner.weightsInUse
        learner.weightsInUse = name
        WeightSwap.fill(learner, with: values)
    }

    /// Puts the trained weights back.
    mutating func end(_ learner: Learner) {
        guard isActive else { return }
        isActive = false
        learner.weightsInUse = formerName
        WeightSwap.fill(learner, with: trained)
    }

    static func fill(_ learner: Learner, with values: [Float]) {
        learner.arena.willChangeValues()
        _ = learner.arena.values.update(fromContentsOf: values)
    }
}
