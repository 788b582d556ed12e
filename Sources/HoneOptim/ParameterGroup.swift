/// Parameters that share hyper-parameters, and the rule that changes them.
public struct ParameterGroup {
    /// The group's parameters, as positions in the arena's entries, in order.
    public internal(set) var entries: [Range<Int>]

    /// How they are changed.
    public let rule: any UpdateRule

    /// The values that were set, before modifiers.
    public internal(set) var base: HyperparameterValues

    /// What the rule keeps for the group as a whole.
    var scalars: [String: Double]

    /// What the rule says of itself, asked once.
    let seesParameters: Bool
    let hasScalars: Bool
    let hasNumbers: Bool

    /// Which of the optimizer's rules it is: those of one number are prepared together.
    let ruleNumber: Int

    /// Factors on the base values, by who set them.
    var modifiers: [(key: Hyperparameter, owner: String, factor: Double)] = []

    init(entries: [Range<Int>], rule: any UpdateRule, ruleNumber: Int) {
        self.entries = entries
        self.rule = rule
        self.ruleNumber = ruleNumber
        base = rule.defaults
        base.referenceRate = base[.learningRate]
        scalars = rule.scalars
        seesParameters = rule.granularity == .parameter
        hasScalars = !scalars.isEmpty
        hasNumbers = rule.states.contains(where: \.isNumber)
    }

    /// The base values times all modifiers: what the next step uses.
    public var values: HyperparameterValues {
        var result = base
        for modifier in modifiers {
            if let value = result[modifier.key] { result[modifier.key] = value * modifier.factor }
        }
        return result
    }

    /// The values for parameters on which no weight decay acts.
    var undecayedValues: HyperparameterValues {
        var result = values
        result[.weightDecay] = 0
        return result
    }

    /// Checks that the rule can have a base value, as it is and modified.
    ///
    /// - Throws: ``OptimizerError/invalidValue(_:value:expected:)``
    func check(_ key: Hyperparameter, base value: Double) throws {
        let range = rule.range(of: key)
        let modified = modifiers.reduce(value) { $1.key == key ? $0 * $1.factor : $0 }
        for value in [value, modified] where !range.contains(value) {
            throw OptimizerError.invalidValue(key, value: value, expected: "\(range), for \(rule.name)")
        }
    }
}
