import HoneTensor

/// Layers one after the other. They are named by their position: `0`, `1`, …
public final class Sequential: Module {
    /// The layers in order.
    public let layers: [any Module]

    /// Makes a chain of layers.
    public init(_ layers: any Module...) { self.layers = layers }

    /// Makes a chain of layers.
    public init(_ layers: [any Module]) { self.layers = layers }

    /// A layer by its position.
    public subscript(index: Int) -> any Module { layers[index] }

    /// The number of layers.
    public var count: Int { layers.count }

    /// The input through all layers in turn.
    public func forward(_ x: Tensor) -> Tensor {
        var x = x
        var index = 0
        while index < layers.count {
            // A layer that knows how, and the ReLU that follows it, are one operation; who observes sees them apart.
            if index + 1 < layers.count, layers[index + 1] is ReLU, !ModuleTrace.isObserved,
                let layer = layers[index] as? any ReLUFusing
            {
                ModuleTrace.within(layer) { x = layer.forward(x, relu: true) }
                index += 2
            } else {
                x = layers[index](x)
                index += 1
            }
        }
        return x
    }

    /// Names the layers by their position.
    public func visitChildren(_ visitor: inout ModuleVisitor) {
        for (index, layer) in layers.enumerated() { visitor.visit("\(index)", layer) }
    }
}

/// A layer that can put a ReLU behind itself in the same pass.
protocol ReLUFusing: Module {
    func forward(_ x: Tensor, relu: Bool) -> Tensor
}

extension Linear: ReLUFusing {}
extension Conv2d: ReLUFusing {}
extension BatchNorm: ReLUFusing {}
