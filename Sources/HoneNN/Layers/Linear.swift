import HoneTensor

/// A dense layer: y = x Wᵀ + b.
///
/// - Shape: `[..., inputs] -> [..., outputs]`; weight `[outputs, inputs]`, bias `[outputs]`
///
/// Initial values are PyTorch's: weight and bias uniform within 1/√inputs.
public final class Linear: Module {
    /// `[outputs, inputs]`
    public let weight: Parameter

    /// `[outputs]`, or nil.
    public let bias: Parameter?

    /// The number of features that come in.
    public var inputs: Int { weight.shape[1] }

    /// The number of features that go out.
    public var outputs: Int { weight.shape[0] }

    /// Makes a layer from `inputs` to `outputs` features; both at least 0.
    public init(_ inputs: Int, _ outputs: Int, bias: Bool = true) {
        weight = Parameter([outputs, inputs], .torchWeight)
        self.bias = bias ? Parameter([outputs], .torchBias(fanIn: inputs), role: .bias) : nil
    }

    /// Makes a layer, with a bias or without, with other initial values.
    init(_ inputs: Int, _ outputs: Int, weight: Initialiser, bias: Initialiser?) {
        self.weight = Parameter([outputs, inputs], weight)
        self.bias = bias.map { Parameter([outputs], $0, role: .bias) }
    }

    /// Makes a layer whose weight is also another's.
    init(sharing weight: Parameter, bias: Initialiser?) {
        self.weight = weight
        self.bias = bias.map { Parameter([weight.shape[0]], $0, role: .bias) }
    }

    /// `Linear 128→10`
    public var label: String { "Linear \(inputs)→\(outputs)" }

    /// `[..., inputs] -> [..., outputs]`
    public func forward(_ x: Tensor) -> Tensor { forward(x, relu: false) }

    /// The layer with a ReLU after it, as one operation.
    func forward(_ x: Tensor, relu: Bool) -> Tensor {
        guard x.rank > 0, x.shape[-1] == inputs || x.isInert else {
            return failed(
                label,
                x.rank > 0
                    ? "input has \(x.shape[-1]) features, expected \(inputs)"
                    : "input is a scalar, expected [..., \(inputs)]")
        }
        return x.linear(weight.tensor, bias: bias?.tensor, relu: relu)
    }
}
