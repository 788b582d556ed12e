/// Multiplies losses before their backward passes and divides the gradients afterwards, by a fixed number or by one that
/// is as large as it can be (Micikevicius et al. 2018, arXiv 1710.03740, section 3.2).
///
/// In single precision it changes next to nothing; with it a step whose gradient is not finite is skipped. What a power of
/// two scales and unscales has the same bits as without.
open class LossScaler: LearnerCallback, LossScaling {
    private let start: Double
    /// Nil for a fixed scale.
    private let dynamics: (growth: Double, backoff: Double, interval: Int)?

    /// The present factor; nil before the first fit.
    @RunState public private(set) var scale: Double?

    /// The steps in a row whose gradient was finite, since the factor changed.
    @RunState public private(set) var goodSteps = 0

    /// The steps that were skipped.
    @RunState public private(set) var skippedSteps = 0

    /// Scales by a fixed number, > 0.
    public init(fixed scale: Double) {
        start = scale
        dynamics = nil
    }

    /// Scales by a number that is lowered when a gradient is not finite, whose step is skipped, and raised after many
    /// good steps. The defaults are torch's.
    ///
    /// - Parameters:
    ///   - initial: the first scale, > 0.
    ///   - growth: what it is multiplied by after `interval` good steps in a row, > 1.
    ///   - backoff: what it is multiplied by after a bad one, between 0 and 1.
    ///   - interval: 1 or more.
    public init(initial: Double = 65536, growth: Double = 2, backoff: Double = 0.5, interval: Int = 2000) {
        start = initial
        dynamics = (growth, backoff, interval)
    }

    /// Fits, and trials such as the rate finder's, whose steps are then of the same kind.
    open override var joins: RunKinds { [.fit, .probe] }

    /// ``Phase/prepare``
    open override var phase: Phase { .prepare }

    /// Sets the loop's stage.
    open override func beforeFit(_ learner: Learner) throws {
        var bad: [(String, Double, String)] = []
        if !(start > 0 && start.isFinite) { bad.append(("scale", start, "finite and above 0")) }
        if let dynamics {
            if !(dynamics.growth > 1 && dynamics.growth.isFinite) { bad.append(("growth", dynamics.growth, "above 1")) }
            if !(dynamics.backoff > 0 && dynamics.backoff < 1) {
                bad.append(("backoff", dynamics.backoff, "between 0 and 1"))
            }
            if dynamics.interval < 1 { bad.append(("interval", Double(dynamics.interval), "at least 1")) }
        }
        if let (name, value, expected) = bad.first {
            throw LearnerError.argument("LossScaler \(name)", value: "\(value)", expected: expected)
        }
        scale = scale ?? start
        try learner.stages.setLossScaling(self, owner: learner.speaker)
    }

    /// The present factor.
    open var lossScale: Double { scale ?? start }

    /// Follows the gradients: a bad one is not stepped.
    open func shouldStep(isFinite: Bool) -> Bool {
        if !isFinite {
            skippedSteps += 1
            goodSteps = 0
            if let dynamics { scale = LossScaler.bounded(lossScale * dynamics.backoff) }
            return false
        }
        goodSteps += 1
        if let dynamics, goodSteps >= dynamics.interval {
            goodSteps = 0
            scale = LossScaler.bounded(lossScale * dynamics.growth)
        }
        return true
    }

    /// Within what single precision can multiply and divide by without loss.
    private static func bounded(_ scale: Double) -> Double { min(max(scale, 0x1p-96), 0x1p96) }
}
