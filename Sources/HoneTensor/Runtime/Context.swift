import Foundation
import HoneKernels

/// What the operations of one thread share: the tape that records them, the pool that gives them memory, and what is
/// to happen with the first mistake.
///
/// It is a plain structure behind a thread-local pointer: an operation on tiny tensors costs tens of nanoseconds, in
/// which a retained object and its exclusivity checks would be felt.
struct ContextState {
    /// The tape that records, or nil.
    var tape: Tape? {
        didSet { recorder = tape.map(Unmanaged.passUnretained) }
    }
    /// The same tape without reference counts, which every operation would have to pay for.
    private(set) var recorder: Unmanaged<Tape>?
    /// Memory for new tensors.
    var pool: StoragePool {
        didSet { poolMemory = pool.pointer }
    }
    /// The same pool without reference counts.
    private(set) var poolMemory: OpaquePointer
    /// How many scopes collect mistakes instead of trapping.
    var collecting = 0
    /// The first mistake within the outermost such scope.
    var firstError: (any Error)?
    /// The modules being called, outermost first.
    var modules: [Unmanaged<AnyObject>] = []
    /// Names the innermost of `modules`; set by HoneNN with the outermost call.
    var locate: (@Sendable ([AnyObject]) -> String)?
    /// Whose parameters alone the modules may use; set by HoneNN for a run.
    var owner: Unmanaged<AnyObject>?
    /// Who sees the modules' outputs; nil but within ``ModuleTrace/observing(_:run:)``.
    var observer: ModuleTrace.Observer?
    /// Where dropout masks come from, and how many were drawn since the key was set.
    var randomKey = RandomKey(seed: 0)
    var randomDraws: UInt64 = 0
    /// Tape numbers are unique in the process: a thread's own number, and a count.
    var nextTapeID: UInt64

    init(pool: StoragePool, nextTapeID: UInt64) {
        self.pool = pool
        poolMemory = pool.pointer
        self.nextTapeID = nextTapeID
    }
}

/// Access to the calling thread's ``ContextState``.
enum Context {
    @inline(__always) static var current: UnsafeMutablePointer<ContextState> {
        if let slot = hone_thread_slot() { return slot.assumingMemoryBound(to: ContextState.self) }
        return makeCurrent()
    }

    private static let threads = LockedCounter()

    /// A thread's context lives as long as the process: threads that compute are few, and are kept.
    @inline(never) private static func makeCurrent() -> UnsafeMutablePointer<ContextState> {
        let state = UnsafeMutablePointer<ContextState>.allocate(capacity: 1)
        state.initialize(to: ContextState(pool: .shared, nextTapeID: threads.next() << 40 + 1))
        hone_set_thread_slot(state)
        return state
    }

    /// Reports a mistake: kept if a scope collects them, else the end of the program.
    @inline(never) static func report(_ error: any Error) -> Tensor {
        let state = current
        var error = error
        if var mistake = error as? TensorError, mistake.path == nil, let locate = state.pointee.locate,
            !state.pointee.modules.isEmpty
        {
            mistake.path = locate(state.pointee.modules.map { $0.takeUnretainedValue() })
            error = mistake
        }
        guard state.pointee.collecting > 0 else { trap(error) }
        if state.pointee.firstError == nil { state.pointee.firstError = error }
        return .inert
    }
}

/// A counter that threads share.
final class LockedCounter: @unchecked Sendable {  // The lock guards the only property.
    private let lock = NSLock()
    private var value: UInt64 = 0

    func next() -> UInt64 {
        lock.withLock {
            value += 1
            return value
        }
    }
}

/// Runs `body` with tensor mistakes collected instead of trapping, and throws the first of them afterwards.
///
/// Within it, an operation that cannot be done gives an inert tensor, on which every further operation is inert too.
/// - Throws: what `body` throws, or the first ``TensorError`` (or the error of a layer) within it.
public func catchingTensorErrors<Result>(_ body: () throws -> Result) throws -> Result {
    let state = Context.current
    // A mistake of a surrounding scope is that scope's to throw.
    let surrounding = state.pointee.collecting > 0 ? state.pointee.firstError : nil
    state.pointee.firstError = nil
    state.pointee.collecting += 1
    defer {
        state.pointee.collecting -= 1
        state.pointee.firstError = surrounding
    }
    let result = Swift.Result { try body() }
    try throwPendingTensorError()
    return try result.get()
}

