import HoneKernels
import Testing

@Suite struct ConvolutionTests {
    /// Every way of working but Winograd's, which has tests of its own.
    static let cases: [(String, hone_conv)] = [
        ("3 x 3 of one channel", hone_conv(batch: 3, channels: 1, height: 9, width: 7, out: 5, k: 3, pad: 1)),
        ("3 x 3 of three channels", hone_conv(batch: 2, channels: 3, height: 8, width: 17, out: 20, k: 3, pad: 1)),
        ("few channels, in place", hone_conv(batch: 3, channels: 3, height: 9, width: 14, out: 21, k: 3, pad: 1)),
        ("one channel, in place", hone_conv(batch: 18, channels: 1, height: 5, width: 28, out: 9, k: 3, pad: 1)),
        (
            "few channels, in place, uneven",
            hone_conv(
                batch: 2, in_channels: 4, height: 11, width: 31, out_channels: 10, kernel_height: 2, kernel_width: 3,
                stride_h: 3, stride_w: 2, pad_h: 1, pad_w: 2, dilation_h: 2, dilation_w: 2, groups: 1)
        ),
        ("1 x 1", hone_conv(batch: 3, channels: 18, height: 5, width: 6, out: 9, k: 1)),
        ("1 x 1 with stride", hone_conv(batch: 2, channels: 5, height: 7, width: 9, out: 19, k: 1, stride: 2)),
        ("stride 2", hone_conv(batch: 2, channels: 17, height: 9, width: 34, out: 7, k: 3, stride: 2, pad: 1)),
        ("last row unused", hone_conv(batch: 2, channels: 4, height: 8, width: 8, out: 6, k: 3, stride: 2)),
        ("stride 3", hone_conv(batch: 1, channels: 2, height: 11, width: 10, out: 3, k: 5, stride: 3, pad: 4)),
        ("dilation", hone_conv(batch: 1, channels: 9, height: 12, width: 11, out: 9, k: 3, pad: 2, dilation: 2)),
        ("small images", hone_conv(batch: 37, channels: 3, height: 2, width: 2, out: 4, k: 2, pad: 1)),
        ("output of one pixel", hone_conv(batch: 3, channels: 7, height: 4, width: 4, out: 11, k: 4)),
        ("7 x 7", hone_conv(batch: 1, channels: 3, height: 15, width: 15, out: 8, k: 7, stride: 2, pad: 3)),
        ("groups", hone_conv(batch: 2, channels: 12, height: 6, width: 5, out: 9, k: 3, stride: 2, pad: 1, groups: 3)),
        ("depthwise", hone_conv(batch: 2, channels: 5, height: 9, width: 19, out: 5, k: 3, pad: 1, groups: 5)),
        (
            "depthwise, stride 2, two out channels each",
            hone_conv(batch: 2, channels: 3, height: 11, width: 37, out: 6, k: 3, stride: 2, pad: 1, groups: 3)
        ),
        (
            "depthwise, stride 3, dilation, uneven",
            hone_conv(
                batch: 1, in_channels: 2, height: 13, width: 10, out_channels: 2, kernel_height: 2, kernel_width: 3,
                stride_h: 1, stride_w: 3, pad_h: 0, pad_w: 2, dilation_h: 3, dilation_w: 2, groups: 2)
        ),
        (
            "sequence",
            hone_conv(
                batch: 2, in_channels: 6, height: 1, width: 40, out_channels: 7, kernel_height: 1, kernel_width: 5,
                stride_h: 1, stride_w: 2, pad_h: 0, pad_w: 2, dilation_h: 1, dilation_w: 1, groups: 1)
        ),
        (
            "uneven",
            hone_conv(
                batch: 2, in_channels: 4, height: 9, width: 21, out_channels: 3, kernel_height: 4, kernel_width: 2,
                stride_h: 1, stride_w: 3, pad_h: 2, pad_w: 0, dilation_h: 2, dilation_w: 3, groups: 1)
        ),
    ]

    private let bound = 3e-6

