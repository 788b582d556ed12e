import Foundation
import HoneKernels

/// Adds annealed Gaussian noise to the gradient, after it was clipped: N(0, η / (1 + t)^γ) for step t of the fit, from 0
/// (Neelakantan et al. 2015, arXiv 1511.06807, eq. 1).
///
/// The noise is a function of the learner's seed and of the step in its life, whatever else is drawn.
open class GradientNoise: LearnerCallback {
    private let eta: Double
    private let gamma: Double

    /// Makes the callback.
    ///
    /// - Parameters:
    ///   - eta: the variance at the first step, ≥ 0; the paper uses 0.01, 0.3 and 1.
    ///   - gamma: how fast it falls, ≥ 0.
    public init(eta: Double = 0.01, gamma: Double = 0.55) {
        self.eta = eta
        self.gamma = gamma
    }

    /// ``Phase/gradient``
    open override var phase: Phase { .gradient }

    /// Checks the arguments.
    open override func beforeFit(_ learner: Learner) throws {
        for (name, value) in [("eta", eta), ("gamma", gamma)] where !(value >= 0 && value.isFinite) {
            throw LearnerError.argument("GradientNoise \(name)", value: "\(value)", expected: "finite and 0 or more")
        }
    }

    /// Adds the noise to the gradients of all trainable parameters.
    open override func beforeStep(_ learner: Learner) throws {
        let deviation = (eta / pow(1 + Double(learner.run.step), gamma)).squareRoot()
        guard deviation > 0, let gradients = learner.arena.gradients.baseAddress else { return }
        let key = learner.key.derived("gradient noise", learner.progress.step)
        for entry in learner.arena.entries where entry.parameter.isTrainable {
            let noise = key.derived(entry.name).normal(entry.range.count, deviation: Float(deviation))
            hone_axpy(HONE_ISA_AUTO, 1, noise, gradients + entry.range.lowerBound, noise.count)
        }
    }
}
