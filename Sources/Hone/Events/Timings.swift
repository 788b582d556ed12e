/// Where a run's time went: each callback's share, counted always. `print(learner.timings)` shows a table.
public struct Timings: Sendable, Codable, CustomStringConvertible {
    /// One callback's share.
    public struct Entry: Sendable, Equatable, Codable {
        /// The callback's identifier.
        public let name: String
        /// The number of hooks that were called.
        public var calls: Int
        /// The time they took, in nanoseconds.
        public var nanoseconds: UInt64
    }

    /// The callbacks of the last run, in the order of its plan.
    public internal(set) var callbacks: [Entry] = []

    /// The whole run's time, in nanoseconds.
    public internal(set) var total: UInt64 = 0

    /// The callback that took most time, or nil when there was none.
    public var slowest: Entry? { callbacks.max { $0.nanoseconds < $1.nanoseconds } }

    /// The time of the run outside of all callbacks: data, model, optimizer and the loop itself, in nanoseconds.
    public var loop: UInt64 {
        let sum = callbacks.reduce(UInt64(0)) { $0 + $1.nanoseconds }
        return total > sum ? total - sum : 0
    }

    /// A table, the slowest callback first, and what is left for the loop last.
    public var description: String {
        let entries = callbacks.sorted { $0.nanoseconds > $1.nanoseconds }
        let rows = entries.map { row($0.name, calls: "\($0.calls)", $0.nanoseconds, perCall: $0.calls) }
        return TextTable(
            header: ["callback", "calls", "us/call", "ms", "%"], rows: rows + [row("(the loop)", calls: "", loop)]
        ).description
    }

    private func row(_ name: String, calls: String, _ nanoseconds: UInt64, perCall count: Int = 0) -> [String] {
        let time = Double(nanoseconds)
        let share = total == 0 ? 0 : 100 * time / Double(total)
        return [
            name, calls, count == 0 ? "" : format(time / 1e3 / Double(count), 2), format(time / 1e6, 2),
            format(share, 1),
        ]
    }
}