/// Throws the first mistake that the surrounding ``catchingTensorErrors(_:)`` has collected so far, if there is one.
@inline(__always) public func throwPendingTensorError() throws {
    if Context.current.pointee.firstError != nil { try throwFirst() }
}

@inline(never) private func throwFirst() throws {
    let state = Context.current
    guard let error = state.pointee.firstError else { return }
    state.pointee.firstError = nil
    throw error
}

/// Reports a mistake found by a layer or loss: inside a run (or ``catchingTensorErrors(_:)``) the first one is kept and
/// thrown by the loop, and the inert tensor returned here stands in for the result; elsewhere the program ends with its
/// words.
public func failed(_ operation: String, _ problem: String) -> Tensor {
    Context.report(TensorError(operation: operation, problem: problem))
}

/// As ``failed(_:_:)``, for a label that is outside of the classes.
public func failed(_ error: LabelError) -> Tensor { Context.report(error) }

/// The hooks by which HoneNN tells which module is at work.
public enum ModuleTrace {
    /// Notes that a module's forward pass begins. `locate` names the last of the modules given to it.
    @inline(__always) public static func enter(
        _ module: AnyObject, locate: @escaping @Sendable ([AnyObject]) -> String
    ) {
        let state = Context.current
        if state.pointee.modules.isEmpty { state.pointee.locate = locate }
        state.pointee.modules.append(Unmanaged.passUnretained(module))
    }

    /// Notes that the forward pass that began last has ended.
    @inline(__always) public static func leave() {
        Context.current.pointee.modules.removeLast()
    }

    /// Runs `body` as part of an inner module's forward pass.
    @inline(__always) public static func within(_ module: AnyObject, _ body: () -> Void) {
        Context.current.pointee.modules.append(Unmanaged.passUnretained(module))
        defer { leave() }
        body()
    }

    /// Whose parameters alone the modules may use, or nil when any may be used.
    @inline(__always) public static var owner: Unmanaged<AnyObject>? {
        get { Context.current.pointee.owner }
        set { Context.current.pointee.owner = newValue }
    }

    /// Is told of a module at work, of what came in and of what went out.
    public typealias Observer = (_ module: AnyObject, _ inputs: [Tensor], _ outputs: [Tensor]) -> Void

    /// Whether somebody observes this thread's modules.
    @inline(__always) public static var isObserved: Bool { Context.current.pointee.observer != nil }

    /// Tells the observer of a module's outputs.
    @inline(never) public static func observe(_ module: AnyObject, _ inputs: [Tensor], _ outputs: [Tensor]) {
        let state = Context.current
        let observer = state.pointee.observer
        // What an observer does with modules is not observed in its turn.
        state.pointee.observer = nil
        observer?(module, inputs, outputs)
        state.pointee.observer = observer
    }

    /// Runs `body` with an observer of this thread's modules, in place of any other.
    public static func observing<Result>(_ observer: @escaping Observer, run body: () throws -> Result) rethrows
        -> Result
    {
        let state = Context.current
        let former = state.pointee.observer
        state.pointee.observer = observer
        defer { state.pointee.observer = former }
        return try body()
    }

    /// The outermost module at work, or nil.
    public static var root: AnyObject? { Context.current.pointee.modules.first?.takeUnretainedValue() }

    /// Whether no module is at work.
    public static var isIdle: Bool { Context.current.pointee.modules.isEmpty }
}

/// Runs `body` with dropout masks drawn from `key`, and puts the former source back.
///
/// - Parameter draw: the number of the first draw, for a second use of a key that the first one does not reach.
public func withRandomKey<Result>(
    _ key: RandomKey, from draw: UInt64 = 0, _ body: () throws -> Result
) rethrows -> Result {
    let state = Context.current
    let (formerKey, formerDraws) = (state.pointee.randomKey, state.pointee.randomDraws)
    state.pointee.randomKey = key
    state.pointee.randomDraws = draw
    defer {
        state.pointee.randomKey = formerKey
        state.pointee.randomDraws = formerDraws
    }
    return try body()
}

/// Runs `body` with new tensors of this thread taken from `pool`, and puts the former pool back.
public func withStoragePool<Result>(_ pool: StoragePool, _ body: () throws -> Result) rethrows -> Result {
    let state = Context.current
    let former = state.pointee.pool
    state.pointee.pool = pool
    defer { state.pointee.pool = former }
    return try body()
}
