import HoneKernels

// Sums, means and extremes over axes.

extension Tensor {
    /// The sum of all elements, a scalar.
    public func sum() -> Tensor { reduce(.sum, Array(0..<rank), keepDimensions: false) }

    /// The sum over axes (negative ones count from the end), which stay as length 1 when `keepDimensions`.
    public func sum(axes: [Int], keepDimensions: Bool = false) -> Tensor {
        reduce(.sum, axes, keepDimensions: keepDimensions)
    }

    /// The mean of all elements, a scalar; NaN of no elements.
    public func mean() -> Tensor { sum() / Float(count) }

    /// The mean over axes; NaN where there are no elements.
    public func mean(axes: [Int], keepDimensions: Bool = false) -> Tensor {
        let total = sum(axes: axes, keepDimensions: keepDimensions)
        return total.isInert ? total : total / (total.count == 0 ? 1 : Float(count) / Float(total.count))
    }

    /// The largest element of each axis; equal ones share the gradient. An empty axis is a tensor error.
    public func max(axes: [Int], keepDimensions: Bool = false) -> Tensor {
        reduce(.max, axes, keepDimensions: keepDimensions)
    }

    /// The smallest element of each axis; equal ones share the gradient. An empty axis is a tensor error.
    public func min(axes: [Int], keepDimensions: Bool = false) -> Tensor {
        reduce(.min, axes, keepDimensions: keepDimensions)
    }

    private enum Reduction: String {
        case sum, max, min
        var kernel: hone_reduction {
            switch self {
            case .sum: HONE_REDUCE_SUM
            case .max: HONE_REDUCE_MAX
            case .min: HONE_REDUCE_MIN
            }
        }
    }

    private func reduce(_ reduction: Reduction, _ axes: [Int], keepDimensions: Bool) -> Tensor {
        if isInert { return self }
        guard elementType == .float32 else {
            return failed(reduction.rawValue, "operand is \(elementType), expected float32")
        }
        var isReduced = [Bool](repeating: false, count: rank)
        for axis in axes {
            let index = axis < 0 ? axis + rank : axis
            guard index >= 0, index < rank, !isReduced[index] else {
                return failed(reduction.rawValue, "axes \(axes) of \(shape): \(axis) is outside or named twice")
            }
            isReduced[index] = true
            if reduction != .sum, shape[index] == 0 {
                return failed(reduction.rawValue, "axis \(axis) of \(shape) is empty")
            }
        }
        var kept = Shape(rank: rank)
        for axis in 0..<rank { kept[axis] = isReduced[axis] ? 1 : shape[axis] }
        let reduced = reducedMemory(reduction.kernel, isReduced, kept)
        let result: Tensor
        // Over no axes, the memory is the operand's own; the result is another tensor all the same.
        if keepDimensions, reduced.body !== body {
            result = reduced
        } else {
            let left = keepDimensions ? kept : Shape((0..<rank).filter { !isReduced[$0] }.map { shape[$0] })
            result = Tensor(TensorBody(viewing: reduced.body, shape: left, count: reduced.count))
        }
        if let tape = Context.current.pointee.tape {
            let slot = tape.slot(of: self)
            if slot >= 0 {
                tape.append(
                    Tape.Record(
                        operation: reduction == .sum ? .sum : .extreme, output: tape.enter(result), input0: slot,
                        saved0: reduction == .sum ? nil : body, saved1: reduced.body))
            }
        }
        return result
    }

    /// Reduces runs of neighbouring axes one after the other, the last first; the result has `kept`'s shape.
    func reducedMemory(_ kernel: hone_reduction, _ isReduced: [Bool], _ kept: Shape) -> Tensor {
        if kernel == HONE_REDUCE_SUM, !isReduced.contains(false) {
            let result = Tensor.uninitialized(kept)
            result.body.floats[0] = Float(hone_sum(HONE_ISA_AUTO, body.floats, count))
            return result
        }
        if kernel.ofResults != kernel, !isReduced.contains(true) {
            // Each element is the sum of its own square or absolute value alone.
            let result = Tensor.uninitialized(kept)
            hone_reduce(HONE_ISA_AUTO, kernel, body.floats, count, 1, 1, result.body.floats, false)
            return result
        }
        var current = self
        var lengths = shape.array
        var end = rank
        while end > 0 {
            guard isReduced[end - 1] else {
                end -= 1
                continue
            }
            var start = end - 1
            while start > 0, isReduced[start - 1] { start -= 1 }
            let outer = lengths[..<start].reduce(1, *)
            let length = lengths[start..<end].reduce(1, *)
            let inner = lengths[end...].reduce(1, *)
            for axis in start..<end { lengths[axis] = 1 }
            let next = Tensor.uninitialized(Shape(lengths))
            // What has been reduced once is only added up.
            let kernel = current.body === body ? kernel : kernel.ofResults
            hone_reduce(HONE_ISA_AUTO, kernel, current.body.floats, outer, length, inner, next.body.floats, false)
            current = next
            end = start
        }
        return current.shape == kept
            ? current : Tensor(TensorBody(viewing: current.body, shape: kept, count: current.count))
    }

    /// A copy with axes of length 1 repeated to `shape`; not recorded.
    func broadcast(to shape: Shape) -> Tensor {
        let result = Tensor.uninitialized(shape)
        withUnsafePointer(to: self.shape.broadcastStrides(to: shape)) { strides in
            withUnsafePointer(to: shape.lengths) { lengths in
                hone_strided_copy(
                    body.memory, UnsafeRawPointer(strides).assumingMemoryBound(to: Int.self), result.body.memory,
                    UnsafeRawPointer(lengths).assumingMemoryBound(to: Int.self), Int32(shape.rank))
            }
        }
        return result
    }
}

extension hone_reduction {
    /// The reduction of what this one gave for parts.
    fileprivate var ofResults: hone_reduction {
        self == HONE_REDUCE_SUM_SQUARES || self == HONE_REDUCE_SUM_ABS ? HONE_REDUCE_SUM : self
    }
}

func sumBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    let shape = tape.shape(of: record.input0)
    let (target, accumulates) = tape.target(record.input0)
    if gradient.count == 1 {
        if accumulates {
            hone_binary_scalar(HONE_ISA_AUTO, HONE_ADD, target, gradient.floats[0], false, target, shape.count)
        } else {
            hone_fill(HONE_ISA_AUTO, gradient.floats[0], target, shape.count)
        }
        return
    }
    guard let kept = record.saved1?.shape else { return }
    let spread = Tensor(TensorBody(viewing: gradient, shape: kept, count: gradient.count)).broadcast(to: shape)
    addOrCopy(spread.body.floats, target, shape.count, accumulates)
}

func extremeBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let x = record.saved0, let extreme = record.saved1 else { return }
    let hits = Tensor.comparison(HONE_EQUAL, Tensor(x), Tensor(extreme))
    let axes = (0..<x.shape.rank).filter { extreme.shape[$0] == 1 }
    let shared = Tensor(TensorBody(viewing: gradient, shape: extreme.shape, count: gradient.count))
    tape.give((hits * (shared / hits.sum(axes: axes, keepDimensions: true))).body, to: record.input0)
}
