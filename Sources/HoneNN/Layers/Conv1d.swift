import HoneTensor

/// A one-dimensional convolution (cross-correlation, as in PyTorch).
///
/// - Shape: `[batch, inputs, length] -> [batch, outputs, out length]`
///
/// Initial values are PyTorch's: weight and bias uniform within 1/√fan-in.
public final class Conv1d: Module {
    /// `[outputs, inputs / groups, kernel]`
    public let weight: Parameter

    /// `[outputs]`, or nil.
    public let bias: Parameter?

    /// The step between windows.
    public let stride: Int

    /// Zeros at both ends.
    public let padding: Int

    /// The step between the elements of a window.
    public let dilation: Int

    /// Into how many parts channels are cut, each with weights of its own.
    public let groups: Int

    private let inputs: Int

    /// Makes a layer. `groups` must divide both numbers of channels; what does not fit is an error of the first use.
    public init(
        _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
        groups: Int = 1,
        bias: Bool = true
    ) {
        self.inputs = inputs
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        weight = Parameter(Shape([outputs, inputs / max(1, groups), kernel]), .torchWeight)
        self.bias = bias ? Parameter(Shape([outputs]), .torchBias(fanIn: inputs / max(1, groups) * kernel)) : nil
    }

    /// `Conv1d 16→32, 3`
    public var label: String { "Conv1d \(inputs)→\(weight.shape[0]), \(weight.shape[2])" }

    /// `[batch, inputs, length] -> [batch, outputs, out length]`
    public func forward(_ x: Tensor) -> Tensor {
        guard x.rank == 3, x.shape[1] == inputs || x.isInert else {
            if x.isInert { return x }
            return failed(label, "input is \(x.shape), expected [batch, \(inputs), length]")
        }
        return x.conv1d(
            weight.tensor, bias: bias?.tensor, stride: stride, padding: padding, dilation: dilation, groups: groups)
    }
}
