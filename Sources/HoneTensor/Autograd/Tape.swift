import HoneKernels

/// The record of a program's differentiable operations, written as it runs and walked backwards for gradients.
///
/// It is flat: a record an operation, no closures and no graph of objects, so that a million operations cost no stack
/// when they are released. A tape serves one backward pass; ``start()`` makes it ready for the next.
///
/// ```swift
/// let tape = Tape()
/// let slope = try tape.record {
///     let x = tape.watch(Tensor([1, 2, 3]))
///     return try tape.gradients(of: (x * x).sum(), for: [x])[0]
/// }
/// ```
public final class Tape {
    /// What the gradients of one watched tensor are added to.
    public final class Sink {
        /// Where the gradient is kept, as many elements as the watched tensor has.
        let gradient: UnsafeMutablePointer<Float>
        /// Whether `gradient` holds something already; when not, the first contribution overwrites it.
        @exclusivity(unchecked) public var isWritten = false
        /// Which rows have a gradient, for a tensor of which few are used at a time; nil for any other.
        @exclusivity(unchecked) public internal(set) var rows: TouchedRows?

        /// Makes a sink over memory that outlives it.
        public init(_ gradient: UnsafeMutablePointer<Float>) { self.gradient = gradient }

        /// Writes zeros if no backward pass has left a gradient of so many elements.
        public func completeGradient(_ count: Int) {
            if isWritten { return }
            gradient.update(repeating: 0, count: count)
            isWritten = true
        }
    }

    /// One operation: what it was, the slots it joined, and what its backward pass needs.
    struct Record {
        var operation: Operation
        var flag: Bool = false
        /// Whether records appended before this one share its output slot, and so need that slot's gradient after it.
        var isPartial: Bool = false
        var output: Int32
        var input0: Int32 = -1
        var input1: Int32 = -1
        var input2: Int32 = -1
        var integer0: Int = 0
        var integer1: Int = 0
        var scalar: Double = 0
        var saved0: TensorBody?
        var saved1: TensorBody?
        var saved2: TensorBody?
        var custom: AnyObject?
    }

    /// One differentiable value: its shape, and its gradient as far as it is known.
    struct Slot {
        var shape: Shape
        var isKept = false
        var gradient: TensorBody?
        var sink: Sink?
    }

    /// The number of the present recording; tensors carry it. 0 when nothing can be recorded or read any more.
    private(set) var id: UInt64 = 0
    private var records: UnsafeMutablePointer<Record>
    private var recordCapacity = 64
    private(set) var recordCount = 0
    private var slots: UnsafeMutablePointer<Slot>
    private var slotCapacity = 64
    private var slotCount = 0
    /// Strides of the few records that have any.
    @exclusivity(unchecked) private var strides: [Shape.Lengths] = []
    /// Who is to be shown the gradients of which slots.
    @exclusivity(unchecked) private var gradientObservers: [(slot: Int32, observe: (Tensor) -> Void)] = []
    /// Whether the gradient that the walk is at belongs to nobody else.
    private var isSpare = false

    /// Makes an empty tape.
    public init() {
        records = .allocate(capacity: recordCapacity)
        slots = .allocate(capacity: slotCapacity)
    }

    deinit {
        clear()
        records.deallocate()
        slots.deallocate()
    }

    /// Forgets what was recorded and begins a new recording; tensors of the former one become constants.
    public func start() {
        clear()
        let state = Context.current
        id = state.pointee.nextTapeID
        state.pointee.nextTapeID += 1
    }

    /// Ends the recording and lets go of all it held.
    public func clear() {
        records.deinitialize(count: recordCount)
        slots.deinitialize(count: slotCount)
        recordCount = 0
        slotCount = 0
        if !strides.isEmpty { strides.removeAll(keepingCapacity: true) }
        if !gradientObservers.isEmpty { gradientObservers.removeAll() }
        id = 0
    }

    /// Starts a new recording and runs `body` with it: operations on watched tensors and on parameters are recorded.
    public func record<Result>(_ body: () throws -> Result) rethrows -> Result {
        start()
        return try resume(body)
    }

