import HoneKernels

// Pooling over the last two axes. A one-dimensional one has height 1.

/// A pooling's sizes, kept by the tape for its backward pass.
private final class PoolingPlan {
    enum Kind {
        case max, adaptiveMax, adaptiveAverage
        case average(countsPadding: Bool, divisor: Int)
    }

    let sizes: hone_pooling
    let kind: Kind

    init(_ sizes: hone_pooling, _ kind: Kind) {
        self.sizes = sizes
        self.kind = kind
    }
}

extension Tensor {
    /// The largest element under each window; NaN wins, padding counts as −∞.
    ///
    /// - Shape: `[..., height, width] -> [..., out height, out width]`
    /// - Parameters:
    ///   - kernel: the window's size.
    ///   - stride: the step between windows; the kernel when nil.
    ///   - ceiling: whether a last window that is not full counts.
    public func maxPool2d(
        _ kernel: Extent, stride: Extent? = nil, padding: Extent = 0, dilation: Extent = 1,
        ceiling: Bool = false
    ) -> Tensor {
        guard
            let sizes = poolingSizes(
                "maxPool2d", kernel, stride ?? kernel, padding, dilation, ceiling: ceiling)
        else { return .inert }
        return pooled(sizes, .max).values
    }

    /// ``maxPool2d(_:stride:padding:dilation:ceiling:)`` with the place of each element within its image, row after row:
    /// the first of equals, -1 where a window is over padding alone.
    public func maxPool2dWithIndices(
        _ kernel: Extent, stride: Extent? = nil, padding: Extent = 0, dilation: Extent = 1, ceiling: Bool = false
    ) -> (values: Tensor, indices: Tensor) {
        guard
            let sizes = poolingSizes(
                "maxPool2dWithIndices", kernel, stride ?? kernel, padding, dilation, ceiling: ceiling)
        else { return (.inert, .inert) }
        let (values, indices) = pooled(sizes, .max, keepsIndices: true)
        return (values, indices ?? .inert)
    }

    /// The mean under each window.
    ///
    /// - Shape: `[..., height, width] -> [..., out height, out width]`
    /// - Parameters:
    ///   - kernel: the window's size.
    ///   - stride: the step between windows; the kernel when nil.
    ///   - ceiling: whether a last window that is not full counts.
    ///   - countsPadding: whether padding is part of the mean.
    ///   - divisor: what to divide by instead, > 0.
    public func averagePool2d(
        _ kernel: Extent, stride: Extent? = nil, padding: Extent = 0, ceiling: Bool = false,
        countsPadding: Bool = true,
        divisor: Int? = nil
    ) -> Tensor {
        guard divisor.map({ $0 > 0 }) ?? true else {
            return failed("averagePool2d", "divisor is \(divisor ?? 0), expected > 0")
        }
        guard
            let sizes = poolingSizes(
                "averagePool2d", kernel, stride ?? kernel, padding, 1, ceiling: ceiling)
        else {
            return .inert
        }
        return pooled(sizes, .average(countsPadding: countsPadding, divisor: divisor ?? 0)).values
    }

    /// The mean over windows that cut the image into `output` parts.
    ///
    /// - Shape: `[..., height, width] -> [..., output height, output width]`
    public func adaptiveAveragePool2d(_ output: Extent) -> Tensor {
        adaptivelyPooled("adaptiveAveragePool2d", output, .adaptiveAverage).values
    }

    /// The largest element of windows that cut the image into `output` parts.
    ///
    /// - Shape: `[..., height, width] -> [..., output height, output width]`
    public func adaptiveMaxPool2d(_ output: Extent) -> Tensor {
        adaptivelyPooled("adaptiveMaxPool2d", output, .adaptiveMax).values
    }

    /// ``adaptiveMaxPool2d(_:)`` with the place of each element within its image, row after row.
    public func adaptiveMaxPool2dWithIndices(_ output: Extent) -> (values: Tensor, indices: Tensor) {
        let (values, indices) = adaptivelyPooled(
            "adaptiveMaxPool2dWithIndices", output, .adaptiveMax, keepsIndices: true)
        return (values, indices ?? .inert)
    }

