import HoneTensor

/// A bilinear form of two inputs: y_k = aᵀ W_k b + bias_k.
///
/// - Shape: `[..., first]` and `[..., second] -> [..., outputs]`; weight `[outputs, first, second]`, bias `[outputs]`
///
/// Initial values are PyTorch's: weight and bias uniform within 1/√first.
public final class Bilinear: MultiInputModule {
    /// `[outputs, first, second]`
    public let weight: Parameter

    /// `[outputs]`, or nil.
    public let bias: Parameter?

    /// Makes a layer of inputs with `first` and `second` features.
    public init(_ first: Int, _ second: Int, _ outputs: Int, bias: Bool = true) {
        weight = Parameter([outputs, first, second], .torchBias(fanIn: first))
        self.bias = bias ? Parameter([outputs], .torchBias(fanIn: first), role: .bias) : nil
    }

    /// `Bilinear 16, 8→4`
    public var label: String { "Bilinear \(weight.shape[1]), \(weight.shape[2])→\(weight.shape[0])" }

    /// The form of two inputs.
    public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor { self([a, b]).first ?? .zeros([0]) }

    /// One output for two inputs.
    public func forward(_ inputs: [Tensor]) -> [Tensor] {
        guard inputs.count == 2 else { return [failed(label, "there are \(inputs.count) inputs, expected 2")] }
        let (a, b) = (inputs[0], inputs[1])
        if a.isInert || b.isInert { return [a.isInert ? a : b] }
        let (outputs, first, second) = (weight.shape[0], weight.shape[1], weight.shape[2])
        guard a.rank > 0, a.rank == b.rank, a.shape[-1] == first, b.shape[-1] == second,
            a.shape.array.dropLast() == b.shape.array.dropLast()
        else {
            return [
                failed(label, "inputs are \(a.shape) and \(b.shape), expected [..., \(first)] and [..., \(second)]")
            ]
        }
        let outer = Array(a.shape.array.dropLast())
        let rows = outer.reduce(1, *)
        // W_k b for all k at once, then the products with a.
        let sides = b.reshaped([rows, second]).linear(weight.tensor.reshaped([outputs * first, second]))
        let form = (sides.reshaped([rows, outputs, first]) * a.reshaped([rows, 1, first])).sum(axes: [2])
        let shifted = bias.map { form + $0.tensor } ?? form
        return [shifted.reshaped(Shape(outer + [outputs]))]
    }
}
