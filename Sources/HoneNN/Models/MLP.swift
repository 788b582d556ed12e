import HoneTensor

/// A chain of dense layers with a ReLU, and if wanted dropout, between them.
///
/// - Shape: `[batch, sizes.first] -> [batch, sizes.last]`
///
/// ```swift
/// let model = MLP([784, 256, 128, 10])
/// ```
public final class MLP: Module, HeadReplaceable, LayerGrouped {
    private let layers: Sequential

    /// Makes the model with `sizes.count − 1` dense layers; `dropout` is the probability after each ReLU. Fewer than two
    /// sizes are an error of the first use.
    public init(_ sizes: [Int], dropout: Float = 0) {
        var layers: [any Module] = []
        for (index, (inputs, outputs)) in zip(sizes, sizes.dropFirst()).enumerated() {
            layers.append(Linear(inputs, outputs))
            if index < sizes.count - 2 {
                layers.append(ReLU())
                if dropout != 0 { layers.append(Dropout(dropout)) }
            }
        }
        self.layers = Sequential(layers)
    }

    private init(_ layers: Sequential) { self.layers = layers }

    /// The same layers with a fresh last one; see ``HeadReplaceable``.
    public func replacingHead(classes: Int) throws -> MLP {
        guard layers.count > 0 else { throw HeadError(model: label, found: "missing") }
        return MLP(try layers.replacingHead(classes: classes))
    }

    /// The last layer is a group of its own.
    public var groupStarts: [String] { layers.count > 1 ? ["\(layers.count - 1)"] : [] }

    /// `[batch, inputs] -> [batch, outputs]`; further axes of the input are flattened.
    public func forward(_ x: Tensor) -> Tensor {
        guard layers.count > 0 else {
            return failed(label, "made of fewer than two sizes, expected [inputs, …, outputs]")
        }
        return layers(x.rank > 2 ? x.flattened(from: 1) : x)
    }

    /// Names the layers as a `Sequential` of them would: `0.weight`, …
    public func visitChildren(_ visitor: inout ModuleVisitor) { layers.visitChildren(&visitor) }
}
