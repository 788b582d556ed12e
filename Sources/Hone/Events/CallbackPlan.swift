import HoneKernels
import HoneOptim

/// The callbacks of a run in the order in which they are called, worked out once when the set changes.
final class CallbackPlan {
    /// A callback with its name and its time.
    struct Entry {
        let callback: any Callback
        let name: String
        let states: RunStates
    }

    let entries: [Entry]
    /// The entries' callbacks alone: what a delivery reads.
    private let callbacks: [any Callback]
    /// Which of them is being called; none when negative.
    @exclusivity(unchecked) private var speaking = -1
    /// Time, in the processor's ticks, and calls of each entry. Raw memory: this is written many times a batch.
    private let ticks: UnsafeMutablePointer<UInt64>
    private let calls: UnsafeMutablePointer<Int>
    /// Ticks and nanoseconds when the counting began.
    private var start = (ticks: hone_ticks(), nanoseconds: hone_clock_ns())

    /// Orders the callbacks that join a kind of run: by phase, then by their constraints, then as they were added. Those
    /// of the phase `end` and later ones are left out.
    ///
    /// - Throws: ``CallbackPlanError`` for constraints that cannot be met or name a callback that is not there, and for a
    ///   callback that is there twice.
    init(_ all: [any Callback], for kind: RunKind?, before end: Phase? = nil) throws {
        for (index, callback) in all.enumerated() where all[..<index].contains(where: { $0 === callback }) {
            throw CallbackPlanError.duplicate(callback.identifier)
        }
        var counts: [String: Int] = [:]
        let named = all.map { callback -> (callback: any Callback, name: String) in
            let count = counts[callback.identifier, default: 0] + 1
            counts[callback.identifier] = count
            return (callback, count == 1 ? callback.identifier : "\(callback.identifier)#\(count)")
        }
        let order = try CallbackPlan.sorted(named)
        entries = order.map { named[$0] }
            .filter { entry in kind.map { entry.callback.joins.contains($0) } ?? true }
            .filter { entry in end.map { entry.callback.phase < $0 } ?? true }
            .map { Entry(callback: $0.callback, name: $0.name, states: RunStates(of: $0.callback)) }
        callbacks = entries.map(\.callback)
        ticks = .allocate(capacity: max(1, entries.count))
        calls = .allocate(capacity: max(1, entries.count))
        ticks.initialize(repeating: 0, count: max(1, entries.count))
        calls.initialize(repeating: 0, count: max(1, entries.count))
    }

    deinit {
        ticks.deallocate()
        calls.deallocate()
    }

    // MARK: Order

    private static func sorted(_ named: [(callback: any Callback, name: String)]) throws -> [Int] {
        // before[i] are those that must have been called when i is.
        var before: [[Int]] = Array(repeating: [], count: named.count)
        for (index, (callback, name)) in named.enumerated() {
            for type in callback.runsAfter {
                let others = try find(type, in: named, for: name, "after", besides: index)
                before[index] += others
            }
            for type in callback.runsBefore {
                for other in try find(type, in: named, for: name, "before", besides: index) {
                    before[other].append(index)
                }
            }
        }
        for (index, (callback, _)) in named.enumerated() {
            before[index] += named.indices.filter { named[$0].callback.phase < callback.phase }
        }
        var order: [Int] = []
        var left = Array(named.indices)
        while !left.isEmpty {
            let placed = Set(order)
            let ready = left.filter { before[$0].allSatisfy(placed.contains) }
            // Of those that may come now the earliest phase goes first, then the one that was added first.
            guard let next = ready.min(by: { (named[$0].callback.phase, $0) < (named[$1].callback.phase, $1) }) else {
                throw CallbackPlanError.cycle(circle(left, before).map { named[$0].name })
            }
            order.append(next)
            left.removeAll { $0 == next }
        }
        return order
    }

    private static func find(
        _ type: any Callback.Type, in named: [(callback: any Callback, name: String)], for name: String,
        _ relation: String, besides own: Int
    ) throws -> [Int] {
        func isInstance<T: Callback>(_ callback: any Callback, _: T.Type) -> Bool { callback is T }
        let found = named.indices.filter { $0 != own && isInstance(named[$0].callback, type) }
        if found.isEmpty { throw CallbackPlanError.unknown(callback: name, constraint: "\(relation) \(type)") }
        return found
    }

    /// Callbacks that wait for each other, each before the next.
    private static func circle(_ left: [Int], _ before: [[Int]]) -> [Int] {
        var path: [Int] = [left[0]]
        while true {
            guard let last = path.last, let next = before[last].first(where: left.contains) else { return path }
            if let start = path.firstIndex(of: next) { return path[start...].reversed() }
            path.append(next)
        }
    }

    /// Refuses two callbacks that set the base value of one hyper-parameter.
    func refuseConflicts() throws {
        var writers: [Hyperparameter: String] = [:]
        for entry in entries {
            for key in entry.callback.writes {
                if let first = writers[key] {
                    throw CallbackPlanError.conflict(hyperparameter: key.name, first: first, second: entry.name)
                }
                writers[key] = entry.name
            }
        }
    }

    // MARK: Delivery

    /// The name of the callback that is being called, or nil.
    var speaker: String? { speaking < 0 ? nil : entries[speaking].name }

    /// Calls the hook of every callback in order, and counts each one's time: one look at the clock between two. When one
    /// throws, it stays the speaker.
    @inline(__always) func deliver(_ body: (any Callback) throws -> Void) rethrows {
        let former = speaking
        var time = hone_ticks()
        var index = 0
        while index < callbacks.count {
            speaking = index
            try body(callbacks[index])
            let now = hone_ticks()
            ticks[index] &+= now &- time
            calls[index] &+= 1
            time = now
            index += 1
        }
        speaking = former
    }

    /// Calls the hook of every callback, the last first.
    func deliverReversed(_ body: (any Callback) -> Void) {
        for index in callbacks.indices.reversed() {
            speaking = index
            body(callbacks[index])
        }
        speaking = -1
    }

    /// Makes ready for a run: the counted times are zero.
    func reset() {
        ticks.update(repeating: 0, count: max(1, entries.count))
        calls.update(repeating: 0, count: max(1, entries.count))
        start = (hone_ticks(), hone_clock_ns())
        speaking = -1
    }

    var timings: [Timings.Entry] {
        let passed = hone_ticks() &- start.ticks
        let tick = passed == 0 ? 0 : Double(hone_clock_ns() - start.nanoseconds) / Double(passed)
        return entries.indices.map {
            Timings.Entry(
                name: entries[$0].name, calls: calls[$0], nanoseconds: UInt64((tick * Double(ticks[$0])).rounded()))
        }
    }
}
