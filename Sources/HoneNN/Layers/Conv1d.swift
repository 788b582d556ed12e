import HoneTensor

/// A one-dimensional convolution (cross-correlation, as in PyTorch).
///
/// - Shape: `[batch, inputs, length] -> [batch, outputs, out length]`; without a batch `[inputs, length]`
///
/// Initial values are PyTorch's: weight and bias uniform within 1/√fan-in.
public final class Conv1d: Module {
    /// `[outputs, inputs / groups, kernel]`
    public let weight: Parameter

    /// `[outputs]`, or nil.
    public let bias: Parameter?

    /// The step between windows.
    public let stride: Int

    /// The width of the frame at both ends.
    public let padding: Int

    /// What the frame holds.
    public let paddingMode: PaddingMode

    /// Whether the frame is as wide as makes the output as long as the input, whatever `padding` says.
    public let keepsLength: Bool

    /// The step between the elements of a window.
    public let dilation: Int

    /// Into how many parts channels are cut, each with weights of its own.
    public let groups: Int

    private let inputs: Int

    /// Makes a layer. `groups` must divide both numbers of channels; what does not fit is an error of the first use.
    ///
    /// - Parameters:
    ///   - paddingMode: what stands before the first place and behind the last.
    ///   - keepsLength: whether to pad as far as makes the output as long as the input (PyTorch's `padding="same"`), of
    ///     an odd width one place more at the end; the stride must be 1.
    public init(
        _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
        groups: Int = 1, bias: Bool = true, paddingMode: PaddingMode = .zeros, keepsLength: Bool = false
    ) {
        self.inputs = inputs
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        self.paddingMode = paddingMode
        self.keepsLength = keepsLength
        weight = Parameter(Shape([outputs, inputs / max(1, groups), kernel]), .torchWeight)
        self.bias =
            bias ? Parameter(Shape([outputs]), .torchBias(fanIn: inputs / max(1, groups) * kernel), role: .bias) : nil
    }

    /// `Conv1d 16→32, 3`
    public var label: String { "Conv1d \(inputs)→\(weight.shape[0]), \(weight.shape[2])" }

    /// `[batch, inputs, length] -> [batch, outputs, out length]`
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        if x.rank == 2, x.shape[0] == inputs { return forward(x.unsqueezed(axis: 0)).squeezed(axis: 0) }
        guard x.rank == 3, x.shape[1] == inputs else {
            return failed(label, "input is \(x.shape), expected [batch, \(inputs), length]")
        }
        guard !keepsLength || stride == 1 else {
            return failed(label, "stride is \(stride), expected 1 to keep the length")
        }
        let frame = ConvolutionFrame(padding, kernel: weight.shape[2], dilation: dilation, keepsLength: keepsLength)
        guard let inside = frame.evenWidth, paddingMode == .zeros else {
            return x.padded([frame.widths], mode: paddingMode).conv1d(
                weight.tensor, bias: bias?.tensor, stride: stride, dilation: dilation, groups: groups)
        }
        return x.conv1d(
            weight.tensor, bias: bias?.tensor, stride: stride, padding: inside, dilation: dilation, groups: groups)
    }
}
