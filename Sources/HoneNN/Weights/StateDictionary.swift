import Foundation
import HoneTensor

/// The values of a model's parameters and buffers by name, in order of declaration.
public struct StateDictionary: Sendable {
    /// Names and values.
    public var entries: [(name: String, value: Tensor)]

    /// Makes a dictionary.
    public init(_ entries: [(name: String, value: Tensor)] = []) { self.entries = entries }

    /// The value of a name, or nil.
    public subscript(name: String) -> Tensor? { entries.first { $0.name == name }?.value }

    /// All names in order.
    public var names: [String] { entries.map(\.name) }

    /// The SHA-256 of all names, shapes and bits, in hexadecimal: equal for equal weights, on every machine.
    public var sha256: String {
        var hash = SHA256()
        for (name, value) in entries {
            hash.update(Array("\(name) \(value.elementType) \(value.shape)\n".utf8))
            value.withUnsafeFloats { floats in
                hash.update(floats.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) })
            }
            value.withUnsafeIntegers { integers in
                hash.update(integers.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) })
            }
        }
        return hash.finish().map { String(format: "%02x", $0) }.joined()
    }
}

/// Names that a model and a state dictionary do not share.
public struct StateMismatch: Error, Equatable, Sendable, CustomStringConvertible, LocalizedError {
    /// Names that the model has and the dictionary lacks.
    public var missing: [String] = []
    /// Names that the dictionary has and the model lacks.
    public var unexpected: [String] = []
    /// Names whose shapes differ, with both.
    public var mismatched: [String] = []

    /// Whether there is nothing to report.
    public var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && mismatched.isEmpty }

    /// All names, by kind.
    public var description: String {
        let parts = [("missing", missing), ("unexpected", unexpected), ("of another shape", mismatched)]
        return "state dictionary: "
            + parts.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.joined(separator: ", "))" }.joined(separator: "; ")
    }

    /// The description, for `localizedDescription`.
    public var errorDescription: String? { description }
}

extension Module {
    /// Copies of all parameters and buffers by name.
    public var stateDictionary: StateDictionary {
        let walk = ModuleWalk(self)
        ParameterArena.place(walk, seed: 0)
        return StateDictionary(
            walk.parameters.flatMap { entry in entry.names.map { ($0, entry.parameter.value) } }
                + walk.buffers.map { ($0.name, $0.buffer.value) })
    }

    /// Copies values in by name; nothing is changed when something does not fit.
    ///
    /// - Throws: ``StateMismatch`` with every missing, unexpected and mismatched name.
    public func load(_ state: StateDictionary) throws {
        let walk = ModuleWalk(self)
        ParameterArena.place(walk, seed: 0)
        var report = StateMismatch()
        var changes: [() -> Void] = []
        var known: Set<String> = []
        func match(_ name: String, _ shape: Shape, _ type: ElementType, _ apply: @escaping (Tensor) -> Void) {
            known.insert(name)
            guard let value = state[name] else {
                report.missing.append(name)
                return
            }
            guard value.shape == shape, value.elementType == type else {
                report.mismatched.append("\(name) (\(value.elementType) \(value.shape), expected \(type) \(shape))")
                return
            }
            changes.append { apply(value) }
        }
        for (parameter, names) in walk.parameters {
            for name in names { match(name, parameter.shape, .float32) { parameter.value = $0 } }
        }
        for (buffer, name) in walk.buffers {
            match(name, buffer.value.shape, buffer.value.elementType) { buffer.value = $0.detached() }
        }
        report.unexpected = state.names.filter { !known.contains($0) }
        guard report.isEmpty else { throw report }
        for change in changes { change() }
    }
}
