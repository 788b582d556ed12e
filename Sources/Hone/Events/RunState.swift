import Foundation

/// Marks what a callback changes during a run: `@RunState var wait = 0`.
///
/// The framework finds the marks, in subclasses too, puts them to their first values at the start of each fit (and
/// trial), saves them with snapshots and restores them from there. Those of a callback that joins no fits begin each of its
/// runs afresh. What a callback is configured with stays a constant. Values cost a snapshot in memory nothing, but for those
/// that hold objects, which are encoded each time.
@propertyWrapper
public struct RunState<Value: Codable>: AnyRunState {
    private final class Box {
        let first: Value
        var value: Value

        init(_ value: Value) {
            first = value
            self.value = value
        }
    }

    private let box: Box

    /// Marks a property, with the value that it has at the start of each fit.
    public init(wrappedValue: Value) { box = Box(wrappedValue) }

    /// The present value.
    public var wrappedValue: Value {
        get { box.value }
        nonmutating set { box.value = newValue }
    }

    /// Changes the value in place; an array that is read, changed and written back is copied.
    public func modify<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result { try body(&box.value) }

    func reset() { box.value = box.first }

    func saved() throws -> any SavedRunState {
        let value = box.value
        // A second reference to an object is no copy of it.
        return holdsObjects(value) ? EncodedRunState(data: try encoded()) : RunStateCopy(value: value)
    }

    func restore(_ saved: any SavedRunState) throws {
        if let copy = saved as? RunStateCopy<Value> {
            box.value = copy.value
        } else {
            try restore(saved.encoded())
        }
    }

    func encoded() throws -> Data { try RunState.encode(box.value) }

    // The value is wrapped in an array: JSON's top level must be one for older decoders, and may not be a lone number.
    // Losses may be infinite, which JSON has no number for.
    static func encode(_ value: Value) throws -> Data {
        if let bytes = PlainState.bytes(of: value) { return bytes }
        let encoder = JSONEncoder()
        // The same state has the same bytes.
        encoder.outputFormatting = .sortedKeys
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try encoder.encode([value])
    }

    func restore(_ data: Data) throws {
        if let value = try PlainState.value(Value.self, from: data) {
            box.value = value
            return
        }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let value = try decoder.decode([Value].self, from: data).first else {
            throw DecodingError.valueNotFound(
                Value.self, DecodingError.Context(codingPath: [], debugDescription: "the saved run state is empty"))
        }
        box.value = value
    }
}

/// A marked property, whatever its type.
protocol AnyRunState {
    func reset()
    func saved() throws -> any SavedRunState
    func restore(_ saved: any SavedRunState) throws
}

/// A run state's value at some moment.
protocol SavedRunState: Sendable {
    /// As it is written to a disk.
    func encoded() throws -> Data
}

/// The value itself: arrays share their memory with it until they are changed, however long they are.
private struct RunStateCopy<Value: Codable>: SavedRunState, @unchecked Sendable {
    // It holds no object that others could change.
    let value: Value
    func encoded() throws -> Data { try RunState.encode(value) }
}

/// A value that was encoded when it was saved, or that came from a disk.
struct EncodedRunState: SavedRunState {
    let data: Data
    func encoded() throws -> Data { data }
}

/// Whether a value holds an object, whose copy another may change; of a collection the first element is asked.
private func holdsObjects(_ value: Any) -> Bool {
    if value is Data { return false }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .class: return true
    case .collection, .set, .dictionary: return mirror.children.first.map { holdsObjects($0.value) } ?? false
    default: return mirror.children.contains { holdsObjects($0.value) }
    }
}

/// The marked properties of an object, with their names, those of superclasses first.
struct RunStates {
    let states: [(name: String, state: any AnyRunState)]

    init(of object: AnyObject) {
        var found: [(String, any AnyRunState)] = []
        var mirror: Mirror? = Mirror(reflecting: object)
        while let current = mirror {
            let own = current.children.compactMap { child -> (String, any AnyRunState)? in
                guard let state = child.value as? any AnyRunState else { return nil }
                return ("\(current.subjectType).\(child.label ?? "")", state)
            }
            found = own + found
            mirror = current.superclassMirror
        }
        states = found
    }

    func reset() {
        for (_, state) in states { state.reset() }
    }

    func saved() throws -> [String: any SavedRunState] {
        var result: [String: any SavedRunState] = [:]
        for (name, state) in states { result[name] = try state.saved() }
        return result
    }

    func restore(_ saved: [String: any SavedRunState]) throws {
        for (name, state) in states {
            if let value = saved[name] { try state.restore(value) }
        }
    }
}
