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
        let index = try indices(of: group, having: key).last
        return index.flatMap { groups[$0].values[key] } ?? 0
    }

    /// Sets the base value of a hyper-parameter, of one group or of all that have it.
    ///
    /// - Throws: ``OptimizerError/unknownHyperparameter(_:optimizer:known:)`` when no such group has it,
    ///   ``OptimizerError/invalidValue(_:value:expected:)`` for a value that a rule cannot have (``UpdateRule/range(of:)``),
    ///   or would not have once modified, or ``OptimizerError/invalidGroups(_:)`` for a group that does not exist; nothing
    ///   is changed then.
    public func set(_ key: Hyperparameter, to value: Double, group: Int? = nil) throws {
        let indices = try indices(of: group, having: key)
        for index in indices { try groups[index].check(key, base: value) }
        for index in indices { groups[index].base[key] = value }
    }

    /// Sets the factor by which `owner` modifies a hyper-parameter, of one group or of all that have it, or takes it away
    /// (nil).
    ///
    /// - Throws: as ``set(_:to:group:)``.
    public func modify(_ key: Hyperparameter, by factor: Double?, group: Int? = nil, owner: String) throws {
        let modified = try indices(of: group, having: key).map { index in
            var group = groups[index]
            group.modifiers.removeAll { $0.key == key && $0.owner == owner }
            if let factor {
                group.modifiers.append((key, owner, factor))
                if let base = group.base[key] { try group.check(key, base: base) }
            }
            return (index, group.modifiers)
        }
        for (index, modifiers) in modified { groups[index].modifiers = modifiers }
    }

    /// Checks the values of all hyper-parameters, those that the rules were made with among them, and the rules' options.
    /// Every run of a learner begins with it.
    ///
    /// - Throws: ``OptimizerError/invalidValue(_:value:expected:)`` or ``OptimizerError/invalidOption(_:value:expected:)``
    ///   for the first that its rule cannot have.
    public func validate() throws {
        for group in groups {
            for option in group.rule.options where !option.range.contains(option.value) {
                throw OptimizerError.invalidOption(
                    option.name, value: option.value, expected: "\(option.range), for \(group.rule.name)")
            }
            for (key, value) in group.base.entries { try group.check(key, base: value) }
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

    /// The one group, or all, as far as they have the hyper-parameter: at least one, or an error.
    private func indices(of group: Int?, having key: Hyperparameter) throws -> [Int] {
        let asked = try indices(of: group)
        let found = asked.filter { groups[$0].base[key] != nil }
        guard found.isEmpty else { return found }
        var (names, known): ([String], [Hyperparameter]) = ([], [])
        for group in groups[asked] {
            if !names.contains(group.rule.name) { names.append(group.rule.name) }
            known += group.base.keys.filter { !known.contains($0) }
        }
        throw OptimizerError.unknownHyperparameter(
            key, optimizer: names.count == 1 ? names[0] : "the optimizer (\(names.joined(separator: ", ")))",
            known: known)
    }
}
