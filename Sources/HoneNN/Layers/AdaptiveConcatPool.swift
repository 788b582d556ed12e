import HoneTensor

/// The largest elements and the means of windows that cut the length into parts, one after the other as channels.
///
/// - Shape: `[batch, channels, length] -> [batch, 2 channels, output]`, the largest elements first, as in fastai
public final class AdaptiveConcatPool1d: Module {
    private let output: Int

    /// Makes the layer for an output of some length.
    public init(_ output: Int = 1) { self.output = output }

    /// `[batch, channels, length] -> [batch, 2 channels, output]`
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        guard x.rank == 3 else { return failed(label, "input is \(x.shape), expected [batch, channels, length]") }
        return x.adaptiveMaxPool1d(output).concatenated(with: x.adaptiveAveragePool1d(output), axis: 1)
    }
}

/// The largest elements and the means of windows that cut the image into parts, one after the other as channels.
///
/// - Shape: `[batch, channels, height, width] -> [batch, 2 channels, output height, output width]`, the largest elements
///   first, as in fastai
public final class AdaptiveConcatPool2d: Module {
    private let output: Extent

    /// Makes the layer for an output of some size.
    public init(_ output: Extent = 1) { self.output = output }

    /// `[batch, channels, height, width] -> [batch, 2 channels, output height, output width]`
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        guard x.rank == 4 else {
            return failed(label, "input is \(x.shape), expected [batch, channels, height, width]")
        }
        return x.adaptiveMaxPool2d(output).concatenated(with: x.adaptiveAveragePool2d(output), axis: 1)
    }
}
