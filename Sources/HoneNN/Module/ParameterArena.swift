import HoneKernels
import HoneTensor

/// All parameters of a model as two stretches of memory: values, and gradients in the same layout.
///
/// Zeroing, norms, clipping, optimizer steps, averages and snapshots are each one pass over them. Parameters lie in
/// order of declaration; each begins at a multiple of ``alignment`` elements, and what lies between is zero and stays
/// zero. The memory belongs to the model: two arenas of one model are the same memory, and a parameter that another
/// model takes over moves to that model's.
public final class ParameterArena {
    /// One parameter's place.
    public struct Entry {
        /// All names of the parameter; a tied one has several.
        public let names: [String]
        /// The parameter.
        public let parameter: Parameter
        /// Its elements within the arena.
        public let range: Range<Int>
        let sink: Tape.Sink
        let view: TensorView

        /// The first name.
        public var name: String { names[0] }
    }

    /// Every parameter begins at a multiple of this many elements: a cache line.
    public static let alignment = 16

    /// The parameters in order.
    public let entries: [Entry]

    /// Where the model says that its groups begin; nil when it does not say.
    public let groupStarts: [String]?

    private let memory: ArenaMemory

    /// What each step asks of every entry, without the reference counts that the whole entry costs.
    private let parts: [Parts]

    private struct Parts {
        let parameter: Unmanaged<Parameter>
        let sink: Unmanaged<Tape.Sink>
        let view: Unmanaged<TensorView>
        let count: Int
    }

    private init(
        _ walk: [(parameter: Parameter, names: [String])], _ memory: ArenaMemory, groupStarts: [String]?
    ) {
        self.memory = memory
        self.groupStarts = groupStarts
        entries = walk.compactMap { parameter, names in
            parameter.place.map {
                Entry(names: names, parameter: parameter, range: $0.range, sink: $0.sink, view: $0.view)
            }
        }
        parts = entries.map {
            Parts(
                parameter: .passUnretained($0.parameter), sink: .passUnretained($0.sink),
                view: .passUnretained($0.view),
                count: $0.range.count)
        }
    }

    /// The arena of a model, where its parameters are already or now move, with their values. Values that were never
    /// drawn are drawn from `seed` and the parameter's name.
    @discardableResult public static func adopt(_ model: any Module, seed: UInt64) -> ParameterArena {
        adopt(ModuleWalk(model).parameters, seed: seed, groupStarts: (model as? any LayerGrouped)?.groupStarts)
    }

    /// Sees that every parameter of a walk has a place. Those that have one stay where they are, which may be the arena
    /// of a larger model: to read a part of a model, or to load values into it, must not take it out of the whole.
    static func place(_ walk: ModuleWalk, seed: UInt64) {
        if walk.parameters.contains(where: { $0.parameter.place == nil }) { _ = adopt(walk.parameters, seed: seed) }
    }

    /// A parameter that is used outside of every module has an arena to itself.
    static func adopt(lone parameter: Parameter) {
        _ = adopt([(parameter, ["parameter"])], seed: 0)
    }

    private static func adopt(
        _ walk: [(parameter: Parameter, names: [String])], seed: UInt64, groupStarts: [String]? = nil
    ) -> ParameterArena {
        var ranges: [Range<Int>] = []
        var offset = 0
        for (parameter, _) in walk {
            ranges.append(offset..<offset + parameter.shape.count)
            offset = padded(offset + parameter.shape.count)
        }
        if let memory = walk.first?.parameter.place?.memory, memory.count == offset,
            zip(walk, ranges).allSatisfy({ $0.parameter.place?.memory === memory && $0.parameter.place?.range == $1 })
        {
            return ParameterArena(walk, memory, groupStarts: groupStarts)
        }
        let memory = ArenaMemory(count: offset)
        let key = RandomKey(seed: seed)
        for ((parameter, names), range) in zip(walk, ranges) {
            let value = parameter.knownValue ?? parameter.initialiser.draw(parameter.shape, key.derived(names[0]))
            if parameter.key == nil { parameter.key = key.derived(names[0]) }
            let sink = Tape.Sink(memory.gradients + range.lowerBound)
            let view = TensorView(memory.values + range.lowerBound, shape: parameter.shape, sink: sink)
            parameter.move(to: Parameter.Place(memory: memory, range: range, sink: sink, view: view))
            parameter.value = value
        }
        return ParameterArena(walk, memory, groupStarts: groupStarts)
    }