    @Test("matches the definition", arguments: 0..<cases.count)
    func definition(_ index: Int) {
        let (name, conv) = Self.cases[index]
        let truth = ConvolutionTruth(conv)
        for variant in availableVariants {
            let kernels = ConvolutionKernels(conv: conv, variant: variant)
            let context = "\(name), \(HoneKernelsTests.name(of: variant))"
            #expect(worstError(kernels.forward(truth.x, truth.w), truth.y) < bound, "forward: \(context)")
            for relu in [false, true] {
                let y = kernels.forward(truth.x, truth.w, bias: truth.bias, relu: relu)
                #expect(worstError(y, truth.output(relu: relu)) < bound, "forward, bias, relu \(relu): \(context)")
            }
            #expect(worstError(kernels.backwardInput(truth.dy, truth.w), truth.dx) < bound, "dx: \(context)")
            #expect(worstError(kernels.backwardWeight(truth.x, truth.dy), truth.dw) < bound, "dw: \(context)")
            #expect(worstError(kernels.backwardBias(truth.dy), truth.db) < bound, "db: \(context)")
        }
    }

    @Test("adds to what is there when asked to", arguments: 0..<cases.count)
    func accumulation(_ index: Int) {
        let (name, conv) = Self.cases[index]
        let truth = ConvolutionTruth(conv)
        for variant in availableVariants {
            let kernels = ConvolutionKernels(conv: conv, variant: variant)
            let context = "\(name), \(HoneKernelsTests.name(of: variant))"
            let dx = kernels.backwardInput(truth.dy, truth.w, adding: true, start: 2)
            let dw = kernels.backwardWeight(truth.x, truth.dy, adding: true, start: 2)
            let db = kernels.backwardBias(truth.dy, adding: true, start: 2)
            #expect(worstError(dx, truth.dx.map { $0 + 2 }) < bound, "dx: \(context)")
            #expect(worstError(dw, truth.dw.map { $0 + 2 }) < bound, "dw: \(context)")
            #expect(worstError(db, truth.db.map { $0 + 2 }) < bound, "db: \(context)")
        }
    }

    @Test("gradients are the adjoints of the forward pass", arguments: 0..<cases.count)
    func adjoints(_ index: Int) {
        let (name, conv) = Self.cases[index]
        var numbers = TestNumbers(seed: 5)
        let x = numbers.floats(conv.inputCount)
        let w = numbers.floats(conv.weightCount)
        let dy = numbers.floats(conv.outputCount)
        for variant in availableVariants {
            let kernels = ConvolutionKernels(conv: conv, variant: variant)
            let y = kernels.forward(x, w)
            let scale = 1e-6 * (norm(y) * norm(dy) + 1)
            let context = "\(name), \(HoneKernelsTests.name(of: variant))"
            #expect(abs(dot(y, dy) - dot(x, kernels.backwardInput(dy, w))) < scale, "dx: \(context)")
            #expect(abs(dot(y, dy) - dot(w, kernels.backwardWeight(x, dy))) < scale, "dw: \(context)")
        }
    }

    static let shared: [(String, hone_conv)] = [
        ("implicit", hone_conv(batch: 5, channels: 8, height: 17, width: 18, out: 24, k: 5, stride: 2, pad: 1)),
        ("few channels", hone_conv(batch: 20, channels: 3, height: 16, width: 16, out: 16, k: 3, pad: 1)),
        ("groups", hone_conv(batch: 3, channels: 16, height: 12, width: 15, out: 32, k: 3, stride: 2, groups: 4)),
        ("depthwise", hone_conv(batch: 4, channels: 40, height: 20, width: 20, out: 40, k: 3, pad: 1, groups: 40)),
        ("Winograd", hone_conv(batch: 6, channels: 20, height: 14, width: 13, out: 24, k: 3, pad: 1)),
        ("with stride", hone_conv(batch: 6, channels: 20, height: 16, width: 16, out: 24, k: 3, stride: 2, pad: 1)),
    ]

