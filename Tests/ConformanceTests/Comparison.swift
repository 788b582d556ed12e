import Hone

/// An expectation of a case that was not met.
struct Unmet: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Something that is not implemented, and for whose sake a case of a set that is not published is passed over.
enum Skip: Error {
    /// A kind that nothing here runs.
    case unknownKind(String)
    /// An option, or a value of it, that nothing here answers.
    case option(String)

    var reason: String {
        switch self {
        case .unknownKind(let kind): "kind \(kind)"
        case .option(let option): option
        }
    }
}

/// Compares what came out with what a case expects, within its tolerance.
struct Comparison {
    let tolerance: Tolerance

    func expect(_ actual: Double, _ expected: Double, _ what: String) throws {
        guard tolerance.allows(actual, for: expected) else { throw Unmet("\(what) is \(actual), expected \(expected)") }
    }

    func expect(_ actual: [Double], _ expected: [Double], _ what: String) throws {
        guard actual.count == expected.count else {
            throw Unmet("\(what) has \(actual.count) values, expected \(expected.count)")
        }
        for index in actual.indices { try expect(actual[index], expected[index], "\(what)[\(index)]") }
    }

    /// A tensor of the same shape; integers are equal.
    func expect(_ actual: Tensor, _ expected: VectorTensor, _ what: String) throws {
        guard actual.shape.array == expected.shape else {
            throw Unmet("\(what) has the shape \(actual.shape), expected \(expected.shape)")
        }
        if expected.type == "f32" {
            guard actual.elementType == .float32 else { throw Unmet("\(what) is not of floats") }
            try expect(actual.scalars.map(Double.init), expected.data, what)
        } else {
            let values = actual.scalars.map(Double.init)
            for index in values.indices where values[index] != expected.data[index] {
                throw Unmet("\(what)[\(index)] is \(values[index]), expected \(expected.data[index])")
            }
        }
    }

    /// All tensors of an object, by name: none may be missing.
    func expect(_ actual: [String: Tensor], _ expected: JSONValue, _ what: String) throws {
        guard let members = expected.object else { throw Unmet("the case has no \(what)") }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let tensor = VectorTensor(value) else { throw Unmet("\(what).\(name) is no tensor") }
            guard let result = actual[name] else { throw Unmet("\(what).\(name) is missing") }
            try expect(result, tensor, "\(what).\(name)")
        }
    }

    /// Any value: numbers within the tolerance, all else equal, and every expected member there.
    func expect(_ actual: JSONValue, _ expected: JSONValue, _ what: String) throws {
        if let a = actual.double, let b = expected.double { return try expect(a, b, what) }
        switch (actual, expected) {
        case (.array(let a), .array(let b)):
            guard a.count == b.count else { throw Unmet("\(what) has \(a.count) elements, expected \(b.count)") }
            for index in a.indices { try expect(a[index], b[index], "\(what)[\(index)]") }
        case (.object(let a), .object(let b)):
            for (name, value) in b.sorted(by: { $0.key < $1.key }) {
                guard let found = a[name] else { throw Unmet("\(what).\(name) is missing") }
                try expect(found, value, "\(what).\(name)")
            }
        default:
            guard actual == expected else { throw Unmet("\(what) is \(actual), expected \(expected)") }
        }
    }
}

/// The options of a case, each of which must be asked for: one that nobody reads is a reason to skip the case.
struct Options {
    private let members: [String: JSONValue]

    /// Flags that are off by default, in any kind that has them.
    private static let flags: Set<String> = [
        "amsgrad", "capturable", "decoupled_weight_decay", "differentiable", "foreach", "fused", "inplace", "maximize",
    ]

    /// - Parameter names: those that are read. Any other is a ``Skip`` unless it is null, or a flag that is off.
    init(_ value: JSONValue, reading names: [String]) throws {
        members = value.object ?? [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) where !names.contains(name) && !value.isNull {
            if Options.flags.contains(name), value == .bool(false) { continue }
            throw Skip.option("option \(name): \(value.short)")
        }
    }

    /// A value of any type; null when it is absent.
    subscript(name: String) -> JSONValue { members[name] ?? .null }

    func double(_ name: String, _ standard: Double) throws -> Double {
        if self[name].isNull { return standard }
        guard let value = self[name].double else { throw Skip.option("option \(name): \(self[name].short)") }
        return value
    }

    func bool(_ name: String, _ standard: Bool) throws -> Bool {
        if self[name].isNull { return standard }
        guard let value = self[name].bool else { throw Skip.option("option \(name): \(self[name].short)") }
        return value
    }

    /// A whole number, or nil when it is absent.
    func int(_ name: String) throws -> Int? {
        if self[name].isNull { return nil }
        guard let value = self[name].int else { throw Skip.option("option \(name): \(self[name].short)") }
        return value
    }

    /// Whole numbers, or nil when they are absent.
    func ints(_ name: String) throws -> [Int]? {
        if self[name].isNull { return nil }
        guard let value = self[name].ints else { throw Skip.option("option \(name): \(self[name].short)") }
        return value
    }
}

extension JSONValue {
    /// The value in a few words.
    var short: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
        case .string(let value): value
        case .array(let elements): "[\(elements.map(\.short).joined(separator: ", "))]"
        case .object: "{…}"
        }
    }
}
