import Hone

/// Keeps an exponential moving average of the parameters, validates with it, and leaves it in the model.
///
/// After every optimizer step a ← d a + (1 − d) p, with d = min(`decay`, (1 + step) / (10 + step)): early on, when the
/// parameters are far from where they will be, the average forgets faster. During validations the model holds the
/// averages, and says so (`learner.weightsInUse` is `ema`); when the fit is completed or stopped, it keeps them. Both can
/// be had by name until the next fit: `learner.withWeights("trained") { … }`, `learner.save(path, weights: "ema")`.
open class ExponentialMovingAverage: LearnerCallback {
    /// The share of the average that is kept at each step, 0 up to 1.
    public let decay: Double

    /// Whether the model keeps the averages after the fit.
    public let keepsAverage: Bool

    /// The averages, in the layout of the learner's arena; empty before the first step.
    @RunState public private(set) var average: [Float] = []

    @RunState private var steps = 0

    private var swap = WeightSwap()

    /// Makes the callback.
    ///
    /// - Parameters:
    ///   - decay: d, 0 up to 1.
    ///   - keepsAverage: whether the model keeps the averages after the fit.
    public init(decay: Double = 0.999, keepsAverage: Bool = true) {
        self.decay = decay
        self.keepsAverage = keepsAverage
    }

    /// After the step, and before those that record or decide.
    open override var phase: Phase { .compute }

    /// Checks the decay.
    open override func beforeFit(_ learner: Learner) throws {
        guard decay >= 0, decay < 1 else {
            throw LearnerError.argument("decay", value: "\(decay)", expected: "0 up to 1")
        }
        swap.end(learner)
        learner.provideWeights("ema") { self.average }
    }

    /// Takes the new parameters into the average.
    open override func afterStep(_ learner: Learner) throws {
        guard learner.didStep else { return }
        steps += 1
        let kept = min(decay, (1 + Double(steps)) / (10 + Double(steps)))
        _average.modify { learner.arena.moveAverage(&$0, by: 1 - kept) }
    }

    /// Puts the averages into the model.
    open override func beforeValidate(_ learner: Learner) throws {
        swap.begin(learner, with: average, named: "ema")
    }

    /// Puts the trained parameters back.
    open override func afterValidate(_ learner: Learner) throws { swap.end(learner) }

    /// Leaves the averages in the model.
    open override func afterFit(_ learner: Learner, _ outcome: FitOutcome) throws {
        if keepsAverage, !average.isEmpty { try learner.useWeights("ema") }
    }

    /// Puts the trained parameters back after a validation that failed.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws { swap.end(learner) }
}