    /// The largest element under each window of the last axis; as ``maxPool2d(_:stride:padding:dilation:ceiling:)``.
    ///
    /// - Shape: `[..., length] -> [..., out length]`
    public func maxPool1d(
        _ kernel: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1, ceiling: Bool = false
    ) -> Tensor {
        asImage("maxPool1d") {
            $0.maxPool2d(
                Extent(1, kernel), stride: Extent(1, stride ?? kernel), padding: Extent(0, padding),
                dilation: Extent(1, dilation), ceiling: ceiling)
        }
    }

    /// The mean under each window of the last axis; as
    /// ``averagePool2d(_:stride:padding:ceiling:countsPadding:divisor:)``.
    ///
    /// - Shape: `[..., length] -> [..., out length]`
    public func averagePool1d(
        _ kernel: Int, stride: Int? = nil, padding: Int = 0, ceiling: Bool = false, countsPadding: Bool = true
    ) -> Tensor {
        asImage("averagePool1d") {
            $0.averagePool2d(
                Extent(1, kernel), stride: Extent(1, stride ?? kernel), padding: Extent(0, padding), ceiling: ceiling,
                countsPadding: countsPadding)
        }
    }

    /// The mean over windows that cut the last axis into `output` parts.
    ///
    /// - Shape: `[..., length] -> [..., output]`
    public func adaptiveAveragePool1d(_ output: Int) -> Tensor {
        asImage("adaptiveAveragePool1d") { $0.adaptiveAveragePool2d(Extent(1, output)) }
    }

    /// The largest element of windows that cut the last axis into `output` parts.
    ///
    /// - Shape: `[..., length] -> [..., output]`
    public func adaptiveMaxPool1d(_ output: Int) -> Tensor {
        asImage("adaptiveMaxPool1d") { $0.adaptiveMaxPool2d(Extent(1, output)) }
    }

    /// A pooling over the last axis as one over images of height 1.
    private func asImage(_ name: String, _ pool: (Tensor) -> Tensor) -> Tensor {
        if isInert { return self }
        guard rank >= 1, rank < Shape.maximumRank else {
            return failed(name, "shape is \(shape), expected [..., length] of 1 to \(Shape.maximumRank - 1) axes")
        }
        return pool(unsqueezed(axis: -2)).squeezed(axis: -2)
    }

    private func adaptivelyPooled(
        _ name: String, _ output: Extent, _ kind: PoolingPlan.Kind, keepsIndices: Bool = false
    ) -> (values: Tensor, indices: Tensor?) {
        if isInert { return (self, nil) }
        guard elementType == .float32, rank >= 2, output.height > 0, output.width > 0, shape[-1] > 0,
            shape[-2] > 0
        else {
            let problem = "\(elementType) \(shape) to \(output), expected float32 [..., height, width] and sizes > 0"
            return (failed(name, problem), nil)
        }
        var sizes = hone_pooling()
        sizes.height = shape[-2]
        sizes.width = shape[-1]
        sizes.planes = count / (sizes.height * sizes.width)
        sizes.out_height = output.height
        sizes.out_width = output.width
        return pooled(sizes, kind, keepsIndices: keepsIndices)
    }

