import HoneKernels
import Testing

/// 3 x 3 convolutions with stride 1 or 2 and enough channels.
@Suite struct WinogradTests {
    static let cases: [hone_conv] = [
        hone_conv(batch: 2, channels: 8, height: 8, width: 8, out: 8, k: 3, pad: 1),
        hone_conv(batch: 9, channels: 17, height: 4, width: 4, out: 33, k: 3, pad: 1),
        hone_conv(batch: 3, channels: 16, height: 7, width: 13, out: 20, k: 3, pad: 1),
        hone_conv(batch: 2, channels: 20, height: 9, width: 10, out: 9, k: 3),
        hone_conv(batch: 2, channels: 9, height: 6, width: 5, out: 16, k: 3, pad: 2),
        hone_conv(batch: 2, channels: 8, height: 6, width: 7, out: 8, k: 3, pad: 3),
        hone_conv(batch: 2, channels: 16, height: 11, width: 8, out: 24, k: 3, pad: 1, groups: 2),
        hone_conv(batch: 8, channels: 8, height: 8, width: 8, out: 8, k: 3, stride: 2, pad: 1),
        hone_conv(batch: 2, channels: 17, height: 16, width: 15, out: 9, k: 3, stride: 2, pad: 1),
        hone_conv(batch: 8, channels: 9, height: 9, width: 9, out: 12, k: 3, stride: 2),
        hone_conv(batch: 8, channels: 8, height: 10, width: 18, out: 18, k: 3, stride: 2),
        hone_conv(batch: 8, channels: 16, height: 6, width: 5, out: 16, k: 3, stride: 2, pad: 2, groups: 2),
        hone_conv(
            batch: 8, in_channels: 10, height: 10, width: 5, out_channels: 8, kernel_height: 3, kernel_width: 3,
            stride_h: 2, stride_w: 2, pad_h: 0, pad_w: 2, dilation_h: 1, dilation_w: 1, groups: 1),
        hone_conv(
            batch: 3, in_channels: 10, height: 10, width: 7, out_channels: 12, kernel_height: 3, kernel_width: 3,
            stride_h: 1, stride_w: 1, pad_h: 0, pad_w: 2, dilation_h: 1, dilation_w: 1, groups: 1),
    ]

    /// A tile's transforms multiply rounding errors; winograd.c says by how much.
    private let bound = 4e-6

    @Test("matches the definition", arguments: 0..<cases.count)
    func definition(_ index: Int) {
        let conv = Self.cases[index]
        let truth = ConvolutionTruth(conv)
        for variant in availableVariants {
            let kernels = ConvolutionKernels(conv: conv, variant: variant)
            let context = "case \(index), \(name(of: variant))"
            #expect(worstError(kernels.forward(truth.x, truth.w), truth.y) < bound, "forward: \(context)")
            for relu in [false, true] {
                let y = kernels.forward(truth.x, truth.w, bias: truth.bias, relu: relu)
                #expect(worstError(y, truth.output(relu: relu)) < bound, "forward, bias, relu \(relu): \(context)")
            }
            #expect(worstError(kernels.backwardInput(truth.dy, truth.w), truth.dx) < bound, "dx: \(context)")
            #expect(worstError(kernels.backwardWeight(truth.x, truth.dy), truth.dw) < bound, "dw: \(context)")
            let dx = kernels.backwardInput(truth.dy, truth.w, adding: true, start: 2)
            let dw = kernels.backwardWeight(truth.x, truth.dy, adding: true, start: 2)
            #expect(worstError(dx, truth.dx.map { $0 + 2 }) < bound, "dx, adding: \(context)")
            #expect(worstError(dw, truth.dw.map { $0 + 2 }) < bound, "dw, adding: \(context)")
        }
    }

    @Test("gradients are the adjoints of the forward pass", arguments: 0..<cases.count)
    func adjoints(_ index: Int) {
        let conv = Self.cases[index]
        var numbers = TestNumbers(seed: 5)
        let x = numbers.floats(conv.inputCount)
        let w = numbers.floats(conv.weightCount)
        let dy = numbers.floats(conv.outputCount)
        for variant in availableVariants {
            let kernels = ConvolutionKernels(conv: conv, variant: variant)
            let y = kernels.forward(x, w)
            let scale = 2e-6 * (norm(y) * norm(dy) + 1)
            let context = "case \(index), \(name(of: variant))"
            #expect(abs(dot(y, dy) - dot(x, kernels.backwardInput(dy, w))) < scale, "dx: \(context)")
            #expect(abs(dot(y, dy) - dot(w, kernels.backwardWeight(x, dy))) < scale, "dw: \(context)")
        }
    }

    @Test("errors of 64 channels stay below 4 millionths of the largest element", arguments: [1, 2])
    func accuracy(_ stride: Int) {
        let size = 8 * stride
        let conv = hone_conv(
            batch: 2, channels: 64, height: size, width: size, out: 24, k: 3, stride: stride, pad: 1)
        let truth = ConvolutionTruth(conv)
        for variant in availableVariants {
            let kernels = ConvolutionKernels(conv: conv, variant: variant)
            #expect(worstError(kernels.forward(truth.x, truth.w), truth.y) < bound, "\(name(of: variant))")
            #expect(worstError(kernels.backwardInput(truth.dy, truth.w), truth.dx) < bound, "\(name(of: variant))")
            #expect(worstError(kernels.backwardWeight(truth.x, truth.dy), truth.dw) < bound, "\(name(of: variant))")
        }
    }

    @Test("a NaN reaches the outputs that depend on it, and no other image")
    func notANumber() {
        let conv = hone_conv(batch: 2, channels: 8, height: 8, width: 8, out: 8, k: 3, pad: 1)
        var truth = ConvolutionTruth(conv).x
        truth[8 * 64 + 3] = .nan
        let w = [Float](repeating: 1, count: conv.weightCount)
        for variant in availableVariants {
            let y = ConvolutionKernels(conv: conv, variant: variant).forward(truth, w, relu: true)
            #expect(y[8 * 64 + 3].isNaN)
            #expect(y.prefix(8 * 64).allSatisfy { !$0.isNaN })
        }
    }
}
