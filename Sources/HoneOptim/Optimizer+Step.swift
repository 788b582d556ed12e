import HoneNN

extension Optimizer {
    /// Changes all trainable parameters by their gradients, which are complete afterwards.
    public func step() {
        endEvaluation()
        arena.completeGradients()
        arena.willChangeValues()
        var prepared: [Int] = []
        // By number: a group is a large value, and to copy it costs more than a small step.
        for index in groups.indices {
            let (rule, number, hasNumbers) = (groups[index].rule, groups[index].ruleNumber, groups[index].hasNumbers)
            if !groups[index].hasScalars {
                forEachStretch(of: index, passingRows: true) { stretch, count, values in
                    rule.update(stretch, step: count + 1, values)
                    if hasNumbers { memory.spreadNumbers(over: stretch.entries) }
                }
            } else if !prepared.contains(number) {
                prepared.append(number)
                stepPrepared(rule, groups.indices.filter { groups[$0].ruleNumber == number })
            }
        }
        // Every parameter is in a group.
        for index in updates.indices where arena.isTrainable(index) { updates[index] += 1 }
    }

    /// The step of all groups of a rule that looks at them together first.
    private func stepPrepared(_ rule: any UpdateRule, _ indices: [Int]) {
        var steps = indices.map { index in
            var pending: [PendingUpdate] = []
            forEachStretch(of: index) { stretch, count, values in
                pending.append(PendingUpdate(stretch: stretch, step: count + 1, values: values))
            }
            return GroupStep(values: groups[index].values, updates: pending, scalars: groups[index].scalars)
        }
        guard steps.contains(where: { !$0.updates.isEmpty }) else { return }
        rule.prepare(&steps)
        for (index, step) in zip(indices, steps) {
            groups[index].scalars = step.scalars
            for update in step.updates {
                rule.update(update.stretch.with(scalars: step.scalars), step: update.step, update.values)
                if groups[index].hasNumbers { memory.spreadNumbers(over: update.stretch.entries) }
            }
        }
    }

    /// Calls `body` with the stretches of the parameters of a group, given by its number, the number of updates that they have had, and their
    /// hyper-parameters. Neighbours that are alike in all this are one stretch, unless the rule wants them apart.
    ///
    /// - Parameters:
    ///   - frozen: whether frozen parameters are among them.
    ///   - passingRows: whether rows without a gradient are passed over where that makes no difference.
    func forEachStretch(
        of number: Int, frozen: Bool = false, passingRows: Bool = false,
        _ body: (UpdateStretch, _ updates: Int, HyperparameterValues) -> Void
    ) {
        guard let parameterStart = arena.values.baseAddress, let gradientStart = arena.gradientsToRead.baseAddress
        else { return }
        // Read once: each access to the optimizer's own is checked.
        let (arena, entries, updates, decaying, memory) = (arena, arena.entries, updates, decays, memory)
        let (values, scalars) = (groups[number].values, groups[number].scalars)
        let passingRows = passingRows && arena.followsRows && !groups[number].hasNumbers
        let undecayed = isDecayFiltered ? groups[number].undecayedValues : values
        // Without an epsilon, the padding between parameters would become 0 / 0.
        let isSeparate = groups[number].seesParameters || values[.epsilon] == 0
        let hasNumbers = groups[number].hasNumbers
        for range in groups[number].entries {
            var index = range.lowerBound
            while index < range.upperBound {
                guard frozen || arena.isTrainable(index), !entries[index].range.isEmpty else {
                    index += 1
                    continue
                }
                let (count, decays, start) = (updates[index], decaying[index], entries[index].range.lowerBound)
                let now = decays ? values : undecayed
                if passingRows, count > 0, let rows = arena.touchedRows(of: entries[index]),
                    groups[number].rule.ignoresZeroGradients(now)
                {
                    let states = memory.pointers(from: index)
                    for range in rows.ranges {
                        let first = range.lowerBound * rows.rowLength
                        let stretch = UpdateStretch(
                            parameters: parameterStart + start + first, gradients: gradientStart + start + first,
                            states: states.map { $0 + first }, count: range.count * rows.rowLength,
                            name: entries[index].name)
                        body(stretch, count, now)
                    }
                    index += 1
                    continue
                }
                var end = index + 1
                while !isSeparate, end < range.upperBound, frozen || arena.isTrainable(end),
                    updates[end] == count, decaying[end] == decays,
                    !passingRows || arena.touchedRows(of: entries[end]) == nil,
                    !hasNumbers || memory.haveSameNumbers(index, end)
                {
                    end += 1
                }
                var stretch = UpdateStretch(
                    parameters: parameterStart + start, gradients: gradientStart + start,
                    states: memory.pointers(from: index),
                    count: entries[end - 1].range.upperBound - start, name: entries[index].name,
                    shape: end == index + 1 ? entries[index].parameter.shape : nil, scalars: scalars)
                stretch.entries = index..<end
                body(stretch, count, now)
                index = end
            }
        }
    }

    /// Forgets what the rules have kept, as if no step had been taken.
    public func reset() {
        endEvaluation()
        memory = RuleMemory(arena, groups)
        for index in groups.indices { groups[index].scalars = groups[index].rule.scalars }
        updates = updates.map { _ in 0 }
    }

    /// Follows the model into an arena that has replaced the old one; what was kept of parameters that are still there,
    /// and that the same rule changes, goes with them.
    ///
    /// - Throws: ``OptimizerError/invalidGroups(_:)`` when the grouping no longer fits; nothing is changed then.
    public func follow(_ arena: ParameterArena, groups grouping: ParameterGrouping) throws {
        let plan = try grouping.plan(arena)
        guard plan.groups.count == groups.count else {
            throw OptimizerError.invalidGroups(
                "the model's parameters now make \(plan.groups.count) groups, not \(groups.count)")
        }
        endEvaluation()
        let former = Dictionary(
            self.arena.entries.enumerated().map { (ObjectIdentifier($1.parameter), $0) },
            uniquingKeysWith: { a, _ in a })
        let (formerMemory, formerUpdates, formerRules) = (memory, updates, ruleNames())
        self.arena = arena
        decays = plan.decays
        layerGroups = plan.layerGroups
        for (index, group) in plan.groups.enumerated() { groups[index].entries = group.entries }
        memory = RuleMemory(arena, groups)
        updates = Array(repeating: 0, count: arena.entries.count)
        for ((index, entry), rule) in zip(arena.entries.enumerated(), ruleNames()) {
            guard let old = former[ObjectIdentifier(entry.parameter)], formerRules[old] == rule else { continue }
            updates[index] = formerUpdates[old]
            for (from, to) in zip(formerMemory.places(old), memory.places(index)) {
                to.memory.fill(to.range, from.memory.copy(from.range))
            }
        }
    }

    /// For each parameter, the name of the rule that changes it.
    private func ruleNames() -> [String] {
        var names = [String](repeating: "", count: arena.entries.count)
        for group in groups { for index in group.entries.joined() { names[index] = group.rule.name } }
        return names
    }
}
