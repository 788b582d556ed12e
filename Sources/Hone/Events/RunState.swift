import Foundation

/// Marks what a callback changes during a run: `@RunState var wait = 0`.
///
/// The framework finds the marks, in subclasses too, puts them to their first values at the start of each fit (and
/// trial), saves them with snapshots and restores them from there. Those of a callback that joins no fits begin each of its
/// runs afresh. What a callback is configured with stays a constant.
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

    // The value is wrapped in an array: JSON's top level must be one for older decoders, and may not be a lone number.
    // Losses may be infinite, which JSON has no number for.
    func encoded() throws -> Data {
        if let bytes = PlainState.bytes(of: box.value) { return bytes }
        let encoder = JSONEncoder()
        // The same state has the same bytes.
        encoder.outputFormatting = .sortedKeys
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try encoder.encode([box.value])
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
    func encoded() throws -> Data
    func restore(_ data: Data) throws
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

    func encoded() throws -> [String: Data] {
        var result: [String: Data] = [:]
        for (name, state) in states { result[name] = try state.encoded() }
        return result
    }

    func restore(_ saved: [String: Data]) throws {
        for (name, state) in states {
            if let data = saved[name] { try state.restore(data) }
        }
    }
}
