import Hone

/// Steps by the gradient at the worst point nearby, which leads to flat minima (Foret et al. 2021, "Sharpness-Aware
/// Minimization", algorithm 1).
///
/// When a window's gradient g is complete, the parameters go to w + ρ g / ‖g‖, the gradient is computed again there with
/// the same batches and random numbers, and the parameters come back, bit for bit. Costs a second forward and backward
/// pass a step. The adaptive form (Kwon et al. 2021, "ASAM") scales each element by |w|: w + ρ w² g / ‖w g‖.
///
/// What other callbacks add to a batch's loss in `afterLoss` is not in the gradient of the second pass.
open class SharpnessAwareMinimization: LearnerCallback {
    /// How far away the worst point is looked for.
    public let rho: Double
    /// Whether each element's distance is in proportion to its size.
    public let isAdaptive: Bool

    private var former: [Float] = []

    /// Makes the callback.
    ///
    /// - Parameters:
    ///   - rho: how far away the worst point is looked for, above 0; some 0.05, or 0.5 to 2 for the adaptive form.
    ///   - isAdaptive: whether each element's distance is in proportion to its size.
    public init(rho: Double = 0.05, isAdaptive: Bool = false) {
        self.rho = rho
        self.isAdaptive = isAdaptive
    }

    /// Before all that looks at gradients.
    open override var phase: Phase { .prepare }

    /// Checks ρ, and has the batches kept.
    open override func beforeFit(_ learner: Learner) throws {
        guard rho > 0, rho.isFinite else {
            throw LearnerError.argument("\(identifier) rho", value: "\(rho)", expected: "a finite number above 0")
        }
        learner.stages.keepBatches()
    }

    /// Replaces the gradient by the one at the worst point nearby.
    open override func gradientsReady(_ learner: Learner) throws {
        let arena = learner.arena
        let (gradients, values) = (arena.gradientsToRead, arena.values)
        var squares = 0.0
        for index in gradients.indices {
            let size = isAdaptive ? gradients[index] * values[index] : gradients[index]
            squares += Double(size) * Double(size)
        }
        // At a stationary point there is no direction; a gradient that is no number is left to others.
        guard squares > 0, squares.isFinite else { return }
        let scale = Float(rho / squares.squareRoot())
        if former.count == values.count {
            former.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: values) }
        } else {
            former = Array(values)
        }
        arena.willChangeValues()
        for index in values.indices {
            let step = scale * gradients[index]
            values[index] += isAdaptive ? step * values[index] * values[index] : step
        }
        defer {
            arena.willChangeValues()
            _ = values.update(fromContentsOf: former)
        }
        try learner.recomputeGradients()
    }

    /// Lets go of the memory.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws { former = [] }
}
