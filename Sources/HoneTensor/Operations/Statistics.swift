import HoneKernels

// Reductions made of sums: products, variances, log-sum-exp, norms, and extremes with their places.

extension Tensor {
    /// The product of the elements of each axis (of all when nil); the gradient is exact where elements are 0.
    public func product(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        if isInert { return self }
        guard isFloat(for: "product"), let marks = axisMarks(axes, for: "product") else { return .inert }
        let kept = reducedMemory(HONE_REDUCE_PROD, marks, shape.reducing(marks, keepDimensions: true))
        let result = kept.viewed(as: shape.reducing(marks, keepDimensions: keepDimensions))
        record(.product, as: result) {
            $0.saved0 = body
            $0.saved1 = kept.body
        }
        return result
    }

    /// The variance over axes (over all when nil): squared deviations from the mean, over their number − `correction`;
    /// NaN where that is not positive.
    public func variance(axes: [Int]? = nil, correction: Float = 1, keepDimensions: Bool = false) -> Tensor {
        spread("variance", isDeviation: false, axes, correction, keepDimensions)
    }

    /// The square root of the ``variance(axes:correction:keepDimensions:)``, with gradient 0 where it is 0.
    public func standardDeviation(axes: [Int]? = nil, correction: Float = 1, keepDimensions: Bool = false) -> Tensor {
        spread("standardDeviation", isDeviation: true, axes, correction, keepDimensions)
    }

    private func spread(
        _ name: String, isDeviation: Bool, _ axes: [Int]?, _ correction: Float, _ keepDimensions: Bool
    ) -> Tensor {
        if isInert { return self }
        guard isFloat(for: name), let marks = axisMarks(axes, for: name) else { return .inert }
        let reduced = (0..<rank).filter { marks[$0] }
        let divisor = Swift.max(0, Float(reduced.reduce(1) { $0 * shape[$1] }) - correction)
        let (mean, kept) = withoutGradient { () -> (Tensor, Tensor) in
            let mean = self.mean(axes: reduced, keepDimensions: true)
            let squares = (self - mean).square().sum(axes: reduced, keepDimensions: true)
            let variance = squares.count == 0 ? squares : squares / divisor
            return (mean, isDeviation ? variance.sqrt() : variance)
        }
        let result = kept.viewed(as: shape.reducing(marks, keepDimensions: keepDimensions))
        record(.variance, as: result) {
            $0.flag = isDeviation
            $0.scalar = 1 / Double(divisor)
            $0.saved0 = body
            $0.saved1 = mean.body
            $0.saved2 = kept.body
        }
        return result
    }

    /// log Σ e^x over axes (over all when nil), without overflow.
    public func logSumExp(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        if isInert { return self }
        guard isFloat(for: "logSumExp"), let marks = axisMarks(axes, for: "logSumExp") else { return .inert }
        let reduced = (0..<rank).filter { marks[$0] }
        let kept = withoutGradient { () -> Tensor in
            let top = reducedMemory(HONE_REDUCE_MAX, marks, shape.reducing(marks, keepDimensions: true))
            // Infinities are not subtracted from themselves.
            let shift = Tensor.where(top.abs() .== .infinity, Tensor(Float(0)), top)
            return (self - shift).exp().sum(axes: reduced, keepDimensions: true).log() + shift
        }
        let result = kept.viewed(as: shape.reducing(marks, keepDimensions: keepDimensions))
        record(.logSumExp, as: result) {
            $0.saved0 = body
            $0.saved1 = kept.body
        }
        return result
    }

