import HoneTensor

/// Modules by name, in the order in which they were given; what holds them calls them.
public final class ModuleDictionary: Module {
    /// Names and modules in order.
    public let entries: [(name: String, module: any Module)]

    /// Makes a dictionary; of two modules with one name the first is found.
    public init(_ entries: [(String, any Module)]) { self.entries = entries.map { (name: $0.0, module: $0.1) } }

    /// The names in order.
    public var names: [String] { entries.map(\.name) }

    /// The module of a name, or nil.
    public subscript(name: String) -> (any Module)? { entries.first { $0.name == name }?.module }

    /// A dictionary has no forward pass, and calling it is an error.
    public func forward(_ x: Tensor) -> Tensor {
        failed(label, "a dictionary of modules has no forward pass; call the modules in it")
    }

    /// Names the modules.
    public func visitChildren(_ visitor: inout ModuleVisitor) {
        for (name, module) in entries { visitor.visit(name, module) }
    }
}
