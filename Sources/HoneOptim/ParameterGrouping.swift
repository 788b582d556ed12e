import HoneNN
import HoneTensor

/// How a model's parameters are cut into groups, and which of them no weight decay acts on.
///
/// ```swift
/// groups: .byModel                                      // where a `LayerGrouped` model says
/// groups: .startingAt(["head"]).withoutDecay()                        // two groups with rates of their own
/// groups: .whole.separating(.matrices && !.named("head"), rule: Muon())   // Muon for these, the optimizer for the rest
/// ```
public struct ParameterGrouping: Sendable {
    /// Where groups of layers are cut.
    private enum Cuts: Sendable {
        case startingAt([String])
        case byModel
        case splitting(count: Int, @Sendable (_ name: String, _ shape: Shape) -> Int)
    }

    private var cuts = Cuts.startingAt([])
    private var separations: [(filter: ParameterFilter, rule: (any UpdateRule)?)] = []
    private var undecayed: ParameterFilter?

    /// All parameters in one group.
    public static let whole = ParameterGrouping()

    /// A further group begins with the first parameter whose name begins with each of these, in the model's order:
    /// `.startingAt(["head"])` makes two groups.
    public static func startingAt(_ prefixes: [String]) -> ParameterGrouping {
        var grouping = ParameterGrouping()
        grouping.cuts = .startingAt(prefixes)
        return grouping
    }

    /// The groups that the model itself names, which is ``LayerGrouped``.
    public static var byModel: ParameterGrouping {
        var grouping = ParameterGrouping()
        grouping.cuts = .byModel
        return grouping
    }

    /// A splitter of one's own: `group` says of each parameter in which of `count` groups it is, from 0, the one nearest
    /// the input. No group may be without parameters.
    public static func splitting(
        into count: Int, _ group: @escaping @Sendable (_ name: String, _ shape: Shape) -> Int
    ) -> ParameterGrouping {
        var grouping = ParameterGrouping()
        grouping.cuts = .splitting(count: count, group)
        return grouping
    }

    /// Takes the parameters of a filter out of their groups into one further group, the last, with a rule of its own if
    /// one is given.
    public func separating(_ filter: ParameterFilter, rule: (any UpdateRule)? = nil) -> ParameterGrouping {
        var grouping = self
        grouping.separations.append((filter, rule))
        return grouping
    }

    /// Leaves the parameters of a filter without weight decay. They stay in their groups: rates and all else are shared.
    public func withoutDecay(on filter: ParameterFilter = .biasesAndNorms) -> ParameterGrouping {
        var grouping = self
        grouping.undecayed = undecayed.map { $0 || filter } ?? filter
        return grouping
    }

    /// The groups of a model: positions in its list of parameters, and the rule if it is not the optimizer's.
    struct Plan {
        var groups: [(entries: [Range<Int>], rule: (any UpdateRule)?)]
        /// For each parameter, its group of layers: what it is in before filters take parameters out.
        var layerGroups: [Int]
        /// For each parameter, whether weight decay acts on it.
        var decays: [Bool]
    }

    /// Cuts a model's parameters.
    ///
    /// - Throws: ``OptimizerError/invalidGroups(_:)`` when a prefix or filter fits no parameter, prefixes are out of
    ///   order, a splitter leaves a group empty, or the model names no groups.
    func plan(_ arena: ParameterArena) throws -> Plan {
        let names = arena.entries.map(\.name)
        let (layerGroups, count) = try layerGroups(arena)
        var groupOf = layerGroups
        var rules = [(any UpdateRule)?](repeating: nil, count: count)
        for (filter, rule) in separations {
            var isMet = false
            for (index, entry) in arena.entries.enumerated() where filter.includes(entry.name, entry.parameter) {
                groupOf[index] = rules.count
                isMet = true
            }
            guard isMet else {
                throw OptimizerError.invalidGroups("no parameter is among '\(filter)'; there are: \(names)")
            }
            rules.append(rule)
        }
        var entries = [[Range<Int>]](repeating: [], count: rules.count)
        for (index, group) in groupOf.enumerated() {
            if let last = entries[group].last, last.upperBound == index {
                entries[group][entries[group].count - 1] = last.lowerBound..<index + 1
            } else {
                entries[group].append(index..<index + 1)
            }
        }
        let decays = arena.entries.map { entry in !(undecayed?.includes(entry.name, entry.parameter) ?? false) }
        return Plan(groups: zip(entries, rules).map { ($0, $1) }, layerGroups: layerGroups, decays: decays)
    }

    /// For each parameter its group of layers, and the number of these groups.
    private func layerGroups(_ arena: ParameterArena) throws -> (of: [Int], count: Int) {
        switch cuts {
        case .startingAt(let starts): return try cut(arena.entries.map(\.name), at: starts)
        case .byModel:
            guard let starts = arena.groupStarts else {
                throw OptimizerError.invalidGroups("the model names none: it is not LayerGrouped")
            }
            return try cut(arena.entries.map(\.name), at: starts)
        case .splitting(let count, let group):
            let groups = arena.entries.map { group($0.name, $0.parameter.shape) }
            for (entry, group) in zip(arena.entries, groups) where !(0..<max(0, count)).contains(group) {
                throw OptimizerError.invalidGroups(
                    "the splitter puts '\(entry.name)' into group \(group), expected 0..<\(count)")
            }
            for number in 0..<max(0, count) where !groups.contains(number) {
                throw OptimizerError.invalidGroups("the splitter puts no parameter into group \(number) of \(count)")
            }
            return (groups, count)
        }
    }

    private func cut(_ names: [String], at starts: [String]) throws -> (of: [Int], count: Int) {
        var groups = [Int](repeating: 0, count: names.count)
        for (number, range) in try ranges(names, starts).enumerated() {
            for index in range { groups[index] = number }
        }
        return (groups, starts.count + 1)
    }

    private func ranges(_ names: [String], _ starts: [String]) throws -> [Range<Int>] {
        var bounds = [0]
        for prefix in starts {
            guard let index = names.firstIndex(where: { $0 == prefix || $0.hasPrefix(prefix + ".") }) else {
                throw OptimizerError.invalidGroups("no parameter's name begins with '\(prefix)'; there are: \(names)")
            }
            guard index > (bounds.last ?? 0) else {
                throw OptimizerError.invalidGroups("'\(prefix)' does not come after the group before it")
            }
            bounds.append(index)
        }
        return zip(bounds, bounds.dropFirst() + [names.count]).map { $0..<$1 }
    }
}
