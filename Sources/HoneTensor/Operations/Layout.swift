import HoneKernels

// Operations that rearrange elements.

extension Tensor {
    /// The same elements in another shape, whose one axis of length -1 takes what is left.
    public func reshaped(_ shape: Shape) -> Tensor {
        if isInert { return self }
        var target = shape
        let open = (0..<shape.rank).filter { shape[$0] == -1 }
        if open.count == 1 {
            let rest = (0..<shape.rank).reduce(1) { $1 == open[0] ? $0 : $0 &* shape[$1] }
            if rest > 0, count % rest == 0 { target[open[0]] = count / rest }
        }
        guard target.problem == nil, target.count == count else {
            return failed("reshape", "\(self.shape) holds \(count) elements, which do not fill \(shape)")
        }
        let result = Tensor(TensorBody(viewing: body, shape: target, count: count))
        recordView(result, as: .reshape)
        return result
    }

    /// The axes from `start` through `end` (negative ones count from the end) made one.
    public func flattened(from start: Int = 0, through end: Int = -1) -> Tensor {
        if isInert { return self }
        let first = start < 0 ? start + rank : start
        let last = end < 0 ? end + rank : end
        if rank == 0 { return reshaped(Shape(1)) }
        guard first >= 0, last < rank, first <= last else {
            return failed("flatten", "axes \(start) through \(end) of \(shape)")
        }
        let lengths = shape.array
        let middle = lengths[first...last].reduce(1, *)
        return reshaped(Shape(lengths[..<first] + [middle] + lengths[(last + 1)...]))
    }

    /// The transpose of a matrix: `[m, n] -> [n, m]`.
    public func transposed() -> Tensor {
        if isInert { return self }
        guard rank == 2 else { return failed("transpose", "shape is \(shape), expected two axes") }
        let result = Tensor.uninitialized(Shape(shape[1], shape[0]), type: elementType)
        hone_transpose(HONE_ISA_AUTO, body.memory, result.body.memory, shape[0], shape[1])
        recordView(result, as: .transpose)
        return result
    }

    /// The rows `self[indices[i]]` along the first axis: `[rows, ...] -> [indices, ...]`.
    public func rows(_ indices: [Int32]) -> Tensor {
        indices.withUnsafeBufferPointer { rows($0, constant: nil) }
    }

    /// The rows at an integer tensor's values; its shape replaces the first axis.
    ///
    /// - Parameter constant: the index of a row that gets no gradient, or nil.
    public func rows(_ indices: Tensor, constant: Int? = nil) -> Tensor {
        if isInert || indices.isInert { return .inert }
        guard indices.elementType == .int32 else {
            return failed("rows", "indices are \(indices.elementType), expected int32")
        }
        let gathered = indices.withUnsafeIntegers { rows($0, constant: constant) }
        return gathered.isInert ? gathered : gathered.reshaped(Shape(indices.shape.array + shape.array.dropFirst()))
    }

    private func rows(_ indices: UnsafeBufferPointer<Int32>, constant: Int?) -> Tensor {
        if isInert { return self }
        guard rank >= 1 else { return failed("rows", "shape is \(shape), expected at least one axis") }
        let limit = Int32(clamping: shape[0])
        if let bad = indices.firstIndex(where: { $0 < 0 || $0 >= limit }) {
            return failed("rows", "index \(indices[bad]) at position \(bad) is outside 0..<\(shape[0])")
        }
        var outShape = shape
        outShape[0] = indices.count
        let rowLength = shape[0] == 0 ? 0 : count / shape[0]
        let result = Tensor.uninitialized(outShape, type: elementType)
        if let start = indices.baseAddress, !indices.isEmpty {
            hone_gather_rows(body.memory, start, indices.count, rowLength, result.body.memory)
        }
        if let tape = Context.current.pointee.tape {
            let slot = tape.slot(of: self)
            if slot >= 0 {
                tape.append(
                    Tape.Record(
                        operation: .gatherRows, output: tape.enter(result), input0: slot, integer0: rowLength,
                        integer1: constant ?? -1, saved0: Tensor(Array(indices)).body))
            }
        }
        return result
    }

    private func recordView(_ result: Tensor, as operation: Operation) {
        guard let tape = Context.current.pointee.tape else { return }
        let slot = tape.slot(of: self)
        if slot >= 0 {
            tape.append(Tape.Record(operation: operation, output: tape.enter(result), input0: slot))
        }
    }
}

func transposeBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    tape.give(Tensor(gradient).transposed().body, to: record.input0)
}

func gatherRowsBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let indices = record.saved0 else { return }
    let (target, accumulates) = tape.target(record.input0)
    if !accumulates { hone_fill(HONE_ISA_AUTO, 0, target, tape.shape(of: record.input0).count) }
    let (places, rowLength) = (indices.integers, record.integer0)
    // Runs of indices between those of the row that gets no gradient; without one, all at once.
    var start = 0
    while start < indices.count {
        var end = indices.count
        if record.integer1 >= 0 {
            end = start
            while end < indices.count, Int(places[end]) != record.integer1 { end += 1 }
        }
        hone_scatter_add_rows(target, places + start, end - start, rowLength, gradient.floats + start * rowLength)
        start = end + 1
    }
}
