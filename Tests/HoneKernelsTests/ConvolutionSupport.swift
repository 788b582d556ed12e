import HoneKernels

extension hone_conv {
    /// Square by default: kernel `k`, `stride`, `pad` and `dilation` along both axes.
    init(
        batch: Int, channels: Int, height: Int, width: Int, out: Int, k: Int, stride: Int = 1, pad: Int = 0,
        dilation: Int = 1, groups: Int = 1
    ) {
        self.init(
            batch: batch, in_channels: channels, height: height, width: width, out_channels: out, kernel_height: k,
            kernel_width: k, stride_h: stride, stride_w: stride, pad_h: pad, pad_w: pad, dilation_h: dilation,
            dilation_w: dilation, groups: groups)
    }

    var outHeight: Int { withUnsafePointer(to: self) { hone_conv_out_height($0) } }
    var outWidth: Int { withUnsafePointer(to: self) { hone_conv_out_width($0) } }
    var inputCount: Int { batch * in_channels * height * width }
    var weightCount: Int { out_channels * (in_channels / groups) * kernel_height * kernel_width }
    var outputCount: Int { batch * out_channels * outHeight * outWidth }

    /// Calls `body` with the places in x, w and y of every product that makes an element of y.
    func forEachProduct(_ body: (_ x: Int, _ w: Int, _ y: Int) -> Void) {
        let (channels, outputs) = (in_channels / groups, out_channels / groups)
        let (outHeight, outWidth) = (outHeight, outWidth)
        for n in 0..<batch {
            for k in 0..<out_channels {
                for i in 0..<outHeight {
                    for j in 0..<outWidth {
                        let y = ((n * out_channels + k) * outHeight + i) * outWidth + j
                        for c in 0..<channels {
                            let plane = n * in_channels + k / outputs * channels + c
                            for r in 0..<kernel_height {
                                let row = i * stride_h + r * dilation_h - pad_h
                                guard row >= 0, row < height else { continue }
                                for s in 0..<kernel_width {
                                    let column = j * stride_w + s * dilation_w - pad_w
                                    guard column >= 0, column < width else { continue }
                                    let w = ((k * channels + c) * kernel_height + r) * kernel_width + s
                                    body((plane * height + row) * width + column, w, y)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Random tensors of one convolution, and what the definition makes of them in double precision.
struct ConvolutionTruth {
    let conv: hone_conv
    let x, w, bias, dy: [Float]
    let y, dx, dw, db: [Double]

    init(_ conv: hone_conv, seed: UInt64 = 1) {
        var numbers = TestNumbers(seed: seed)
        let x = numbers.floats(conv.inputCount, in: -1...1)
        let w = numbers.floats(conv.weightCount, in: -1...1)
        let dy = numbers.floats(conv.outputCount, in: -1...1)
        var y = [Double](repeating: 0, count: conv.outputCount)
        var dx = [Double](repeating: 0, count: conv.inputCount)
        var dw = [Double](repeating: 0, count: conv.weightCount)
        y.withUnsafeMutableBufferPointer { y in
            dx.withUnsafeMutableBufferPointer { dx in
                dw.withUnsafeMutableBufferPointer { dw in
                    conv.forEachProduct {
                        y[$2] += Double(x[$0]) * Double(w[$1])
                        dx[$0] += Double(dy[$2]) * Double(w[$1])
                        dw[$1] += Double(dy[$2]) * Double(x[$0])
                    }
                }
            }
        }
        var db = [Double](repeating: 0, count: conv.out_channels)
        for (i, value) in dy.enumerated() {
            db[i / (conv.outHeight * conv.outWidth) % conv.out_channels] += Double(value)
        }
        self.conv = conv
        (self.x, self.w, self.dy) = (x, w, dy)
        bias = numbers.floats(conv.out_channels, in: -1...1)
        (self.y, self.dx, self.dw, self.db) = (y, dx, dw, db)
    }

    /// y with the bias, below zero or not.
    func output(relu: Bool) -> [Double] {
        let plane = conv.outHeight * conv.outWidth
        return y.enumerated().map { i, value in
            let shifted = value + Double(bias[i / plane % conv.out_channels])
            return relu ? max(shifted, 0) : shifted
        }
    }
}

/// The kernels, writing to arrays that begin with `start` in every element and end where memory does.
struct ConvolutionKernels {
    let conv: hone_conv
    let variant: hone_isa

    func forward(
        _ x: [Float], _ w: [Float], bias: [Float]? = nil, relu: Bool = false, start: Float = .nan
    ) -> [Float] {
        let (x, w, bias) = (GuardedArray(x), GuardedArray(w), bias.map { GuardedArray($0) })
        let y = GuardedArray([Float](repeating: start, count: conv.outputCount))
        withUnsafePointer(to: conv) {
            let activation = relu ? HONE_ACTIVATION_RELU : HONE_ACTIVATION_NONE
            hone_conv_forward(variant, $0, x.pointer, w.pointer, bias?.pointer, activation, y.pointer)
        }
        return y.array
    }

    func backwardInput(_ dy: [Float], _ w: [Float], adding: Bool = false, start: Float = .nan) -> [Float] {
        let (dy, w) = (GuardedArray(dy), GuardedArray(w))
        let dx = GuardedArray([Float](repeating: start, count: conv.inputCount))
        withUnsafePointer(to: conv) {
            hone_conv_backward_input(variant, $0, dy.pointer, w.pointer, dx.pointer, adding)
        }
        return dx.array
    }

    func backwardWeight(_ x: [Float], _ dy: [Float], adding: Bool = false, start: Float = .nan) -> [Float] {
        let (x, dy) = (GuardedArray(x), GuardedArray(dy))
        let dw = GuardedArray([Float](repeating: start, count: conv.weightCount))
        withUnsafePointer(to: conv) {
            hone_conv_backward_weight(variant, $0, x.pointer, dy.pointer, dw.pointer, adding)
        }
        return dw.array
    }

    func backwardBias(_ dy: [Float], adding: Bool = false, start: Float = .nan) -> [Float] {
        let dy = GuardedArray(dy)
        let db = GuardedArray([Float](repeating: start, count: conv.out_channels))
        withUnsafePointer(to: conv) { hone_conv_backward_bias(variant, $0, dy.pointer, db.pointer, adding) }
        return db.array
    }
}

/// The largest error in units of the largest element; infinite where a NaN is left.
func worstError(_ values: [Float], _ truth: [Double]) -> Double {
    guard values.count == truth.count else { return .infinity }
    let largest = truth.reduce(0) { max($0, abs($1)) }
    let worst = zip(values, truth).reduce(0.0) { worst, pair in
        let error = abs(Double(pair.0) - pair.1)
        return error <= worst ? worst : error.isNaN ? .infinity : error
    }
    return worst == 0 ? 0 : worst / max(largest, 1e-30)
}

func dot(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

func norm(_ a: [Float]) -> Double {
    dot(a, a).squareRoot()
}
