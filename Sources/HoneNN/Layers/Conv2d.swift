import HoneTensor

/// A two-dimensional convolution (cross-correlation, as in PyTorch).
///
/// - Shape: `[batch, inputs, height, width] -> [batch, outputs, out height, out width]`, with
///   out = ⌊(in + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1; without a batch `[inputs, height, width]`
///
/// Initial values are PyTorch's: weight and bias uniform within 1/√fan-in.
public final class Conv2d: Module {
    /// `[outputs, inputs / groups, kernel height, kernel width]`
    public let weight: Parameter

    /// `[outputs]`, or nil.
    public let bias: Parameter?

    /// The step between windows.
    public let stride: Extent

    /// The width of the frame around the image.
    public let padding: Extent

    /// What the frame holds.
    public let paddingMode: PaddingMode

    /// Whether the frame is as wide as makes the output as large as the input, whatever `padding` says.
    public let keepsSize: Bool

    /// The step between the elements of a window.
    public let dilation: Extent

    /// Into how many parts channels are cut, each with weights of its own.
    public let groups: Int

    private let inputs: Int

    /// Makes a layer. `groups` must divide both numbers of channels; what does not fit is an error of the first use.
    ///
    /// - Parameters:
    ///   - paddingMode: what stands around the image.
    ///   - keepsSize: whether to pad as far as makes the output as large as the input (PyTorch's `padding="same"`), of an
    ///     odd width one place more at the end; the stride must be 1.
    public init(
        _ inputs: Int, _ outputs: Int, kernel: Extent, stride: Extent = 1, padding: Extent = 0, dilation: Extent = 1,
        groups: Int = 1, bias: Bool = true, paddingMode: PaddingMode = .zeros, keepsSize: Bool = false
    ) {
        self.inputs = inputs
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        self.paddingMode = paddingMode
        self.keepsSize = keepsSize
        let shape = [outputs, inputs / max(1, groups), kernel.height, kernel.width]
        weight = Parameter(Shape(shape), .torchWeight)
        self.bias =
            bias ? Parameter(Shape([outputs]), .torchBias(fanIn: shape.dropFirst().reduce(1, *)), role: .bias) : nil
    }

    /// `Conv2d 3→64, 3×3`
    public var label: String { "Conv2d \(inputs)→\(weight.shape[0]), \(weight.shape[2])×\(weight.shape[3])" }

    /// `[batch, inputs, height, width] -> [batch, outputs, out height, out width]`
    public func forward(_ x: Tensor) -> Tensor { forward(x, relu: false) }

    /// The layer with a ReLU after it, as one operation.
    func forward(_ x: Tensor, relu: Bool) -> Tensor {
        if x.isInert { return x }
        if x.rank == 3, x.shape[0] == inputs { return forward(x.unsqueezed(axis: 0), relu: relu).squeezed(axis: 0) }
        guard x.rank == 4, x.shape[1] == inputs else {
            return failed(label, "input is \(x.shape), expected [batch, \(inputs), height, width]")
        }
        guard !keepsSize || stride == 1 else {
            return failed(label, "stride is \(stride), expected 1 to keep the size")
        }
        let rows = ConvolutionFrame(
            padding.height, kernel: weight.shape[2], dilation: dilation.height, keepsLength: keepsSize)
        let columns = ConvolutionFrame(
            padding.width, kernel: weight.shape[3], dilation: dilation.width, keepsLength: keepsSize)
        guard let height = rows.evenWidth, let width = columns.evenWidth, paddingMode == .zeros else {
            return x.padded([rows.widths, columns.widths], mode: paddingMode).conv2d(
                weight.tensor, bias: bias?.tensor, stride: stride, dilation: dilation, groups: groups, relu: relu)
        }
        return x.conv2d(
            weight.tensor, bias: bias?.tensor, stride: stride, padding: Extent(height, width), dilation: dilation,
            groups: groups, relu: relu)
    }
}
