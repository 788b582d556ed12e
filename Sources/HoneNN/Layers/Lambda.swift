import HoneTensor

/// A function as a layer.
///
/// What the function captures is not looked into: a layer with parameters belongs into a property of a module.
public final class Lambda: Module {
    private let name: String
    private let function: (Tensor) -> Tensor

    /// Makes a layer of a function; errors and tables call it by `name`.
    public init(_ name: String = "Lambda", _ function: @escaping (Tensor) -> Tensor) {
        self.name = name
        self.function = function
    }

    /// The name.
    public var label: String { name }

    /// The function's value.
    public func forward(_ x: Tensor) -> Tensor { function(x) }
}
