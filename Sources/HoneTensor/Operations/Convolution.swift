import HoneKernels

// Convolutions. A one-dimensional one is two-dimensional with height 1; a transposed one is the input gradient of one.

/// A height and a width; an integer literal is both: `stride: 2`.
public struct Extent: Hashable, Sendable, Codable, ExpressibleByIntegerLiteral {
    /// Along the vertical axis.
    public var height: Int
    /// Along the horizontal axis.
    public var width: Int

    /// Makes an extent.
    public init(_ height: Int, _ width: Int) {
        self.height = height
        self.width = width
    }

    /// As high as wide.
    public init(integerLiteral value: Int) { self.init(value, value) }
}

/// A convolution's sizes, kept by the tape for its backward pass.
private final class ConvolutionPlan {
    let sizes: hone_conv
    let isTransposed: Bool

    init(_ sizes: hone_conv, isTransposed: Bool) {
        self.sizes = sizes
        self.isTransposed = isTransposed
    }
}

extension Tensor {
    /// A two-dimensional convolution (cross-correlation, as in PyTorch).
    ///
    /// - Shape: self `[batch, in, height, width]`, weight `[out, in / groups, kernel height, kernel width]`, bias `[out]`
    ///   -> `[batch, out, out height, out width]`, out = ⌊(in + 2 padding − dilation (kernel − 1) − 1) / stride⌋ + 1
    /// - Parameter relu: whether a ReLU follows, in the same pass.
    public func conv2d(
        _ weight: Tensor, bias: Tensor? = nil, stride: Extent = 1, padding: Extent = 0,
        dilation: Extent = 1,
        groups: Int = 1, relu: Bool = false
    ) -> Tensor {
        if isInert || weight.isInert { return .inert }
        guard
            let sizes = convolutionSizes(
                "conv2d", weight, bias, stride, padding, dilation, groups, batch: shape,
                channels: (out: 0, in: 1))
        else { return .inert }
        var plan = sizes
        let (outHeight, outWidth) = (hone_conv_out_height(&plan), hone_conv_out_width(&plan))
        guard outHeight > 0, outWidth > 0 else {
            return failed(
                "conv2d", "a kernel of \(weight.shape) does not fit into \(shape) with padding \(padding)")
        }
        let result = Tensor.uninitialized([shape[0], weight.shape[0], outHeight, outWidth])
        hone_conv_forward(
            HONE_ISA_AUTO, &plan, body.floats, weight.body.floats, bias?.body.floats,
            relu ? HONE_ACTIVATION_RELU : HONE_ACTIVATION_NONE, result.body.floats)
        recordConvolution(result, weight, bias, ConvolutionPlan(sizes, isTransposed: false), relu: relu)
        return result
    }

    /// A two-dimensional transposed convolution: the input gradient of ``conv2d(_:bias:stride:padding:dilation:groups:relu:)``.
    ///
    /// - Shape: self `[batch, in, height, width]`, weight `[in, out / groups, kernel height, kernel width]`, bias `[out]`
    ///   -> `[batch, out, ...]`, out = (in − 1) stride − 2 padding + dilation (kernel − 1) + outputPadding + 1
    public func convTransposed2d(
        _ weight: Tensor, bias: Tensor? = nil, stride: Extent = 1, padding: Extent = 0,
        outputPadding: Extent = 0,
        dilation: Extent = 1, groups: Int = 1
    ) -> Tensor {
        if isInert || weight.isInert { return .inert }
        guard rank == 4, weight.rank == 4 else {
            return failed(
                "convTransposed2d", "input \(shape) and weight \(weight.shape), expected four axes each")
        }
        let height =
            (shape[2] - 1) * stride.height - 2 * padding.height + dilation.height * (weight.shape[2] - 1)
            + outputPadding.height + 1
        let width =
            (shape[3] - 1) * stride.width - 2 * padding.width + dilation.width * (weight.shape[3] - 1)
            + outputPadding.width
            + 1
        let outputs = weight.shape[1] * Swift.max(1, groups)
        guard height > 0, width > 0, outputPadding.height >= 0, outputPadding.width >= 0,
            outputPadding.height < Swift.max(stride.height, dilation.height),
            outputPadding.width < Swift.max(stride.width, dilation.width)
        else {
            return failed(
                "convTransposed2d",
                "input \(shape), weight \(weight.shape), outputPadding \(outputPadding): no such output")
        }
        let image: Shape = [shape[0], outputs, height, width]
        guard
            let sizes = convolutionSizes(
                "convTransposed2d", weight, bias, stride, padding, dilation, groups, batch: image,
                channels: (out: 1, in: 0))
        else { return .inert }
        var plan = sizes
        let result = Tensor.uninitialized(image)
        hone_conv_backward_input(
            HONE_ISA_AUTO, &plan, body.floats, weight.body.floats, result.body.floats, false)
        if let bias {
            let spread = bias.detached().reshaped([1, outputs, 1, 1])
            _ = Tensor.apply(HONE_ADD, result, spread, image, into: result.body.floats)
        }
        recordConvolution(result, weight, bias, ConvolutionPlan(sizes, isTransposed: true), relu: false)
        return result
    }

