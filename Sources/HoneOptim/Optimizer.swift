import HoneNN
import HoneTensor

/// An update rule at work on a model's parameters: groups with hyper-parameters, and what the rule keeps between steps.
public final class Optimizer {
    /// The parameters.
    public private(set) var arena: ParameterArena

    /// The groups in the parameters' order.
    public private(set) var groups: [ParameterGroup]

    /// For each of the largest number of states that a rule keeps, as many elements as the arena has.
    private var states: [StateMemory]

    /// How many updates each parameter has had.
    private var updates: [Int]

    /// Makes an optimizer with all parameters in one group.
    public convenience init(_ rule: any UpdateRule, _ arena: ParameterArena) {
        self.init([rule], arena, [0..<arena.entries.count])
    }

    /// Makes an optimizer with one rule for all groups.
    ///
    /// - Throws: ``OptimizerError/invalidGroups(_:)`` when the grouping does not fit the model.
    public convenience init(_ rule: any UpdateRule, _ arena: ParameterArena, groups grouping: ParameterGrouping) throws
    {
        let ranges = try grouping.ranges(arena.entries.map(\.name))
        self.init(Array(repeating: rule, count: ranges.count), arena, ranges)
    }

    /// Makes an optimizer with a rule for each group.
    ///
    /// - Throws: ``OptimizerError/invalidGroups(_:)`` when the grouping does not fit the model, or there is not one rule
    ///   a group.
    public convenience init(
        _ rules: [any UpdateRule], _ arena: ParameterArena, groups grouping: ParameterGrouping
    ) throws {
        let ranges = try grouping.ranges(arena.entries.map(\.name))
        guard rules.count == ranges.count else {
            throw OptimizerError.invalidGroups("\(rules.count) rules for \(ranges.count) groups")
        }
        self.init(rules, arena, ranges)
    }

    private init(_ rules: [any UpdateRule], _ arena: ParameterArena, _ ranges: [Range<Int>]) {
        self.arena = arena
        groups = zip(rules, ranges).map { ParameterGroup(entries: $1, rule: $0, base: $0.defaults) }
        states = (0..<(rules.map(\.stateNames.count).max() ?? 0)).map { _ in StateMemory(arena.count) }
        updates = Array(repeating: 0, count: arena.entries.count)
    }

    // MARK: Hyper-parameters

