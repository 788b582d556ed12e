import HoneNN

/// An update rule at work on a model's parameters: groups with hyper-parameters, and what the rule keeps between steps.
public final class Optimizer {
    /// The parameters.
    @exclusivity(unchecked) public internal(set) var arena: ParameterArena

    /// The groups; those of the model's order first, then those that a filter separates.
    @exclusivity(unchecked) public internal(set) var groups: [ParameterGroup]

    /// For each parameter, whether weight decay acts on it.
    @exclusivity(unchecked) var decays: [Bool] {
        didSet { isDecayFiltered = decays.contains(false) }
    }

    /// Whether there are parameters on which it does not act.
    @exclusivity(unchecked) private(set) var isDecayFiltered: Bool

    /// For each parameter, its group of layers: what ``ParameterGrouping`` cuts before it takes parameters out by filters.
    public internal(set) var layerGroups: [Int]

    /// What the rules keep.
    @exclusivity(unchecked) var memory: RuleMemory

    /// How many updates each parameter has had.
    @exclusivity(unchecked) var updates: [Int]

    /// The weights to train with, while the arena holds those to evaluate with.
    @exclusivity(unchecked) var trainingWeights: [Float]?

    /// Makes an optimizer with all parameters in one group.
    public convenience init(_ rule: any UpdateRule, _ arena: ParameterArena) {
        self.init(
            arena, [ParameterGroup(entries: [0..<arena.entries.count], rule: rule, ruleNumber: 0)],
            layerGroups: arena.entries.map { _ in 0 }, decays: arena.entries.map { _ in true })
    }

    /// Makes an optimizer with one rule for all groups but those to which the grouping gives another.
    ///
    /// - Throws: ``OptimizerError/invalidGroups(_:)`` when the grouping does not fit the model.
    public convenience init(_ rule: any UpdateRule, _ arena: ParameterArena, groups grouping: ParameterGrouping) throws
    {
        let plan = try grouping.plan(arena)
        let groups = plan.groups.enumerated().map { number, group in
            ParameterGroup(
                entries: group.entries, rule: group.rule ?? rule, ruleNumber: group.rule == nil ? 0 : number + 1)
        }
        self.init(arena, groups, layerGroups: plan.layerGroups, decays: plan.decays)
    }

    /// Makes an optimizer with a rule for each group.
    ///
    /// - Throws: ``OptimizerError/invalidGroups(_:)`` when the grouping does not fit the model, or there is not one rule
    ///   a group.
    public convenience init(
        _ rules: [any UpdateRule], _ arena: ParameterArena, groups grouping: ParameterGrouping
    ) throws {
        let plan = try grouping.plan(arena)
        guard rules.count == plan.groups.count else {
            throw OptimizerError.invalidGroups("\(rules.count) rules for \(plan.groups.count) groups")
        }
        let groups = plan.groups.enumerated().map { number, group in
            ParameterGroup(entries: group.entries, rule: rules[number], ruleNumber: number)
        }
        self.init(arena, groups, layerGroups: plan.layerGroups, decays: plan.decays)
    }

    private init(_ arena: ParameterArena, _ groups: [ParameterGroup], layerGroups: [Int], decays: [Bool]) {
        self.arena = arena
        self.groups = groups
        self.layerGroups = layerGroups
        self.decays = decays
        isDecayFiltered = decays.contains(false)
        memory = RuleMemory(arena, groups)
        updates = Array(repeating: 0, count: arena.entries.count)
    }

    // MARK: Hyper-parameters

    /// The learning rate of the last group, as the next step uses it. Setting it sets the base value of all groups.
    public var learningRate: Double {
        get { groups.last?.values[.learningRate] ?? 0 }
        set { for index in groups.indices { groups[index].base[.learningRate] = newValue } }
    }

    /// For each group the learning rate that a multiplier of 1 stands for, where weight decay follows the schedule's
    /// multiplier (``WeightDecay/decoupledFromRate``).
    ///
    /// At first it is the one that the rule was made with. A learner's run has that of each group at its beginning, or
    /// the highest that its schedule can take, and puts the former ones back. A callback of one's own that sets rates may
    /// set these, too.
    public var referenceRates: [Double?] {
        get { groups.map(\.base.referenceRate) }
        set { for (index, rate) in zip(groups.indices, newValue) { groups[index].base.referenceRate = rate } }
    }

    /// The keys that at least one group has.
    public var hyperparameters: [Hyperparameter] {
        var keys: [Hyperparameter] = []
        for group in groups { keys += group.base.keys.filter { !keys.contains($0) } }
        return keys
    }

    /// Whether a group has the hyper-parameter.
    public func has(_ key: Hyperparameter) -> Bool { groups.contains { $0.base[key] != nil } }

    /// The value of a hyper-parameter as the next step uses it, of one group or the last one that has it.
    ///
    /// - Throws: ``OptimizerError/unknownHyperparameter(_:optimizer:known:)``, or ``OptimizerError/invalidGroups(_:)`` for a
    ///   group that does not exist.
    public func value(of key: Hyperparameter, group: Int? = nil) throws -> Double {
        for index in try indices(of: group).reversed() {
            if let value = groups[index].values[key] { return value }
        }
        throw unknown(key)
    }

    /// Sets the base value of a hyper-parameter, of one group or of all that have it.
    ///
    /// - Throws: ``OptimizerError/unknownHyperparameter(_:optimizer:known:)`` when no such group has it, or
    ///   ``OptimizerError/invalidGroups(_:)`` for a group that does not exist.
    public func set(_ key: Hyperparameter, to value: Double, group: Int? = nil) throws {
        var isKnown = false
        for index in try indices(of: group) where groups[index].base[key] != nil {
            groups[index].base[key] = value
            isKnown = true
        }
        if !isKnown { throw unknown(key) }
    }

    /// Sets the factor by which `owner` modifies a hyper-parameter, of one group or of all, or takes it away (nil).
    ///
    /// - Throws: ``OptimizerError/unknownHyperparameter(_:optimizer:known:)``, or ``OptimizerError/invalidGroups(_:)`` for a
    ///   group that does not exist.
    public func modify(_ key: Hyperparameter, by factor: Double?, group: Int? = nil, owner: String) throws {
        guard has(key) else { throw unknown(key) }
        for index in try indices(of: group) {
            groups[index].modifiers.removeAll { $0.key == key && $0.owner == owner }
            if let factor { groups[index].modifiers.append((key, owner, factor)) }
        }
    }

    /// Takes all modifiers away.
    public func removeModifiers() {
        for index in groups.indices { groups[index].modifiers = [] }
    }

    /// The modifiers of all groups, to be put back later.
    public struct Modifiers {
        fileprivate let ofGroups: [[(key: Hyperparameter, owner: String, factor: Double)]]
    }

    /// All factors that modify a hyper-parameter. Those of an optimizer of as many groups can be put back.
    public var modifiers: Modifiers {
        get { Modifiers(ofGroups: groups.map(\.modifiers)) }
        set { for (index, own) in zip(groups.indices, newValue.ofGroups) { groups[index].modifiers = own } }
    }

    /// One group, or all.
    private func indices(of group: Int?) throws -> Range<Int> {
        guard let group else { return groups.indices }
        guard groups.indices.contains(group) else {
            throw OptimizerError.invalidGroups("there is no group \(group), only 0..<\(groups.count)")
        }
        return group..<group + 1
    }

    private func unknown(_ key: Hyperparameter) -> OptimizerError {
        .unknownHyperparameter(key, optimizer: groups.first?.rule.name ?? "Optimizer", known: hyperparameters)
    }
}
