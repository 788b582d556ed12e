import HoneNN
import HoneTensor

/// A choice of parameters by name, shape and role: `.matrices && !.named("head")`.
public struct ParameterFilter: Sendable, CustomStringConvertible {
    private let test: @Sendable (_ name: String, _ parameter: Parameter) -> Bool

    /// The choice in words, for errors.
    public let description: String

    /// A choice of one's own.
    public init(
        _ description: String, _ test: @escaping @Sendable (_ name: String, _ parameter: Parameter) -> Bool
    ) {
        self.description = description
        self.test = test
    }

    /// Whether a parameter is chosen.
    public func includes(_ name: String, _ parameter: Parameter) -> Bool { test(name, parameter) }

    /// Biases and the weights of norms: what their modules made as such (``Parameter/role``), and all with fewer than
    /// two axes.
    public static let biasesAndNorms = ParameterFilter("biases and norms") { $1.role != .weight || $1.shape.rank < 2 }

    /// Weights with two axes or more that are no biases and not of norms.
    public static let matrices = ParameterFilter("matrices") { $1.role == .weight && $1.shape.rank >= 2 }

    /// Those whose name begins with one of these, at a dot.
    public static func named(_ prefixes: String...) -> ParameterFilter {
        ParameterFilter("named \(prefixes.joined(separator: ", "))") { name, _ in
            prefixes.contains { name == $0 || name.hasPrefix($0 + ".") }
        }
    }

    /// All others.
    public static prefix func ! (filter: ParameterFilter) -> ParameterFilter {
        ParameterFilter("not \(filter)") { !filter.test($0, $1) }
    }

    /// Those of both.
    public static func && (a: ParameterFilter, b: ParameterFilter) -> ParameterFilter {
        ParameterFilter("\(a) and \(b)") { a.test($0, $1) && b.test($0, $1) }
    }

    /// Those of either.
    public static func || (a: ParameterFilter, b: ParameterFilter) -> ParameterFilter {
        ParameterFilter("\(a) or \(b)") { a.test($0, $1) || b.test($0, $1) }
    }
}
