import HoneTensor

/// The largest element under each window. `[..., length] -> [..., out length]`
public final class MaxPool1d: Module {
    private let kernel: Int
    private let stride: Int?
    private let padding: Int
    private let dilation: Int
    private let ceiling: Bool

    /// Makes the layer; windows step by `stride`, or by their own size when it is nil. With `ceiling` a last window that
    /// is not full counts.
    public init(_ kernel: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1, ceiling: Bool = false) {
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.ceiling = ceiling
    }

    /// `[..., length] -> [..., out length]`
    public func forward(_ x: Tensor) -> Tensor {
        x.maxPool1d(kernel, stride: stride, padding: padding, dilation: dilation, ceiling: ceiling)
    }

    /// The output, and the place of each element within its row (PyTorch's `return_indices`).
    public func withIndices(_ x: Tensor) -> (values: Tensor, indices: Tensor) {
        traced {
            asImage(x) {
                $0.maxPool2dWithIndices(
                    Extent(1, kernel), stride: stride.map { Extent(1, $0) }, padding: Extent(0, padding),
                    dilation: Extent(1, dilation), ceiling: ceiling)
            }
        }
    }
}

/// The mean under each window. `[..., length] -> [..., out length]`
public final class AvgPool1d: Module {
    private let kernel: Int
    private let stride: Int?
    private let padding: Int
    private let ceiling: Bool
    private let countsPadding: Bool

    /// Makes the layer; windows step by `stride`, or by their own size when it is nil. `countsPadding` says whether
    /// padding is part of the mean.
    public init(
        _ kernel: Int, stride: Int? = nil, padding: Int = 0, ceiling: Bool = false, countsPadding: Bool = true
    ) {
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.ceiling = ceiling
        self.countsPadding = countsPadding
    }

    /// `[..., length] -> [..., out length]`
    public func forward(_ x: Tensor) -> Tensor {
        x.averagePool1d(kernel, stride: stride, padding: padding, ceiling: ceiling, countsPadding: countsPadding)
    }
}

/// The mean over windows that cut the length into parts. `[..., length] -> [..., output]`
public final class AdaptiveAvgPool1d: Module {
    private let output: Int

    /// Makes the layer for an output of some length.
    public init(_ output: Int) { self.output = output }

    /// `[..., length] -> [..., output]`
    public func forward(_ x: Tensor) -> Tensor { x.adaptiveAveragePool1d(output) }
}

/// The largest element of windows that cut the length into parts. `[..., length] -> [..., output]`
public final class AdaptiveMaxPool1d: Module {
    private let output: Int

    /// Makes the layer for an output of some length.
    public init(_ output: Int) { self.output = output }

    /// `[..., length] -> [..., output]`
    public func forward(_ x: Tensor) -> Tensor { x.adaptiveMaxPool1d(output) }

    /// The output, and the place of each element within its row (PyTorch's `return_indices`).
    public func withIndices(_ x: Tensor) -> (values: Tensor, indices: Tensor) {
        traced { asImage(x) { $0.adaptiveMaxPool2dWithIndices(Extent(1, output)) } }
    }
}

/// Pools rows as images of height 1.
private func asImage(
    _ x: Tensor, _ pool: (Tensor) -> (values: Tensor, indices: Tensor)
) -> (values: Tensor, indices: Tensor) {
    let (values, indices) = pool(x.unsqueezed(axis: -2))
    return (values.squeezed(axis: -2), indices.squeezed(axis: -2))
}