    /// Runs `body` with the present recording going on.
    public func resume<Result>(_ body: () throws -> Result) rethrows -> Result {
        let state = Context.current
        let former = state.pointee.tape
        state.pointee.tape = self
        defer { state.pointee.tape = former }
        return try body()
    }

    /// The same values as a tensor whose gradient can be asked for.
    public func watch(_ tensor: Tensor) -> Tensor {
        let body = TensorBody(viewing: tensor.body, shape: tensor.shape, count: tensor.count)
        guard tensor.elementType == .float32, !tensor.isInert else { return Tensor(body) }
        body.slot = addSlot(tensor.shape)
        body.tapeID = id
        slots[Int(body.slot)].isKept = true
        return Tensor(body)
    }

    /// Shows `observer` the gradient of a recorded operation's result, once all of it is known and before the backward pass
    /// goes on from there. A tensor that is not such a result has none to show; nor has one that the output does not
    /// depend on.
    public func observeGradient(of tensor: Tensor, _ observer: @escaping (Tensor) -> Void) {
        let slot = id == 0 ? -1 : slot(of: tensor)
        if slot >= 0 { gradientObservers.append((slot, observer)) }
    }

    // MARK: Recording

    @inline(__always) func addSlot(_ shape: Shape, sink: Sink? = nil) -> Int32 {
        if slotCount == slotCapacity { growSlots() }
        (slots + slotCount).initialize(to: Slot(shape: shape, sink: sink))
        slotCount += 1
        return Int32(truncatingIfNeeded: slotCount - 1)
    }

    @inline(__always) func append(_ record: Record) {
        if recordCount == recordCapacity { growRecords() }
        (records + recordCount).initialize(to: record)
        recordCount += 1
    }

    /// Appends a record that `complete` fills in where it lies: copying one costs as much as a small operation.
    @inline(__always) func append(
        _ operation: Operation, _ output: Int32, _ input0: Int32, _ input1: Int32 = -1,
        _ complete: (inout Record) -> Void = { _ in }
    ) {
        if recordCount == recordCapacity { growRecords() }
        let record = records + recordCount
        record.initialize(to: Record(operation: operation, output: output, input0: input0, input1: input1))
        complete(&record.pointee)
        recordCount += 1
    }

    /// Appends a record of how elements lie in memory.
    func append(
        _ operation: Operation, _ output: Int32, _ input0: Int32, _ layout: StridedLayout, isPartial: Bool = false,
        saving body: TensorBody? = nil
    ) {
        strides.append(layout.strides)
        append(operation, output, input0) {
            $0.isPartial = isPartial
            $0.saved0 = body
            $0.integer0 = layout.offset
            $0.integer1 = strides.count - 1
        }
    }

    /// The layout that a record was appended with.
    func layout(of record: Record, _ shape: Shape) -> StridedLayout {
        StridedLayout(shape, strides: strides[record.integer1], offset: record.integer0)
    }

    /// The slot of a tensor in the present recording, -1 for a constant.
    @inline(__always) func slot(of tensor: Tensor) -> Int32 {
        tensor.body.tapeID == id ? tensor.body.slot : -1
    }

    /// Enters an operation's result, and gives the slot for its record.
    @inline(__always) func enter(_ output: Tensor) -> Int32 {
        let slot = addSlot(output.shape)
        output.body.slot = slot
        output.body.tapeID = id
        return slot
    }

    @inline(never) private func growRecords() {
        let larger = UnsafeMutablePointer<Record>.allocate(capacity: 2 * recordCapacity)
        larger.moveInitialize(from: records, count: recordCount)
        records.deallocate()
        records = larger
        recordCapacity *= 2
    }

    @inline(never) private func growSlots() {
        let larger = UnsafeMutablePointer<Slot>.allocate(capacity: 2 * slotCapacity)
        larger.moveInitialize(from: slots, count: slotCount)
        slots.deallocate()
        slots = larger
        slotCapacity *= 2
    }

