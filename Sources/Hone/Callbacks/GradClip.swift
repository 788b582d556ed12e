/// Limits gradients before each step: a handle for the loop's clip stage, which comes after `gradientsReady` and before
/// `beforeStep` whatever other callbacks there are.
///
/// The norm before clipping is `learner.gradientNorm`, from `beforeStep` on. A gradient that is not finite is left as it is.
open class GradClip: LearnerCallback {
    /// The limit.
    public let clipping: GradientClipping

    /// The norm of the last step's gradient before it was clipped; nil before the first.
    @RunState public private(set) var norm: Double?

    /// The steps whose whole gradient was longer than the limit of ``GradientClipping/norm(_:)``.
    @RunState public private(set) var clippedSteps = 0

    /// Scales the whole gradient down to a norm, > 0, if it is longer.
    public init(maxNorm: Double = 1) { clipping = .norm(maxNorm) }

    /// Moves every element into −value...value, > 0.
    public init(value: Double) { clipping = .value(value) }

    /// Adaptive clipping by unit (Brock et al. 2021): no unit's gradient is longer than `ratio` times its weights, > 0.
    ///
    /// - Parameters:
    ///   - ratio: the paper's λ; smaller for larger batches.
    ///   - epsilon: what the norm of a unit's weights counts as at least, > 0.
    ///   - excluding: beginnings of names of parameters that are left alone; the paper leaves out the last layer.
    public init(adaptive ratio: Double, epsilon: Double = 1e-3, excluding: [String] = []) {
        clipping = .adaptive(ratio: ratio, epsilon: epsilon, excluding: excluding)
    }

    /// Fits, and trials such as the rate finder's, whose steps are then of the same kind.
    open override var joins: RunKinds { [.fit, .probe] }

    /// ``Phase/prepare``
    open override var phase: Phase { .prepare }

    /// Sets the loop's clip stage.
    open override func beforeFit(_ learner: Learner) throws {
        let limits: [(String, Double)] =
            switch clipping {
            case .norm(let limit): [("maxNorm", limit)]
            case .value(let limit): [("value", limit)]
            case .adaptive(let ratio, let epsilon, _): [("adaptive", ratio), ("epsilon", epsilon)]
            }
        for (name, limit) in limits where !(limit > 0) {
            throw LearnerError.argument("GradClip \(name)", value: "\(limit)", expected: "above 0")
        }
        if case .adaptive(_, _, let excluded) = clipping {
            let names = learner.arena.entries.map(\.name)
            for beginning in excluded where !names.contains(where: { $0.hasPrefix(beginning) }) {
                throw LearnerError.argument(
                    "GradClip excluding", value: beginning,
                    expected: "the beginning of a parameter's name: \(names.joined(separator: ", "))")
            }
        }
        try learner.stages.setClipping(clipping, owner: learner.speaker)
    }

    /// Keeps the norm.
    open override func beforeStep(_ learner: Learner) throws {
        norm = learner.gradientNorm
        if case .norm(let limit) = clipping, learner.gradientNorm > limit { clippedSteps += 1 }
    }
}