    @Test("gives the same bits on any number of threads", arguments: 0..<shared.count)
    func threads(_ index: Int) {
        let (name, conv) = Self.shared[index]
        var numbers = TestNumbers(seed: 7)
        let x = GuardedArray(numbers.floats(conv.inputCount))
        let w = GuardedArray(numbers.floats(conv.weightCount))
        let dy = GuardedArray(numbers.floats(conv.outputCount))
        let y = withAndWithoutThreads(count: conv.outputCount, filler: Float(0)) { to in
            withUnsafePointer(to: conv) {
                hone_conv_forward(HONE_ISA_AUTO, $0, x.pointer, w.pointer, nil, HONE_ACTIVATION_NONE, to)
            }
        }
        let dx = withAndWithoutThreads(count: conv.inputCount, filler: Float(0)) { to in
            withUnsafePointer(to: conv) {
                hone_conv_backward_input(HONE_ISA_AUTO, $0, dy.pointer, w.pointer, to, true)
            }
        }
        let dw = withAndWithoutThreads(count: conv.weightCount, filler: Float(0)) { to in
            withUnsafePointer(to: conv) {
                hone_conv_backward_weight(HONE_ISA_AUTO, $0, x.pointer, dy.pointer, to, false)
            }
        }
        let db = withAndWithoutThreads(count: conv.out_channels, filler: Float(0)) { to in
            withUnsafePointer(to: conv) { hone_conv_backward_bias(HONE_ISA_AUTO, $0, dy.pointer, to, false) }
        }
        #expect(sameBits(y.all, y.one), "forward: \(name)")
        #expect(sameBits(dx.all, dx.one), "dx: \(name)")
        #expect(sameBits(dw.all, dw.one), "dw: \(name)")
        #expect(sameBits(db.all, db.one), "db: \(name)")
    }

    @Test("sizes of the output are those of the formula, and 0 when the kernel does not fit")
    func sizes() {
        func size(_ size: Int, _ k: Int, stride: Int = 1, pad: Int = 0, dilation: Int = 1) -> Int {
            let conv = hone_conv(
                batch: 1, channels: 1, height: size, width: size, out: 1, k: k, stride: stride, pad: pad,
                dilation: dilation)
            #expect(conv.outHeight == conv.outWidth)
            return conv.outHeight
        }
        #expect(size(28, 3, pad: 1) == 28)
        #expect(size(32, 3, stride: 2, pad: 1) == 16)
        #expect(size(8, 3, stride: 2) == 3)
        #expect(size(5, 3, dilation: 2) == 1)
        #expect(size(4, 3, dilation: 2) == 0)
        #expect(size(0, 1) == 0)
        #expect(size(0, 2, pad: 1) == 1)
    }

    @Test("empty tensors are left alone or set to what an empty sum is")
    func empty() {
        let none = hone_conv(batch: 0, channels: 3, height: 5, width: 5, out: 4, k: 3)
        let small = hone_conv(batch: 2, channels: 3, height: 2, width: 2, out: 4, k: 3)
        let bare = hone_conv(batch: 1, channels: 0, height: 3, width: 3, out: 2, k: 3, pad: 1)
        for variant in availableVariants {
            let batchless = ConvolutionKernels(conv: none, variant: variant)
            let weights = [Float](repeating: 1, count: none.weightCount)
            #expect(batchless.forward([], weights).isEmpty)
            #expect(batchless.backwardInput([], weights).isEmpty)
            #expect(batchless.backwardWeight([], []).allSatisfy { $0 == 0 })
            #expect(batchless.backwardWeight([], [], adding: true, start: 3).allSatisfy { $0 == 3 })
            #expect(batchless.backwardBias([]).allSatisfy { $0 == 0 })

            let misfit = ConvolutionKernels(conv: small, variant: variant)
            #expect(misfit.backwardInput([], weights).allSatisfy { $0 == 0 })
            #expect(misfit.backwardInput([], weights, adding: true, start: 3).allSatisfy { $0 == 3 })

            let channelless = ConvolutionKernels(conv: bare, variant: variant)
            let constant = Array(repeating: Float(1), count: 9) + Array(repeating: -1, count: 9)
            #expect(channelless.forward([], [], bias: [1, -1]) == constant)
            #expect(channelless.forward([], [], bias: [1, -1], relu: true).suffix(9).allSatisfy { $0 == 0 })
        }
    }
}