    // MARK: Walking back

    /// Walks the recording backwards from `output`, adding to the gradients of all that was watched and of all
    /// parameters, and ends the recording.
    ///
    /// - Parameter seed: the gradient of what is differentiated with respect to `output`; ones when nil.
    /// - Throws: ``TensorError`` when the recording is over, when it does not know `output`, or when the seed's shape
    ///   is not the output's.
    public func backward(from output: Tensor, seed: Tensor? = nil) throws {
        if let seed, seed.shape != output.shape {
            throw TensorError(
                operation: "backward", problem: "the seed is \(seed.shape), expected \(output.shape) as the output")
        }
        try walk(from: output, seed: seed.map { .tensor($0) } ?? .scalar(1))
        clear()
    }

    /// Walks back from a scalar whose gradient is `scale`: the same as differentiating `scale * output`.
    public func backward(from output: Tensor, scale: Float) throws {
        try walk(from: output, seed: .scalar(scale))
        clear()
    }

    /// The gradients of `output` with respect to watched tensors (zeros where it does not depend on one); ends the
    /// recording.
    ///
    /// - Throws: as ``backward(from:seed:)``, and when a tensor of `inputs` is not part of the recording.
    public func gradients(of output: Tensor, for inputs: [Tensor], seed: Tensor? = nil) throws -> [Tensor] {
        for (index, input) in inputs.enumerated() {
            let slot = id == 0 ? -1 : slot(of: input)
            guard slot >= 0 else { throw notRecorded("tensor \(index) of \(input.shape)") }
            slots[Int(slot)].isKept = true
        }
        if let seed, seed.shape != output.shape {
            throw TensorError(
                operation: "gradients", problem: "the seed is \(seed.shape), expected \(output.shape) as the output")
        }
        try walk(from: output, seed: seed.map { .tensor($0) } ?? .scalar(1))
        let result = inputs.map { input -> Tensor in
            let slot = slots[Int(input.body.slot)]
            if let sink = slot.sink {
                return Tensor.build(slot.shape) { out in
                    out.baseAddress?.update(from: sink.gradient, count: out.count)
                }
            }
            return slot.gradient.map(Tensor.init) ?? .zeros(slot.shape)
        }
        clear()
        return result
    }

    private func notRecorded(_ what: String) -> TensorError {
        TensorError(
            operation: "backward",
            problem: id == 0
                ? "the recording is over: a tape serves one backward pass, then start() begins the next"
                : "\(what) does not depend on anything that this tape watches")
    }

    private enum Seed {
        case scalar(Float)
        case tensor(Tensor)
    }

    /// Nothing is recorded meanwhile: backward passes are written with the same operations as forward ones.
    private func walk(from output: Tensor, seed: Seed) throws {
        let state = Context.current
        let recording = state.pointee.tape
        state.pointee.tape = nil
        defer { state.pointee.tape = recording }
        let start = id == 0 ? -1 : slot(of: output)
        guard start >= 0 else { throw notRecorded("the output of \(output.shape)") }
        let (target, accumulates) = target(start)
        switch seed {
        case .scalar(let value):
            if accumulates {
                for i in 0..<output.count { target[i] += value }
            } else {
                hone_fill(HONE_ISA_AUTO, value, target, output.count)
            }
        case .tensor(let tensor):
            addOrCopy(tensor.body.floats, target, output.count, accumulates)
        }
        while recordCount > 0 {
            recordCount -= 1
            let record = (records + recordCount).move()
            let entry = slots + Int(record.output)
            let isDone = !entry.pointee.isKept && !record.isPartial
            guard var gradient = isDone ? entry.pointee.gradient.take() : entry.pointee.gradient else { continue }
            // One who keeps it makes it no longer ours to overwrite.
            if !gradientObservers.isEmpty { show(gradient, of: record.output) }
            isSpare = isDone && isKnownUniquelyReferenced(&gradient) && gradient.ownsMemory
            record.operation.backward(record, gradient, self)
        }
    }