    /// The learning rate of the last group, as the next step uses it. Setting it sets the base value of all groups.
    public var learningRate: Double {
        get { groups.last?.values[.learningRate] ?? 0 }
        set { for index in groups.indices { groups[index].base[.learningRate] = newValue } }
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

    /// Sets the factor by which `owner` modifies a hyper-parameter of all groups, or takes it away (nil).
    ///
    /// - Throws: ``OptimizerError/unknownHyperparameter(_:optimizer:known:)``
    public func modify(_ key: Hyperparameter, by factor: Double?, owner: String) throws {
        guard has(key) else { throw unknown(key) }
        for index in groups.indices {
            groups[index].modifiers.removeAll { $0.key == key && $0.owner == owner }
            if let factor { groups[index].modifiers.append((key, owner, factor)) }
        }
    }

    /// Takes all modifiers away.
    public func removeModifiers() {
        for index in groups.indices { groups[index].modifiers = [] }
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

    // MARK: Stepping

    /// Changes all trainable parameters by their gradients, which are complete afterwards.
    public func step() {
        arena.completeGradients()
        arena.willChangeValues()
        let (values, gradients) = (arena.values, arena.gradients)
        guard let parameterStart = values.baseAddress, let gradientStart = gradients.baseAddress else { return }
        for group in groups {
            let now = group.values
            let kept = states.prefix(group.rule.stateNames.count)
            // Without an epsilon, the padding between parameters would become 0 / 0.
            let isSeparate = now[.epsilon] == 0
            // Neighbours that have had as many updates are one call.
            var index = group.entries.lowerBound
            while index < group.entries.upperBound {
                guard arena.entries[index].parameter.isTrainable else {
                    index += 1
                    continue
                }
                let count = updates[index]
                var end = index
                while end < group.entries.upperBound, arena.entries[end].parameter.isTrainable, updates[end] == count {
                    updates[end] += 1
                    end += 1
                    if isSeparate { break }
                }
                let start = arena.entries[index].range.lowerBound
                let stretch = UpdateStretch(
                    parameters: parameterStart + start, gradients: gradientStart + start,
                    states: kept.map { $0.start + start }, count: arena.entries[end - 1].range.upperBound - start)
                group.rule.update(stretch, step: count + 1, now)
                index = end
            }
        }
    }

    /// Forgets what the rule has kept, as if no step had been taken.
    public func reset() {
        for state in states { state.clear() }
        updates = updates.map { _ in 0 }
    }

    /// Follows the model into an arena that has replaced the old one; what was kept of parameters that are still there,
    /// with their shape, goes with them.
    ///
    /// - Throws: ``OptimizerError/invalidGroups(_:)`` when the grouping no longer fits.
    public func follow(_ arena: ParameterArena, groups grouping: ParameterGrouping) throws {
        let ranges = try grouping.ranges(arena.entries.map(\.name))
        guard ranges.count == groups.count else {
            throw OptimizerError.invalidGroups(
                "the model's parameters now make \(ranges.count) groups, not \(groups.count)")
        }
        let former = Dictionary(
            self.arena.entries.enumerated().map { (ObjectIdentifier($1.parameter), $0) },
            uniquingKeysWith: { a, _ in a })
        let moved = states.map { _ in StateMemory(arena.count) }
        var counts = Array(repeating: 0, count: arena.entries.count)
        for (index, entry) in arena.entries.enumerated() {
            guard let old = former[ObjectIdentifier(entry.parameter)] else { continue }
            counts[index] = updates[old]
            for (from, to) in zip(states, moved) {
                let source = from.start + self.arena.entries[old].range.lowerBound
                (to.start + entry.range.lowerBound).update(from: source, count: entry.range.count)
            }
        }
        self.arena = arena
        states = moved
        updates = counts
        for (index, range) in ranges.enumerated() { groups[index].entries = range }
    }

    // MARK: Snapshots

    /// All that an optimizer is made of beside the parameters.
    public struct State: Sendable, Equatable {
        let states: [[Float]]
        let updates: [Int]
        let values: [HyperparameterValues]
    }

    /// A copy of what the rule has kept, and of the base values of the hyper-parameters.
    public var state: State {
        State(states: states.map(\.copy), updates: updates, values: groups.map(\.base))
    }

    /// Puts a copied state back.
    ///
    /// - Throws: ``OptimizerError/stateMismatch(_:)`` when it is of an optimizer or model of other sizes.
    public func restore(_ state: State) throws {
        guard state.states.count == states.count, state.states.allSatisfy({ $0.count == arena.count }),
            state.updates.count == updates.count, state.values.count == groups.count
        else {
            throw OptimizerError.stateMismatch("it was taken of another optimizer, or of a model of another size")
        }
        for (memory, copy) in zip(states, state.states) { memory.fill(copy) }
        updates = state.updates
        for (index, values) in state.values.enumerated() { groups[index].base = values }
    }
}

/// Elements that an optimizer keeps, laid out as the arena is.
private final class StateMemory {
    let start: UnsafeMutablePointer<Float>
    let count: Int

    init(_ count: Int) {
        self.count = count
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(64, 4 * count), alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(64, 4 * count))
        start = memory.assumingMemoryBound(to: Float.self)
    }

    deinit { start.deallocate() }

    var copy: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }

    func clear() { start.update(repeating: 0, count: count) }

    func fill(_ values: [Float]) {
        values.withUnsafeBufferPointer { if let source = $0.baseAddress { start.update(from: source, count: count) } }
    }
}
