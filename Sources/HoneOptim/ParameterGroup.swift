/// Neighbouring parameters that share hyper-parameters, and the rule that changes them.
public struct ParameterGroup {
    /// The group's parameters, as positions in the arena's entries.
    public internal(set) var entries: Range<Int>

    /// How they are changed.
    public let rule: any UpdateRule

    /// The values that were set, before modifiers.
    public internal(set) var base: HyperparameterValues

    /// Factors on the base values, by who set them.
    var modifiers: [(key: Hyperparameter, owner: String, factor: Double)] = []

    /// The base values times all modifiers: what the next step uses.
    public var values: HyperparameterValues {
        var result = base
        for modifier in modifiers {
            if let value = result[modifier.key] { result[modifier.key] = value * modifier.factor }
        }
        return result
    }
}

/// Where a model's parameters are cut into groups.
public enum ParameterGrouping: Hashable, Sendable {
    /// All parameters in one group.
    case whole
    /// A further group begins with the first parameter whose name begins with each of these, in the model's order:
    /// `.startingAt(["head"])` makes two groups.
    case startingAt([String])

    /// The ranges of `names` that the groups are.
    ///
    /// - Throws: ``OptimizerError/invalidGroups(_:)`` when a prefix fits no name, or they are out of order.
    func ranges(_ names: [String]) throws -> [Range<Int>] {
        guard case .startingAt(let prefixes) = self else { return [0..<names.count] }
        var starts = [0]
        for prefix in prefixes {
            guard let index = names.firstIndex(where: { $0 == prefix || $0.hasPrefix(prefix + ".") }) else {
                throw OptimizerError.invalidGroups("no parameter's name begins with '\(prefix)'; there are: \(names)")
            }
            guard index > (starts.last ?? 0) else {
                throw OptimizerError.invalidGroups("'\(prefix)' does not come after the group before it")
            }
            starts.append(index)
        }
        return zip(starts, starts.dropFirst() + [names.count]).map { $0..<$1 }
    }
}
