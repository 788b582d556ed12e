// Running sums and products along an axis, in double precision.

extension Tensor {
    /// The sum of each element and all before it along an axis.
    public func cumulativeSum(axis: Int) -> Tensor {
        if isInert { return self }
        guard isFloat(for: "cumulativeSum"), let index = axisIndex(axis, for: "cumulativeSum") else { return .inert }
        let result = Tensor.uninitialized(shape)
        scan(shape, index, backwards: false, body.floats, result.body.floats)
        record(.cumulativeSum, as: result) { $0.integer0 = index }
        return result
    }

    /// The product of each element and all before it along an axis; the gradient is exact where elements are 0.
    public func cumulativeProduct(axis: Int) -> Tensor {
        if isInert { return self }
        guard isFloat(for: "cumulativeProduct"), let index = axisIndex(axis, for: "cumulativeProduct") else {
            return .inert
        }
        let result = Tensor.uninitialized(shape)
        let (outer, length, inner) = shape.blocks(around: index)
        let (x, y) = (body.floats, result.body.floats)
        for block in 0..<outer {
            for lane in 0..<inner {
                let start = block * length * inner + lane
                var product = 1.0
                for i in stride(from: start, to: start + length * inner, by: inner) {
                    product *= Double(x[i])
                    y[i] = Float(product)
                }
            }
        }
        record(.cumulativeProduct, as: result) {
            $0.integer0 = index
            $0.saved0 = body
        }
        return result
    }
}

/// Running sums of `x`, from the first place on or from the last one back.
private func scan(
    _ shape: Shape, _ axis: Int, backwards: Bool, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
) {
    let (outer, length, inner) = shape.blocks(around: axis)
    if inner == 1 {
        for block in 0..<outer {
            var sum = 0.0
            for step in 0..<length {
                let i = block * length + (backwards ? length - 1 - step : step)
                sum += Double(x[i])
                y[i] = Float(sum)
            }
        }
        return
    }
    // Row by row, so that memory is read in order.
    var sums = [Double](repeating: 0, count: inner)
    sums.withUnsafeMutableBufferPointer { sums in
        for block in 0..<outer {
            for lane in 0..<inner { sums[lane] = 0 }
            for step in 0..<length {
                let row = (block * length + (backwards ? length - 1 - step : step)) * inner
                for lane in 0..<inner {
                    sums[lane] += Double(x[row + lane])
                    y[row + lane] = Float(sums[lane])
                }
            }
        }
    }
}

func cumulativeSumBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    let result = Tensor.uninitialized(gradient.shape)
    scan(gradient.shape, record.integer0, backwards: true, gradient.floats, result.body.floats)
    tape.give(result.body, to: record.input0)
}

/// dx[i] = (product before i) · s[i], where s[i] = dy[i] + x[i + 1] · s[i + 1]: no division, so zeros do no harm.
func cumulativeProductBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let saved = record.saved0 else { return }
    let result = Tensor.uninitialized(gradient.shape)
    let (outer, length, inner) = gradient.shape.blocks(around: record.integer0)
    let (x, dy, dx) = (saved.floats, gradient.floats, result.body.floats)
    var before = [Double](repeating: 1, count: length)
    for block in 0..<(length == 0 ? 0 : outer) {
        for lane in 0..<inner {
            let start = block * length * inner + lane
            for step in 1..<length { before[step] = before[step - 1] * Double(x[start + (step - 1) * inner]) }
            var s = 0.0
            var next = 0.0
            for step in stride(from: length - 1, through: 0, by: -1) {
                let i = start + step * inner
                s = Double(dy[i]) + next * s
                dx[i] = Float(before[step] * s)
                next = Double(x[i])
            }
        }
    }
    tape.give(result.body, to: record.input0)
}