    private func pooled(
        _ sizes: hone_pooling, _ kind: PoolingPlan.Kind, keepsIndices: Bool = false
    ) -> (values: Tensor, indices: Tensor?) {
        var outShape = shape
        outShape[rank - 2] = sizes.out_height
        outShape[rank - 1] = sizes.out_width
        let result = Tensor.uninitialized(outShape)
        let state = Context.current
        let slot = state.pointee.tape?.slot(of: self) ?? -1
        var plan = sizes
        var indices: Tensor?
        switch kind {
        case .max, .adaptiveMax: if slot >= 0 || keepsIndices { indices = .uninitialized(outShape, type: .int32) }
        case .average, .adaptiveAverage: break
        }
        switch kind {
        case .max:
            hone_max_pool(HONE_ISA_AUTO, &plan, body.floats, result.body.floats, indices?.body.integers)
        case .adaptiveMax:
            hone_adaptive_max_pool(
                HONE_ISA_AUTO, &plan, body.floats, result.body.floats, indices?.body.integers)
        case .adaptiveAverage:
            hone_adaptive_average_pool(HONE_ISA_AUTO, &plan, body.floats, result.body.floats)
        case .average(let countsPadding, let divisor):
            hone_average_pool(
                HONE_ISA_AUTO, &plan, countsPadding, divisor, body.floats, result.body.floats)
        }
        if let tape = state.pointee.tape, slot >= 0 {
            tape.append(
                Tape.Record(
                    operation: .pooling, output: tape.enter(result), input0: slot, saved0: indices?.body,
                    custom: PoolingPlan(sizes, kind)))
        }
        return (result, indices)
    }

    private func poolingSizes(
        _ name: String, _ kernel: Extent, _ stride: Extent, _ padding: Extent, _ dilation: Extent,
        ceiling: Bool
    ) -> hone_pooling? {
        if isInert { return nil }
        func refuse(_ problem: String) -> hone_pooling? {
            _ = failed(name, problem)
            return nil
        }
        guard elementType == .float32, rank >= 2 else {
            return refuse("\(elementType) \(shape), expected float32 [..., height, width]")
        }
        guard kernel.height > 0, kernel.width > 0, stride.height > 0, stride.width > 0,
            dilation.height > 0,
            dilation.width > 0, padding.height >= 0, padding.width >= 0,
            2 * padding.height <= kernel.height,
            2 * padding.width <= kernel.width
        else {
            return refuse(
                "kernel \(kernel), stride \(stride), dilation \(dilation), padding \(padding): expected positive "
                    + "sizes, and padding of 0 up to half of the kernel")
        }
        func outLength(_ length: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int)
            -> Int
        {
            let room = length + 2 * padding - dilation * (kernel - 1) - 1
            if room < 0 { return 0 }
            var out = (ceiling ? (room + stride - 1) / stride : room / stride) + 1
            // A window that would begin beyond the image and its padding does not count.
            if ceiling, (out - 1) * stride >= length + padding { out -= 1 }
            return out
        }
        var sizes = hone_pooling()
        sizes.height = shape[-2]
        sizes.width = shape[-1]
        sizes.out_height = outLength(
            shape[-2], kernel.height, stride.height, padding.height, dilation.height)
        sizes.out_width = outLength(
            shape[-1], kernel.width, stride.width, padding.width, dilation.width)
        guard sizes.out_height > 0, sizes.out_width > 0 else {
            return refuse("a kernel of \(kernel) does not fit into \(shape)")
        }
        sizes.planes = count / (sizes.height * sizes.width)
        (sizes.kernel_height, sizes.kernel_width) = (kernel.height, kernel.width)
        (sizes.stride_height, sizes.stride_width) = (stride.height, stride.width)
        (sizes.pad_height, sizes.pad_width) = (padding.height, padding.width)
        (sizes.dilation_height, sizes.dilation_width) = (dilation.height, dilation.width)
        return sizes
    }
}

func poolingBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let plan = record.custom as? PoolingPlan else { return }
    var sizes = plan.sizes
    let (target, accumulates) = tape.target(record.input0)
    switch plan.kind {
    case .max:
        hone_max_pool_backward(
            HONE_ISA_AUTO, &sizes, record.saved0?.integers, gradient.floats, target, accumulates)
    case .adaptiveMax:
        hone_adaptive_max_pool_backward(
            HONE_ISA_AUTO, &sizes, record.saved0?.integers, gradient.floats, target, accumulates)
    case .adaptiveAverage:
        hone_adaptive_average_pool_backward(HONE_ISA_AUTO, &sizes, gradient.floats, target, accumulates)
    case .average(let countsPadding, let divisor):
        hone_average_pool_backward(
            HONE_ISA_AUTO, &sizes, countsPadding, divisor, gradient.floats, target, accumulates)
    }
}
