import HoneTensor

/// The largest element under each window. `[..., height, width] -> [..., out height, out width]`
public final class MaxPool2d: Module {
    private let kernel: Extent
    private let stride: Extent?
    private let padding: Extent
    private let dilation: Extent
    private let ceiling: Bool

    /// Makes the layer; windows step by `stride`, or by their own size when it is nil. With `ceiling` a last window that
    /// is not full counts.
    public init(
        _ kernel: Extent, stride: Extent? = nil, padding: Extent = 0, dilation: Extent = 1, ceiling: Bool = false
    ) {
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.ceiling = ceiling
    }

    /// `[..., height, width] -> [..., out height, out width]`
    public func forward(_ x: Tensor) -> Tensor {
        x.maxPool2d(kernel, stride: stride, padding: padding, dilation: dilation, ceiling: ceiling)
    }

    /// The output, and the place of each element within its image, row after row (PyTorch's `return_indices`).
    public func withIndices(_ x: Tensor) -> (values: Tensor, indices: Tensor) {
        traced {
            x.maxPool2dWithIndices(kernel, stride: stride, padding: padding, dilation: dilation, ceiling: ceiling)
        }
    }
}

/// The mean under each window. `[..., height, width] -> [..., out height, out width]`
public final class AvgPool2d: Module {
    private let kernel: Extent
    private let stride: Extent?
    private let padding: Extent
    private let ceiling: Bool
    private let countsPadding: Bool
    private let divisor: Int?

    /// Makes the layer; windows step by `stride`, or by their own size when it is nil. `countsPadding` says whether
    /// padding is part of the mean; `divisor`, > 0, divides instead of the number of elements.
    public init(
        _ kernel: Extent, stride: Extent? = nil, padding: Extent = 0, ceiling: Bool = false, countsPadding: Bool = true,
        divisor: Int? = nil
    ) {
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.ceiling = ceiling
        self.countsPadding = countsPadding
        self.divisor = divisor
    }

    /// `[..., height, width] -> [..., out height, out width]`
    public func forward(_ x: Tensor) -> Tensor {
        x.averagePool2d(
            kernel, stride: stride, padding: padding, ceiling: ceiling, countsPadding: countsPadding, divisor: divisor)
    }
}

/// The mean over windows that cut the image into parts. `[..., height, width] -> [..., output height, output width]`
public final class AdaptiveAvgPool2d: Module {
    private let height, width: Int?

    /// Makes the layer for an output of some size.
    public init(_ output: Extent) { (height, width) = (output.height, output.width) }

    /// Makes the layer for an output of some size; nil is that of the input.
    public init(height: Int?, width: Int?) { (self.height, self.width) = (height, width) }

    /// `[..., height, width] -> [..., output height, output width]`
    public func forward(_ x: Tensor) -> Tensor { x.adaptiveAveragePool2d(x.extent(height, width)) }
}

/// The largest element of windows that cut the image into parts.
/// `[..., height, width] -> [..., output height, output width]`
public final class AdaptiveMaxPool2d: Module {
    private let height, width: Int?

    /// Makes the layer for an output of some size.
    public init(_ output: Extent) { (height, width) = (output.height, output.width) }

    /// Makes the layer for an output of some size; nil is that of the input.
    public init(height: Int?, width: Int?) { (self.height, self.width) = (height, width) }

    /// `[..., height, width] -> [..., output height, output width]`
    public func forward(_ x: Tensor) -> Tensor { x.adaptiveMaxPool2d(x.extent(height, width)) }

    /// The output, and the place of each element within its image, row after row (PyTorch's `return_indices`).
    public func withIndices(_ x: Tensor) -> (values: Tensor, indices: Tensor) {
        traced { x.adaptiveMaxPool2dWithIndices(x.extent(height, width)) }
    }
}

extension Tensor {
    /// A size, of which what is nil is that of the image.
    fileprivate func extent(_ height: Int?, _ width: Int?) -> Extent {
        rank < 2 ? Extent(height ?? 0, width ?? 0) : Extent(height ?? shape[-2], width ?? shape[-1])
    }
}