    /// Calls a slot's observers; the slot's other records, if it has more, are not the gradient's end.
    @inline(never) private func show(_ gradient: TensorBody, of slot: Int32) {
        let observers = gradientObservers.filter { $0.slot == slot }
        gradientObservers.removeAll { $0.slot == slot }
        for (_, observe) in observers { observe(Tensor(gradient)) }
    }

    // MARK: Gradients of slots, for the operations' backward passes

    /// Where to put a contribution to a slot's gradient, and whether to add it to what is there.
    @inline(__always) func target(_ slot: Int32) -> (pointer: UnsafeMutablePointer<Float>, accumulates: Bool) {
        let entry = slots + Int(slot)
        if let sink = entry.pointee.sink {
            let accumulates = sink.isWritten
            sink.isWritten = true
            sink.rows?.writes += 1
            return (sink.gradient, accumulates)
        }
        if isKnownUniquelyReferenced(&entry.pointee.gradient), let gradient = entry.pointee.gradient,
            gradient.ownsMemory
        {
            return (gradient.floats, true)
        }
        if let shared = entry.pointee.gradient {
            // The gradient is shared with another slot: what is added here must not reach there.
            let own = TensorBody(shared.shape, count: shared.count, type: .float32)
            own.memory.copyMemory(from: shared.memory, byteCount: 4 * shared.count)
            entry.pointee.gradient = own
            return (own.floats, true)
        }
        let fresh = TensorBody(
            entry.pointee.shape, count: entry.pointee.shape.count, type: .float32)
        entry.pointee.gradient = fresh
        return (fresh.floats, false)
    }

    /// As `target`, for what is computed element by element from the gradient being walked over: in that gradient's own
    /// memory, if nobody else needs it.
    @inline(__always) func target(
        _ slot: Int32, over gradient: TensorBody
    ) -> (pointer: UnsafeMutablePointer<Float>, accumulates: Bool) {
        let entry = slots + Int(slot)
        if isSpare, entry.pointee.sink == nil, entry.pointee.gradient == nil {
            isSpare = false
            entry.pointee.gradient = gradient
            return (gradient.floats, false)
        }
        return target(slot)
    }

    /// Memory for what a backward pass makes, element by element, of the gradient being walked over before it goes on: that
    /// gradient's own, if nobody else needs it.
    @inline(__always) func scratch(over gradient: TensorBody) -> TensorBody {
        if isSpare {
            isSpare = false
            return gradient
        }
        return TensorBody(gradient.shape, count: gradient.count, type: .float32)
    }

    /// Adds a whole gradient to a slot; the first one is taken over without a copy.
    @inline(__always) func give(_ gradient: TensorBody, to slot: Int32) {
        let entry = slots + Int(slot)
        if entry.pointee.sink == nil && entry.pointee.gradient == nil {
            let shape = entry.pointee.shape
            entry.pointee.gradient =
                gradient.shape == shape ? gradient : TensorBody(viewing: gradient, shape: shape, count: gradient.count)
            return
        }
        let (target, accumulates) = target(slot)
        addOrCopy(gradient.floats, target, gradient.count, accumulates)
    }

    @inline(__always) func shape(of slot: Int32) -> Shape { slots[Int(slot)].shape }

    @inline(__always) func sink(of slot: Int32) -> Sink? { slots[Int(slot)].sink }
}

/// target (+)= source.
@inline(__always) func addOrCopy(
    _ source: UnsafeMutablePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ count: Int, _ accumulates: Bool
) {
    if accumulates {
        hone_axpy(HONE_ISA_AUTO, 1, source, target, count)
    } else {
        target.update(from: source, count: count)
    }
}

/// Runs `body` with nothing recorded: its results are constants.
public func withoutGradient<Result>(_ body: () throws -> Result) rethrows -> Result {
    let state = Context.current
    let former = state.pointee.tape
    state.pointee.tape = nil
    defer { state.pointee.tape = former }
    return try body()
}
