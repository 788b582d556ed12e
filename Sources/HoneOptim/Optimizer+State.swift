import HoneNN

extension Optimizer {
    /// All that an optimizer is made of beside the parameters: by the parameters' names, so that it can be saved, and
    /// read by a model that declares them in another order.
    public struct State: Sendable, Equatable, Codable {
        /// What is kept of one parameter.
        public struct Kept: Sendable, Equatable, Codable {
            /// How many updates it has had.
            public var updates: Int
            /// What the rule keeps, by name; nothing before the first update.
            public var states: [String: [Float]]
        }

        /// A group's rule, base values and numbers.
        public struct Group: Sendable, Equatable, Codable {
            /// The rule's name.
            public var rule: String
            /// The base values of the hyper-parameters.
            public var values: HyperparameterValues
            /// What the rule keeps for the whole group.
            public var scalars: [String: Double]
            /// The rate that a multiplier of 1 stands for; nil leaves the optimizer's as it is.
            public var referenceRate: Double?
        }

        /// What is kept, by parameter.
        public var parameters: [String: Kept]
        /// The groups in order.
        public var groups: [Group]
    }

    /// A copy of what the rules have kept, and of the base values of the hyper-parameters.
    public var state: State {
        var parameters: [String: State.Kept] = [:]
        for (index, entry) in arena.entries.enumerated() {
            var kept = State.Kept(updates: updates[index], states: [:])
            if updates[index] > 0 {
                for place in memory.places(index) { kept.states[place.name] = place.memory.copy(place.range) }
            }
            parameters[entry.name] = kept
        }
        return State(
            parameters: parameters,
            groups: groups.map {
                State.Group(
                    rule: $0.rule.name, values: $0.base, scalars: $0.scalars, referenceRate: $0.base.referenceRate)
            })
    }

    /// Puts a copied state back.
    ///
    /// - Throws: ``OptimizerError/stateMismatch(_:)`` when it is of an optimizer or model of another kind, with the first
    ///   difference; nothing is changed then.
    public func restore(_ state: State) throws {
        try check(state)
        endEvaluation()
        for (index, entry) in arena.entries.enumerated() {
            guard let kept = state.parameters[entry.name] else { continue }
            updates[index] = kept.updates
            for place in memory.places(index) {
                if let values = kept.states[place.name] {
                    place.memory.fill(place.range, values)
                } else {
                    place.memory.clear(place.range)
                }
            }
        }
        for (index, group) in state.groups.enumerated() {
            let referenceRate = group.referenceRate ?? groups[index].base.referenceRate
            groups[index].base = group.values
            groups[index].base.referenceRate = referenceRate
            groups[index].scalars = group.scalars
        }
    }

    /// Refuses a state that does not fit, and changes nothing.
    ///
    /// - Throws: ``OptimizerError/stateMismatch(_:)`` with the first difference.
    public func check(_ state: State) throws {
        func expect(_ condition: Bool, _ problem: @autoclosure () -> String) throws {
            if !condition { throw OptimizerError.stateMismatch(problem()) }
        }
        try expect(
            state.groups.count == groups.count, "it has \(state.groups.count) groups, the optimizer has \(groups.count)"
        )
        for (index, (saved, group)) in zip(state.groups, groups).enumerated() {
            try expect(
                saved.rule == group.rule.name,
                "group \(index) was changed by \(saved.rule), here it is by \(group.rule.name)")
            try expect(
                saved.values.keys == group.base.keys && saved.scalars.keys == group.scalars.keys,
                "group \(index) has the values \(saved.values.keys), expected \(group.base.keys)")
        }
        let names = Set(arena.entries.map(\.name))
        for name in state.parameters.keys.sorted() where !names.contains(name) {
            throw OptimizerError.stateMismatch("it knows a parameter '\(name)' that the model does not have")
        }
        for (index, entry) in arena.entries.enumerated() {
            guard let kept = state.parameters[entry.name] else {
                throw OptimizerError.stateMismatch("it knows no parameter '\(entry.name)'")
            }
            for place in memory.places(index) where kept.updates > 0 {
                let count = kept.states[place.name]?.count ?? 0
                try expect(
                    count == place.range.count,
                    "'\(entry.name)' has \(count) elements of \(place.name), expected \(place.range.count)")
            }
        }
    }
}
