import HoneTensor

/// Modules in an order, named by their position: `0`, `1`, …; what holds them calls them.
public final class ModuleList: Module, RandomAccessCollection {
    /// The modules in order.
    public let layers: [any Module]

    /// Makes a list.
    public init(_ modules: [any Module]) { self.layers = modules }

    /// Makes a list.
    public convenience init(_ modules: any Module...) { self.init(modules) }

    /// 0.
    public var startIndex: Int { 0 }

    /// The number of modules.
    public var endIndex: Int { layers.count }

    /// A module by its position.
    public subscript(index: Int) -> any Module { layers[index] }

    /// A list has no forward pass, and calling it is an error.
    public func forward(_ x: Tensor) -> Tensor {
        failed(label, "a list of modules has no forward pass; call the modules in it")
    }

    /// Names the modules by their position.
    public func visitChildren(_ visitor: inout ModuleVisitor) {
        for (index, module) in layers.enumerated() { visitor.visit("\(index)", module) }
    }
}
