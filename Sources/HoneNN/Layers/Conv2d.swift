import HoneTensor

/// A two-dimensional convolution (cross-correlation, as in PyTorch).
///
/// - Shape: `[batch, inputs, height, width] -> [batch, outputs, out height, out width]`, with
///   out = ⌊(in + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1
///
/// Initial values are PyTorch's: weight and bias uniform within 1/√fan-in.
public final class Conv2d: Module {
    /// `[outputs, inputs / groups, kernel height, kernel width]`
    public let weight: Parameter

    /// `[outputs]`, or nil.
    public let bias: Parameter?

    /// The step between windows.
    public let stride: Extent

    /// Zeros around the image.
    public let padding: Extent

    /// The step between the elements of a window.
    public let dilation: Extent

    /// Into how many parts channels are cut, each with weights of its own.
    public let groups: Int

    private let inputs: Int

    /// Makes a layer. `groups` must divide both numbers of channels; what does not fit is an error of the first use.
    public init(
        _ inputs: Int, _ outputs: Int, kernel: Extent, stride: Extent = 1, padding: Extent = 0, dilation: Extent = 1,
        groups: Int = 1, bias: Bool = true
    ) {
        self.inputs = inputs
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        let shape = [outputs, inputs / max(1, groups), kernel.height, kernel.width]
        weight = Parameter(Shape(shape), .torchWeight)
        self.bias = bias ? Parameter(Shape([outputs]), .torchBias(fanIn: shape.dropFirst().reduce(1, *))) : nil
    }

    /// `Conv2d 3→64, 3×3`
    public var label: String { "Conv2d \(inputs)→\(weight.shape[0]), \(weight.shape[2])×\(weight.shape[3])" }

    /// `[batch, inputs, height, width] -> [batch, outputs, out height, out width]`
    public func forward(_ x: Tensor) -> Tensor { forward(x, relu: false) }

    /// The layer with a ReLU after it, as one operation.
    func forward(_ x: Tensor, relu: Bool) -> Tensor {
        guard x.rank == 4, x.shape[1] == inputs || x.isInert else {
            if x.isInert { return x }
            return failed(label, "input is \(x.shape), expected [batch, \(inputs), height, width]")
        }
        return x.conv2d(
            weight.tensor, bias: bias?.tensor, stride: stride, padding: padding, dilation: dilation, groups: groups,
            relu: relu)
    }
}
