import HoneNN

/// All that the rules of an optimizer keep for the parameters of an arena: what is as large as they are lies in the
/// arena's layout, what has a size of its own lies apart.
final class RuleMemory {
    /// One elements' state in the arena's layout for each of the largest number that a rule keeps.
    private var shared: [StateMemory]

    /// For each parameter, its states of other sizes, in the rule's order.
    private var apart: [[StateMemory]]

    /// For each parameter, the states of its group's rule.
    private let states: [[RuleState]]
    private let arena: ParameterArena

    init(_ arena: ParameterArena, _ groups: [ParameterGroup]) {
        self.arena = arena
        let most = groups.map { group in group.rule.states.count { $0.count == nil } }.max() ?? 0
        shared = (0..<most).map { _ in StateMemory(arena.count) }
        var states = [[RuleState]](repeating: [], count: arena.entries.count)
        for group in groups {
            let kept = group.rule.states
            for index in group.entries.joined() { states[index] = kept }
        }
        self.states = states
        apart = zip(arena.entries, states).map { entry, states in
            states.compactMap { $0.count.map { StateMemory($0(entry.parameter.shape)) } }
        }
    }

    /// The states of a stretch that begins with a parameter, in the rule's order.
    func pointers(_ states: [RuleState], from index: Int) -> [UnsafeMutablePointer<Float>] {
        let start = arena.entries[index].range.lowerBound
        var (next, nextApart) = (0, 0)
        return states.map { state in
            if state.count == nil {
                next += 1
                return shared[next - 1].start + start
            }
            nextApart += 1
            return apart[index][nextApart - 1].start
        }
    }

    /// Where each state of a parameter lies.
    func places(_ index: Int) -> [(name: String, memory: StateMemory, range: Range<Int>)] {
        var (next, nextApart) = (0, 0)
        return states[index].map { state in
            if state.count == nil {
                next += 1
                return (state.name, shared[next - 1], arena.entries[index].range)
            }
            nextApart += 1
            let memory = apart[index][nextApart - 1]
            return (state.name, memory, 0..<memory.count)
        }
    }
}
