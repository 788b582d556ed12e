import HoneTensor

/// Layers one after the other. They are named by their position, `0`, `1`, …, or by names of one's own.
///
/// ```swift
/// let body = Sequential([("conv1", Conv2d(3, 64, kernel: 3)), ("bn1", BatchNorm2d(64)), ("relu", ReLU())])
/// body["bn1"]
/// ```
public final class Sequential: Module {
    /// The layers in order.
    public let layers: [any Module]

    /// The layers' names in order.
    public let names: [String]

    /// Makes a chain of layers.
    public convenience init(_ layers: any Module...) { self.init(layers) }

    /// Makes a chain of layers.
    public init(_ layers: [any Module]) {
        self.layers = layers
        names = layers.indices.map(String.init)
        doubleName = nil
    }

    /// Makes a chain of layers with names. Two layers of one name are an error of the first use.
    public convenience init(_ first: (String, any Module), _ more: (String, any Module)...) {
        self.init([first] + more)
    }

    /// Makes a chain of layers with names. Two layers of one name are an error of the first use.
    public init(_ layers: [(String, any Module)]) {
        self.layers = layers.map(\.1)
        let names = layers.map(\.0)
        self.names = names
        doubleName = names.enumerated().first { names[..<$0.offset].contains($0.element) }?.element
    }

    /// A layer by its position.
    public subscript(index: Int) -> any Module { layers[index] }

    /// The layer of a name, or nil.
    public subscript(name: String) -> (any Module)? { names.firstIndex(of: name).map { layers[$0] } }

    /// The number of layers.
    public var count: Int { layers.count }

    /// A name that two layers have.
    private let doubleName: String?

    /// The input through all layers in turn.
    public func forward(_ x: Tensor) -> Tensor {
        if let doubleName { return failed(label, "two layers are named \(doubleName)") }
        var x = x
        var index = 0
        while index < layers.count {
            // A layer that knows how, and the ReLU that follows it, are one operation.
            if index + 1 < layers.count, layers[index + 1] is ReLU, let layer = layers[index] as? any ReLUFusing {
                ModuleTrace.within(layer) { x = layer.forward(x, relu: true) }
                index += 2
            } else {
                x = layers[index](x)
                index += 1
            }
        }
        return x
    }

    /// Names the layers.
    public func visitChildren(_ visitor: inout ModuleVisitor) {
        for (name, layer) in zip(names, layers) { visitor.visit(name, layer) }
    }
}

/// A layer that can put a ReLU behind itself in the same pass.
protocol ReLUFusing: Module {
    func forward(_ x: Tensor, relu: Bool) -> Tensor
}

extension Linear: ReLUFusing {}
extension Conv2d: ReLUFusing {}
extension BatchNorm: ReLUFusing {}
