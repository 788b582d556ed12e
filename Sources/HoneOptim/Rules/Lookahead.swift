import HoneKernels

/// Lookahead around any rule (Zhang et al. 2019, algorithm 1): after every k updates by the inner rule, the slow weights
/// move toward the parameters, s ← s + α (p − s), and the parameters go back to them, p ← s. What the inner rule keeps
/// stays as it is. The slow weights begin as the parameters.
public struct Lookahead: UpdateRule {
    /// The rule that it is wrapped around.
    public let inner: any UpdateRule

    /// k
    public let period: Int

    /// α
    public let alpha: Double

    /// Wraps a rule; the paper's defaults.
    ///
    /// - Parameters:
    ///   - period: k, 1 or more.
    ///   - alpha: α, 0...1.
    public init(_ inner: any UpdateRule, period: Int = 5, alpha: Double = 0.5) {
        self.inner = inner
        self.period = period
        self.alpha = alpha
    }

    /// Ranger (Wright 2019): Lookahead around RAdam, with that author's period, momentum and epsilon.
    public static func ranger(learningRate: Double = 1e-3, weightDecay: Double = 0) -> Lookahead {
        Lookahead(
            RAdam(learningRate: learningRate, beta1: 0.95, epsilon: 1e-5, weightDecay: weightDecay, decay: .decoupled),
            period: 6)
    }

    /// `Lookahead(Adam)`
    public var name: String { "Lookahead(\(inner.name))" }

    /// The options' ranges, with those of the rule within.
    public var options: [RuleOption] {
        [RuleOption("period", Double(period), .oneOrMore), RuleOption("alpha", alpha, .share)] + inner.options
    }

    /// The inner rule's.
    public var defaults: HyperparameterValues { inner.defaults }

    /// The inner rule's.
    public func range(of key: Hyperparameter) -> HyperparameterRange { inner.range(of: key) }

    /// The inner rule's, and the slow weights.
    public var states: [RuleState] { inner.states + ["slowWeights"] }

    /// The inner rule's.
    public var granularity: UpdateGranularity { inner.granularity }

    /// The inner rule's.
    public var scalars: [String: Double] { inner.scalars }

    /// The inner rule's.
    public var hasEvaluationWeights: Bool { inner.hasEvaluationWeights }

    /// The inner rule's.
    public func prepare(_ groups: inout [GroupStep]) { inner.prepare(&groups) }

    /// One update, and every so often the look back.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        guard let slow = stretch.states.last else { return }
        if step == 1 { slow.update(from: stretch.parameters, count: stretch.count) }
        inner.update(stretch, step: step, values)
        guard step.isMultiple(of: max(1, period)) else { return }
        hone_move_toward(HONE_ISA_AUTO, alpha, stretch.parameters, slow, stretch.count)
        stretch.parameters.update(from: slow, count: stretch.count)
    }

    /// The inner rule's.
    public func makeEvaluationWeights(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        inner.makeEvaluationWeights(stretch, step: step, values)
    }
}
