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

    /// What is wrong with the names.
    private let problem: String?

    /// Makes a chain of layers.
    public convenience init(_ layers: any Module...) { self.init(layers) }

    /// Makes a chain of layers.
    public init(_ layers: [any Module]) {
        self.layers = layers
        names = layers.indices.map(String.init)
        problem = nil
    }

    /// Makes a chain of layers with names. A name that is empty, has a dot or comes twice is an error of the
    /// first use.
    public convenience init(_ first: (String, any Module), _ more: (String, any Module)...) {
        self.init([first] + more)
    }

    /// Makes a chain of layers with names. A name that is empty, has a dot or comes twice is an error of the
    /// first use.
    @_disfavoredOverload  // or an empty list would be ambiguous
    public init(_ layers: [(String, any Module)]) {
        self.layers = layers.map(\.1)
        let names = layers.map(\.0)
        self.names = names
        let double = names.enumerated().first { names[..<$0.offset].contains($0.element) }?.element
        let unusable = names.first { $0.isEmpty || $0.contains(".") }
        problem =
            double.map { "two layers are named \($0)" }
            ?? unusable.map { "a layer is named '\($0)', expected a name without dots" }
    }

    /// A layer by its position.
    public subscript(index: Int) -> any Module { layers[index] }

    /// The layer of a name, or nil.
    public subscript(name: String) -> (any Module)? { names.firstIndex(of: name).map { layers[$0] } }

    /// The number of layers.
    public var count: Int { layers.count }

    /// The input through all layers in turn.
    public func forward(_ x: Tensor) -> Tensor {
        if let problem { return failed(label, problem) }
        var x = x
        var index = 0
        while index < layers.count {
            // A layer that knows how, and the ReLU that follows it, are one operation; who observes sees them apart.
            if index + 1 < layers.count, layers[index + 1] is ReLU, !ModuleTrace.isObserved,
                let layer = layers[index] as? any ReLUFusing
            {
                x = layer.callWithReLU(x)
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

extension ReLUFusing {
    /// Runs the layer's forward pass with the ReLU, as part of another module's; who observes sees the layer alone.
    func callWithReLU(_ x: Tensor) -> Tensor {
        if ModuleTrace.isObserved { return self(x).relu() }
        var y = x
        ModuleTrace.within(self) { y = forward(x, relu: true) }
        return y
    }
}

extension Linear: ReLUFusing {}
extension Conv2d: ReLUFusing {}
extension BatchNorm: ReLUFusing {}
