import Hone
import HoneKernels

/// One convolution of the training cases d, e9 and e18: `[batch, inputs, side, side]`, square kernels.
private struct ConvolutionCase {
    let name: String
    let batch: Int
    let inputs: Int
    let outputs: Int
    let side: Int
    var kernel = 3
    var stride = 1

    static let all = [
        ConvolutionCase(name: "d-1x16@28", batch: 64, inputs: 1, outputs: 16, side: 28),
        ConvolutionCase(name: "d-16x32@14", batch: 64, inputs: 16, outputs: 32, side: 14),
        ConvolutionCase(name: "e-3x64@32", batch: 128, inputs: 3, outputs: 64, side: 32),
        ConvolutionCase(name: "e-64x64@32", batch: 128, inputs: 64, outputs: 64, side: 32),
        ConvolutionCase(name: "e-64x128@32", batch: 128, inputs: 64, outputs: 128, side: 32),
        ConvolutionCase(name: "e-64x128@32s2", batch: 128, inputs: 64, outputs: 128, side: 32, stride: 2),
        ConvolutionCase(name: "e-64x128@32s2k1", batch: 128, inputs: 64, outputs: 128, side: 32, kernel: 1, stride: 2),
        ConvolutionCase(name: "e-128x128@16", batch: 128, inputs: 128, outputs: 128, side: 16),
        ConvolutionCase(name: "e-128x256@16", batch: 128, inputs: 128, outputs: 256, side: 16),
        ConvolutionCase(name: "e-256x256@8", batch: 128, inputs: 256, outputs: 256, side: 8),
        ConvolutionCase(name: "e-256x512@8s2", batch: 128, inputs: 256, outputs: 512, side: 8, stride: 2),
        ConvolutionCase(name: "e-256x256@4", batch: 128, inputs: 256, outputs: 256, side: 4),
        ConvolutionCase(name: "e-512x512@4", batch: 128, inputs: 512, outputs: 512, side: 4),
    ]
}

/// Convolutions layer by layer: forward, input gradient and weight gradient. `Peers/conv.py` measures the same in
/// PyTorch.
func benchConvolution(_ options: BenchOptions) throws {
    for layer in ConvolutionCase.all where options.cases.isEmpty || options.cases.contains(layer.name) {
        var sizes = hone_conv(
            batch: layer.batch, in_channels: layer.inputs, height: layer.side, width: layer.side,
            out_channels: layer.outputs, kernel_height: layer.kernel, kernel_width: layer.kernel,
            stride_h: layer.stride, stride_w: layer.stride, pad_h: layer.kernel / 2, pad_w: layer.kernel / 2,
            dilation_h: 1, dilation_w: 1, groups: 1)
        let outSide = hone_conv_out_height(&sizes)
        let x = Floats(layer.batch * layer.inputs * layer.side * layer.side, RandomKey(seed: 1))
        let w = Floats(layer.outputs * layer.inputs * layer.kernel * layer.kernel, RandomKey(seed: 2))
        let y = Floats(layer.batch * layer.outputs * outSide * outSide, RandomKey(seed: 3))
        let (out, dx, dw) = (Floats(y.count, nil), Floats(x.count, nil), Floats(w.count, nil))
        let gigaflops = 2e-9 * Double(y.count) * Double(layer.inputs * layer.kernel * layer.kernel)
        let variants: [(String, () -> Void)] = [
            (
                "forward",
                {
                    hone_conv_forward(
                        HONE_ISA_AUTO, &sizes, x.start, w.start, nil, HONE_ACTIVATION_NONE, out.start)
                }
            ),
            ("dX", { hone_conv_backward_input(HONE_ISA_AUTO, &sizes, y.start, w.start, dx.start, false) }),
            ("dW", { hone_conv_backward_weight(HONE_ISA_AUTO, &sizes, x.start, y.start, dw.start, false) }),
        ]
        for (variant, body) in variants {
            Measurement(
                bench: "conv", name: layer.name, metric: "gflops", unit: "GFLOP/s",
                values: measure(options, body).map { gigaflops / $0 }, extra: [("variant", "\"\(variant)\"")]
            ).emit(options)
        }
    }
}
