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

    /// For each parameter, where its states begin, in the rule's order: asked at every step.
    private var starts: [[UnsafeMutablePointer<Float>]] = []

    /// For each parameter, which of its states are numbers.
    private let numbers: [[Int]]

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
        numbers = states.map { states in states.indices.filter { states[$0].isNumber } }
        apart = zip(arena.entries, states).map { entry, states in
            states.compactMap { $0.count.map { StateMemory($0(entry.parameter.shape)) } }
        }
        starts = arena.entries.indices.map { index in
            places(index).map { $0.memory.start + $0.range.lowerBound }
        }
    }

    /// The states of a stretch that begins with a parameter, in the rule's order.
    func pointers(from index: Int) -> [UnsafeMutablePointer<Float>] { starts[index] }

    /// Whether two parameters of one rule have the same numbers.
    func haveSameNumbers(_ a: Int, _ b: Int) -> Bool {
        numbers[a].allSatisfy { starts[a][$0].pointee.bitPattern == starts[b][$0].pointee.bitPattern }
    }

    /// Gives the parameters of a stretch the numbers of its first one, which alone an update sees.
    func spreadNumbers(over entries: Range<Int>) {
        for index in entries.dropFirst() {
            for place in numbers[index] { starts[index][place].pointee = starts[entries.lowerBound][place].pointee }
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