    private static func padded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }

    /// Whether all parameters still live here: those of a module that another model took over have moved.
    public var isCurrent: Bool { entries.allSatisfy { $0.parameter.place?.memory === memory } }

    /// Draws all values anew from the seed and each parameter's name.
    public func initialise(seed: UInt64) {
        ParameterArena.draw(entries.map { ($0.parameter, $0.name) }, seed: seed)
    }

    static func draw(_ parameters: [(parameter: Parameter, name: String)], seed: UInt64) {
        let key = RandomKey(seed: seed)
        for (parameter, name) in parameters {
            parameter.key = key.derived(name)
            parameter.value = parameter.initialiser.draw(parameter.shape, key.derived(name))
        }
    }

    /// Runs `body` with this as the only arena whose trainable parameters the thread's modules may use: any other was
    /// missed by the walk, and would silently not be trained.
    public func withExclusiveUse<Result>(_ body: () throws -> Result) rethrows -> Result {
        let former = ModuleTrace.owner
        ModuleTrace.owner = Unmanaged.passUnretained(memory as AnyObject)
        defer { ModuleTrace.owner = former }
        return try body()
    }

    // MARK: Values and gradients

    /// The elements of the whole arena, with the padding.
    public var count: Int { memory.count }

    /// All values, with the padding. Before changing them, call ``willChangeValues()``.
    public var values: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: memory.values, count: count)
    }

    /// All gradients, with the padding; complete after ``completeGradients()``. What is written here counts, also in rows
    /// of a large parameter that no backward pass has reached (see ``touchedRows(of:)``), which are then no longer passed
    /// over.
    public var gradients: UnsafeMutableBufferPointer<Float> {
        if memory.followsRows { for entry in entries { entry.sink.rows?.forget() } }
        return UnsafeMutableBufferPointer(start: memory.gradients, count: count)
    }

    /// As ``gradients``, for reading alone.
    public var gradientsToRead: UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: memory.gradients, count: count)
    }

    /// Whether there are parameters of which only the rows that have a gradient may need to be looked at.
    public var followsRows: Bool { memory.followsRows }

    /// The rows, along the first axis, that have a gradient, if only few of a large parameter have: all others are 0.
    /// Nil when any may have.
    public func touchedRows(of entry: Entry) -> (ranges: [Range<Int>], rowLength: Int)? {
        guard let rows = entry.sink.rows, let ranges = rows.ranges else { return nil }
        return (ranges, rows.rowLength)
    }

    /// Tells those who kept a parameter's tensor that the values are about to change.
    public func willChangeValues() {
        for part in parts { part.view._withUnsafeGuaranteedRef { $0.release() } }
    }

    /// Forgets all gradients, without touching their memory: the next contribution overwrites what is there.
    public func zeroGradients() {
        var followsRows = false
        for part in parts where part.sink._withUnsafeGuaranteedRef({ $0.forgetGradient() }) { followsRows = true }
        memory.followsRows = followsRows
    }

    /// Multiplies all gradients, which are complete, by a factor. Rows without a gradient stay so.
    public func scaleGradients(by factor: Float) { hone_scale(HONE_ISA_AUTO, factor, memory.gradients, count) }

    /// The sum of the squares of the gradients, which are complete, of a range of elements; of all when nil.
    public func sumOfSquaredGradients(_ range: Range<Int>? = nil) -> Double {
        let range = range ?? 0..<count
        return hone_sum_squares(HONE_ISA_AUTO, memory.gradients + range.lowerBound, range.count)
    }

    /// Writes zeros where no backward pass left a gradient, so that the whole memory may be read.
    public func completeGradients() {
        for part in parts { part.sink._withUnsafeGuaranteedRef { $0.completeGradient(part.count) } }
    }

    /// Whether an optimizer may change the parameter of a number.
    public func isTrainable(_ index: Int) -> Bool {
        parts[index].parameter._withUnsafeGuaranteedRef { $0.isTrainable }
    }

    /// The runs of elements that an optimizer may change: neighbouring trainable parameters are one range.
    public func trainableRanges(in indices: Range<Int>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for entry in entries[indices] where entry.parameter.isTrainable && !entry.range.isEmpty {
            let end = ParameterArena.padded(entry.range.upperBound)
            if let last = ranges.last, last.upperBound == entry.range.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<end
            } else {
                ranges.append(entry.range.lowerBound..<end)
            }
        }
        return ranges
    }
}