    /// The p-norm (Σ |x|^p)^(1/p) over axes (over all when nil): for p = ∞ the largest |x|, for −∞ the smallest, for 0 the
    /// number of elements that are not 0. The gradient at 0 is 0.
    public func norm(p: Double = 2, axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        if isInert { return self }
        guard isFloat(for: "norm"), let marks = axisMarks(axes, for: "norm") else { return .inert }
        guard !p.isNaN else { return failed("norm", "p is not a number") }
        let reducedShape = shape.reducing(marks, keepDimensions: true)
        guard p.isFinite || count > 0 || reducedShape.count == 0 else {
            return failed("norm", "an axis of \(shape) is empty, and has no largest element")
        }
        let kept = withoutGradient { () -> Tensor in
            switch p {
            case 0: (self .!= 0).reducedMemory(HONE_REDUCE_SUM, marks, reducedShape)
            case 1: reducedMemory(HONE_REDUCE_SUM_ABS, marks, reducedShape)
            case 2: reducedMemory(HONE_REDUCE_SUM_SQUARES, marks, reducedShape).sqrt()
            case .infinity: abs().reducedMemory(HONE_REDUCE_MAX, marks, reducedShape)
            case -.infinity: abs().reducedMemory(HONE_REDUCE_MIN, marks, reducedShape)
            default: abs().power(Float(p)).reducedMemory(HONE_REDUCE_SUM, marks, reducedShape).power(Float(1 / p))
            }
        }
        let result = kept.viewed(as: shape.reducing(marks, keepDimensions: keepDimensions))
        record(.norm, as: result) {
            $0.scalar = p
            $0.saved0 = body
            $0.saved1 = kept.body
        }
        return result
    }

    /// The same elements in another shape of as many, not recorded.
    func viewed(as shape: Shape) -> Tensor { Tensor(TensorBody(viewing: body, shape: shape, count: count)) }
}

func productBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let x = record.saved0, let kept = record.saved1?.shape else { return }
    // The reduced axes go last, so that each product's elements are neighbours.
    let isReduced = { (axis: Int) in kept[axis] == 1 }
    let axes = 0..<x.shape.rank
    let (layout, inverse) = StridedLayout.permuting(x.shape, axes.filter { !isReduced($0) } + axes.filter(isReduced))
    let ordered = Tensor(x).arranged(layout)
    let result = Tensor.uninitialized(layout.shape)
    let groups = gradient.count
    let length = groups == 0 ? 0 : x.count / groups
    let (values, dy, dx) = (ordered.body.floats, gradient.floats, result.body.floats)
    for group in 0..<groups {
        // Products of what lies before and after each element: no division, so zeros do no harm.
        let (first, end) = (group * length, (group + 1) * length)
        var before = [Double](repeating: 1, count: length)
        var product = 1.0
        for i in first..<end {
            before[i - first] = product
            product *= Double(values[i])
        }
        product = Double(dy[group])
        for i in stride(from: end - 1, through: first, by: -1) {
            dx[i] = Float(before[i - first] * product)
            product *= Double(values[i])
        }
    }
    tape.give(result.arranged(inverse).body, to: record.input0)
}

func varianceBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let x = record.saved0.map(Tensor.init), let mean = record.saved1.map(Tensor.init),
        let kept = record.saved2.map(Tensor.init)
    else { return }
    var dy = Tensor(gradient).viewed(as: kept.shape)
    // d√v/dv = 1 / 2√v; where there is no deviation at all, 0.
    if record.flag { dy = Tensor.where(kept, dy / (2 * kept), Tensor(Float(0))) }
    tape.give(((x - mean) * (dy * Float(2 * record.scalar))).body, to: record.input0)
}

func logSumExpBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let x = record.saved0.map(Tensor.init), let y = record.saved1.map(Tensor.init) else { return }
    let shift = Tensor.where(y .== -.infinity, Tensor(Float(0)), y)
    tape.give(((x - shift).exp() * Tensor(gradient).viewed(as: y.shape)).body, to: record.input0)
}

func normBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let x = record.saved0.map(Tensor.init), let y = record.saved1.map(Tensor.init) else { return }
    let (p, none) = (record.scalar, Tensor(Float(0)))
    let dy = Tensor(gradient).viewed(as: y.shape)
    let slope: Tensor
    switch p {
    case 0: slope = .zeros(x.shape)
    case 1: slope = x.sign() * dy
    case 2: slope = x * Tensor.where(y, dy / y, none)
    case .infinity, -.infinity:
        let hits = x.abs() .== y
        let axes = (0..<x.rank).filter { y.shape[$0] == 1 }
        slope = x.sign() * hits * (dy / hits.sum(axes: axes, keepDimensions: true))
    default:
        let inner = Tensor.where(x, x.abs().power(Float(p - 1)), none) * x.sign()
        slope = inner * Tensor.where(y, dy * y.power(Float(1 - p)), none)
    }
    tape.give(slope.body, to: record.input0)
}

// MARK: Extremes

extension Tensor {
    /// The largest element of all; equal ones share the gradient.
    public func max() -> Tensor { max(axes: Array(0..<rank)) }

    /// The smallest element of all; equal ones share the gradient.
    public func min() -> Tensor { min(axes: Array(0..<rank)) }

    /// The largest element along an axis and where it is (int32), the first of equals, which takes the whole gradient;
    /// NaN counts as largest.
    public func max(axis: Int, keepDimensions: Bool = false) -> (values: Tensor, indices: Tensor) {
        extreme("max", largest: true, axis, keepDimensions)
    }

    /// The smallest element along an axis and where it is (int32), the first of equals, which takes the whole gradient;
    /// NaN counts as smallest.
    public func min(axis: Int, keepDimensions: Bool = false) -> (values: Tensor, indices: Tensor) {
        extreme("min", largest: false, axis, keepDimensions)
    }

    private func extreme(
        _ name: String, largest: Bool, _ axis: Int, _ keepDimensions: Bool
    ) -> (values: Tensor, indices: Tensor) {
        let indices = argExtreme(name, largest: largest, axis: axis, keepDimensions: true)
        if indices.isInert { return (indices, indices) }
        let values = gather(axis: axis, indices: indices)
        if keepDimensions { return (values, indices) }
        return (values.squeezed(axis: axis), indices.squeezed(axis: axis))
    }

    /// The index of the largest element along an axis (in the flattened tensor when nil), the first of equals; NaN counts
    /// as largest. Never recorded.
    public func argmax(axis: Int? = -1, keepDimensions: Bool = false) -> Tensor {
        argExtreme("argmax", largest: true, axis: axis, keepDimensions: keepDimensions)
    }

    /// The index of the smallest element along an axis (in the flattened tensor when nil), the first of equals; NaN counts
    /// as smallest. Never recorded.
    public func argmin(axis: Int? = -1, keepDimensions: Bool = false) -> Tensor {
        argExtreme("argmin", largest: false, axis: axis, keepDimensions: keepDimensions)
    }

    private func argExtreme(_ name: String, largest: Bool, axis: Int?, keepDimensions: Bool) -> Tensor {
        if isInert { return self }
        guard let axis else {
            let kept = Shape(Array(repeating: 1, count: rank))
            let flat = viewed(as: [count]).argExtreme(name, largest: largest, axis: 0, keepDimensions: false)
            return flat.isInert || !keepDimensions ? flat : flat.viewed(as: kept)
        }
        guard let index = shape.index(ofAxis: axis), elementType == .float32, shape[index] > 0 else {
            return failed(name, "axis \(axis) of \(elementType) \(shape), expected a non-empty axis of float32")
        }
        guard shape[index] <= Int(Int32.max) else {
            return failed(name, "axis \(axis) of \(shape) is longer than an int32 can count")
        }
        let (outer, length, inner) = shape.blocks(around: index)
        let kept = shape.replacing(axis: index, with: 1)
        let result = Tensor.uninitialized(keepDimensions ? kept : shape.removing(axis: index), type: .int32)
        hone_arg_extreme(HONE_ISA_AUTO, largest, body.floats, outer, length, inner, result.body.integers)
        return result
    }
}
