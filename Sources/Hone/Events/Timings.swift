/// Where a run's time went: each callback's share, counted always.
public struct Timings: Sendable, CustomStringConvertible {
    /// One callback's share.
    public struct Entry: Sendable, Equatable {
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

    /// A table, the slowest first.
    public var description: String {
        let rows = callbacks.sorted { $0.nanoseconds > $1.nanoseconds }.map { entry in
            let milliseconds = Double(entry.nanoseconds) / 1e6
            let share = total == 0 ? 0 : 100 * Double(entry.nanoseconds) / Double(total)
            return [entry.name, "\(entry.calls)", format(milliseconds, 2), format(share, 1)]
        }
        return TextTable(header: ["callback", "calls", "ms", "%"], rows: rows).description
    }
}