    /// A one-dimensional convolution.
    ///
    /// - Shape: self `[batch, in, length]`, weight `[out, in / groups, kernel]`, bias `[out]` -> `[batch, out, out length]`
    public func conv1d(
        _ weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
        groups: Int = 1,
        relu: Bool = false
    ) -> Tensor {
        if isInert || weight.isInert { return .inert }
        guard rank == 3, weight.rank == 3 else {
            return failed("conv1d", "input \(shape) and weight \(weight.shape), expected three axes each")
        }
        let result = reshaped([shape[0], shape[1], 1, shape[2]]).conv2d(
            weight.reshaped([weight.shape[0], weight.shape[1], 1, weight.shape[2]]), bias: bias,
            stride: Extent(1, stride),
            padding: Extent(0, padding), dilation: Extent(1, dilation), groups: groups, relu: relu)
        return result.isInert
            ? result : result.reshaped([result.shape[0], result.shape[1], result.shape[3]])
    }

    /// The sizes of a convolution over images of shape `batch`, of which self (or, transposed, the result) is the output;
    /// nil, with the mistake reported, when they do not fit.
    private func convolutionSizes(
        _ name: String, _ weight: Tensor, _ bias: Tensor?, _ stride: Extent, _ padding: Extent,
        _ dilation: Extent,
        _ groups: Int, batch image: Shape, channels: (out: Int, in: Int)
    ) -> hone_conv? {
        func refuse(_ problem: String) -> hone_conv? {
            _ = failed(name, problem)
            return nil
        }
        guard elementType == .float32, weight.elementType == .float32, rank == 4, weight.rank == 4
        else {
            return refuse(
                "\(elementType) input \(shape) and \(weight.elementType) weight \(weight.shape), expected float32 "
                    + "[batch, channels, height, width] and [out, in / groups, kernel height, kernel width]")
        }
        guard stride.height > 0, stride.width > 0, dilation.height > 0, dilation.width > 0,
            padding.height >= 0,
            padding.width >= 0, groups > 0
        else {
            return refuse(
                "stride \(stride), dilation \(dilation), padding \(padding), groups \(groups): expected positive "
                    + "strides, dilations and groups, and padding of 0 or more")
        }
        // Of a transposed convolution the weight is that of the convolution whose input gradient it is.
        let (inputs, outputs) = (weight.shape[1] * groups, weight.shape[0])
        let (imageChannels, own) = (image[1], shape[1])
        let fits = channels.out == 0 ? imageChannels == inputs : own == outputs
        guard fits, outputs % groups == 0 else {
            return refuse(
                "input \(shape) has \(own) channels, weight \(weight.shape) with \(groups) groups expects "
                    + "\(channels.out == 0 ? inputs : outputs)")
        }
        let biases = channels.out == 0 ? outputs : inputs
        if let bias, bias.rank != 1 || bias.shape[0] != biases || bias.elementType != .float32 {
            return refuse("bias is \(bias.shape), expected [\(biases)]")
        }
        return hone_conv(
            batch: image[0], in_channels: inputs, height: image[2], width: image[3],
            out_channels: outputs,
            kernel_height: weight.shape[2], kernel_width: weight.shape[3], stride_h: stride.height,
            stride_w: stride.width,
            pad_h: padding.height, pad_w: padding.width, dilation_h: dilation.height,
            dilation_w: dilation.width,
            groups: groups)
    }

    private func recordConvolution(
        _ result: Tensor, _ weight: Tensor, _ bias: Tensor?, _ plan: ConvolutionPlan, relu: Bool
    ) {
        guard let tape = Context.current.pointee.tape else { return }
        let (slotX, slotW) = (tape.slot(of: self), tape.slot(of: weight))
        let slotB = bias.map { tape.slot(of: $0) } ?? -1
        guard slotX >= 0 || slotW >= 0 || slotB >= 0 else { return }
        tape.append(
            Tape.Record(
                operation: .convolution, flag: relu, output: tape.enter(result), input0: slotX,
                input1: slotW,
                input2: slotB, saved0: slotW >= 0 ? body : nil, saved1: slotX >= 0 ? weight.body : nil,
                saved2: relu ? result.body : nil, custom: plan))
    }
}

func convolutionBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let plan = record.custom as? ConvolutionPlan else { return }
    var sizes = plan.sizes
    var dy = gradient
    if let output = record.saved2 {
        dy = tape.scratch(over: gradient)
        hone_unary_backward(
            HONE_ISA_AUTO, HONE_RELU, output.floats, gradient.floats, dy.floats, dy.count, false)
    }
    if record.input1 >= 0, let x = record.saved0 {
        let (target, accumulates) = tape.target(record.input1)
        // Of a transposed convolution the result is the image, and the input what the convolution would give.
        let (image, output) = plan.isTransposed ? (dy, x) : (x, dy)
        hone_conv_backward_weight(
            HONE_ISA_AUTO, &sizes, image.floats, output.floats, target, accumulates)
    }
    if record.input2 >= 0 {
        let (target, accumulates) = tape.target(record.input2)
        let channels = dy.shape[1]
        let spatial = dy.shape[2] * dy.shape[3]
        let rows = Tensor(dy).reshaped([dy.shape[0], channels, spatial]).sum(axes: [0, 2])
        addOrCopy(rows.body.floats, target, channels, accumulates)
    }
    if record.input0 >= 0, let weight = record.saved1 {
        let (target, accumulates) = tape.target(record.input0)
        if plan.isTransposed {
            let count = tape.shape(of: record.input0).count
            let fresh = accumulates ? Tensor.uninitialized(Shape(count)) : nil
            hone_conv_forward(
                HONE_ISA_AUTO, &sizes, dy.floats, weight.floats, nil, HONE_ACTIVATION_NONE,
                fresh?.body.floats ?? target)
            if let fresh { addOrCopy(fresh.body.floats, target, count, true) }
        } else {
            hone_conv_backward_input(HONE_ISA_AUTO, &sizes, dy.floats, weight.floats, target, accumulates)
        }
    }
}
