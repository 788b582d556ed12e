import HoneTensor

/// A two-dimensional transposed convolution.
///
/// - Shape: `[batch, inputs, height, width] -> [batch, outputs, ...]`, with
///   out = (in − 1) stride − 2 padding + dilation (kernel − 1) + outputPadding + 1; without a batch `[inputs, height, width]`
///
/// Initial values are PyTorch's: weight and bias uniform within 1/√fan-in, where fan-in is of the weight as stored.
public final class ConvTranspose2d: Module {
    /// `[inputs, outputs / groups, kernel height, kernel width]`
    public let weight: Parameter

    /// `[outputs]`, or nil.
    public let bias: Parameter?

    /// The step that each input element makes in the output.
    public let stride: Extent

    /// What is cut off around the output.
    public let padding: Extent

    /// Rows and columns added at the end of the output.
    public let outputPadding: Extent

    /// The step between the elements of a window.
    public let dilation: Extent

    /// Into how many parts channels are cut, each with weights of its own.
    public let groups: Int

    /// Makes a layer. `groups` must divide both numbers of channels; what does not fit is an error of the first use.
    public init(
        _ inputs: Int, _ outputs: Int, kernel: Extent, stride: Extent = 1, padding: Extent = 0,
        outputPadding: Extent = 0, dilation: Extent = 1, groups: Int = 1, bias: Bool = true
    ) {
        self.stride = stride
        self.padding = padding
        self.outputPadding = outputPadding
        self.dilation = dilation
        self.groups = groups
        let shape = [inputs, outputs / max(1, groups), kernel.height, kernel.width]
        weight = Parameter(Shape(shape), .torchWeight)
        self.bias =
            bias ? Parameter(Shape([outputs]), .torchBias(fanIn: shape.dropFirst().reduce(1, *)), role: .bias) : nil
    }

    /// `ConvTranspose2d 64→3, 4×4`
    public var label: String {
        "ConvTranspose2d \(weight.shape[0])→\(weight.shape[1] * groups), \(weight.shape[2])×\(weight.shape[3])"
    }

    /// `[batch, inputs, height, width] -> [batch, outputs, out height, out width]`
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        if x.rank == 3, x.shape[0] == weight.shape[0] { return forward(x.unsqueezed(axis: 0)).squeezed(axis: 0) }
        guard x.rank == 4, x.shape[1] == weight.shape[0] else {
            return failed(label, "input is \(x.shape), expected [batch, \(weight.shape[0]), height, width]")
        }
        return x.convTransposed2d(
            weight.tensor, bias: bias?.tensor, stride: stride, padding: padding, outputPadding: outputPadding,
            dilation: dilation, groups: groups)
    }
}
