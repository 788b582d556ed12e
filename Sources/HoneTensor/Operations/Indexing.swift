import HoneKernels

// Elements by index: gather, scatter, index-select, one-hot. Indices are int32 and checked before memory is touched; none
// counts from the end.

extension Tensor {
    /// The places `indices` along an axis: `result[.., i, ..] = self[.., indices[i], ..]`.
    ///
    /// - Shape: `[2, 5, 3]`, axis 1, indices `[4]` -> `[2, 4, 3]`
    public func indexSelect(axis: Int, indices: Tensor) -> Tensor {
        if isInert || indices.isInert { return .inert }
        guard let index = axisIndex(axis, for: "indexSelect") else { return .inert }
        guard indices.rank == 1 else { return failed("indexSelect", "indices are \(indices.shape), expected one axis") }
        guard areIndices(indices, below: shape[index], "indexSelect") else { return .inert }
        let target = shape.replacing(axis: index, with: indices.count)
        if let problem = target.problem { return failed("indexSelect", problem) }
        let (outer, length, inner) = shape.blocks(around: index)
        let result = Tensor.uninitialized(target, type: elementType)
        for block in 0..<(result.count == 0 ? 0 : outer) {
            hone_gather_rows(
                body.memory + 4 * block * length * inner, indices.body.integers, indices.count, inner,
                result.body.memory + 4 * block * indices.count * inner)
        }
        record(.indexSelect, as: result) {
            $0.integer0 = index
            $0.saved0 = indices.body
        }
        return result
    }

    /// Elements by their place along an axis: `result[i, j] = self[indices[i, j], j]` for axis 0.
    ///
    /// - Shape: indices have as many axes as this tensor, and none but `axis` may be longer; the result is as they are.
    public func gather(axis: Int, indices: Tensor) -> Tensor {
        if isInert || indices.isInert { return .inert }
        guard let index = axisIndex(axis, for: "gather"), fits(indices, index, "gather") else { return .inert }
        let result = Tensor.uninitialized(indices.shape, type: elementType)
        let (source, target) = (body.integers, result.body.integers)
        forEachIndexed(shape, indices.body, index) { target[$0] = source[$1] }
        record(.gather, as: result) {
            $0.integer0 = index
            $0.saved0 = indices.body
        }
        return result
    }

    /// This tensor with `source` added at places along an axis: `result[indices[i, j], j] += source[i, j]` for axis 0.
    ///
    /// - Shape: as ``gather(axis:indices:)``; no axis of the indices may be longer than the source's.
    public func scatterAdd(axis: Int, indices: Tensor, source: Tensor) -> Tensor {
        scattered(.scatterAdd, axis, indices, source)
    }

    /// This tensor with `source` put at places along an axis: `result[indices[i, j], j] = source[i, j]` for axis 0. Where
    /// a place is named twice, the later element stays, and it alone has a gradient.
    ///
    /// - Shape: as ``gather(axis:indices:)``; no axis of the indices may be longer than the source's.
    public func scatter(axis: Int, indices: Tensor, source: Tensor) -> Tensor {
        scattered(.scatter, axis, indices, source)
    }

    private func scattered(_ operation: Operation, _ axis: Int, _ indices: Tensor, _ source: Tensor) -> Tensor {
        if isInert || indices.isInert || source.isInert { return .inert }
        let name = "\(operation)"
        guard isFloat(for: name), source.isFloat(for: name) else { return .inert }
        guard let index = axisIndex(axis, for: name), fits(indices, index, name) else { return .inert }
        guard source.rank == rank, (0..<rank).allSatisfy({ indices.shape[$0] <= source.shape[$0] }) else {
            return failed(name, "source is \(source.shape), expected at least \(indices.shape) as the indices")
        }
        // Of a larger source, the part with indices counts.
        var corner = StridedLayout(source.shape)
        corner.shape = indices.shape
        let part = source.shape == indices.shape ? source : source.strided(corner)
        let result = Tensor.uninitialized(shape)
        result.body.memory.copyMemory(from: body.memory, byteCount: 4 * count)
        let (from, to) = (part.body.floats, result.body.floats)
        if operation == .scatterAdd {
            forEachIndexed(shape, indices.body, index) { to[$1] += from[$0] }
        } else {
            forEachIndexed(shape, indices.body, index) { to[$1] = from[$0] }
        }
        if let tape = Context.current.pointee.tape {
            let slots = (tape.slot(of: self), tape.slot(of: part))
            if slots.0 >= 0 || slots.1 >= 0 {
                tape.append(
                    Tape.Record(
                        operation: operation, output: tape.enter(result), input0: slots.0, input1: slots.1,
                        integer0: index, saved0: indices.body))
            }
        }
        return result
    }

    /// 1 at each label's class and 0 elsewhere: int32 `[...] -> float32 [..., classes]`.
    public func oneHot(classes: Int) -> Tensor {
        if isInert { return self }
        guard rank < Shape.maximumRank, classes >= 0 else {
            return failed("oneHot", "labels \(shape) in \(classes) classes")
        }
        guard areIndices(self, below: classes, "oneHot") else { return .inert }
        let target = Shape(shape.array + [classes])
        if let problem = target.problem { return failed("oneHot", problem) }
        let result = Tensor.zeros(target)
        let (labels, out) = (body.integers, result.body.floats)
        for i in 0..<count { out[i * classes + Int(labels[i])] = 1 }
        return result
    }

    private func areIndices(_ indices: Tensor, below limit: Int, _ operation: String) -> Bool {
        guard indices.elementType == .int32 else {
            _ = failed(operation, "indices are \(indices.elementType), expected int32")
            return false
        }
        let values = UnsafeBufferPointer(start: indices.body.integers, count: indices.count)
        // One comparison finds both what is negative and what is too large.
        let bound = UInt32(clamping: limit)
        if let bad = values.firstIndex(where: { UInt32(bitPattern: $0) >= bound }) {
            _ = failed(operation, "index \(values[bad]) at position \(bad) is outside 0..<\(limit)")
            return false
        }
        return true
    }

    private func fits(_ indices: Tensor, _ axis: Int, _ operation: String) -> Bool {
        guard indices.rank == rank, (0..<rank).allSatisfy({ $0 == axis || indices.shape[$0] <= shape[$0] }) else {
            _ = failed(operation, "indices \(indices.shape) do not fit \(shape) along axis \(axis)")
            return false
        }
        return areIndices(indices, below: shape[axis], operation)
    }
}

/// Calls `body` with the number of each index and the place in `shape` that it names along `axis`.
@inline(__always) private func forEachIndexed(
    _ shape: Shape, _ indices: TensorBody, _ axis: Int, _ body: (_ i: Int, _ place: Int) -> Void
) {
    let values = indices.integers
    var others = StridedLayout(shape)
    let along = others.stride(axis)
    others.shape = indices.shape
    others.setStride(axis, 0)
    let last = indices.shape.rank - 1
    let (length, step) = (indices.shape[last], others.stride(last))
    others.forEachRow { row, offset in
        for i in 0..<length {
            let number = row * length + i
            body(number, offset + i * step + Int(values[number]) * along)
        }
    }
}

func indexSelectBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let indices = record.saved0 else { return }
    let shape = tape.shape(of: record.input0)
    let (outer, length, inner) = shape.blocks(around: record.integer0)
    let (target, accumulates) = tape.target(record.input0)
    if !accumulates { hone_fill(HONE_ISA_AUTO, 0, target, shape.count) }
    for block in 0..<(gradient.count == 0 ? 0 : outer) {
        hone_scatter_add_rows(
            target + block * length * inner, indices.integers, indices.count, inner,
            gradient.floats + block * indices.count * inner)
    }
}

func gatherBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let indices = record.saved0 else { return }
    let shape = tape.shape(of: record.input0)
    let (target, accumulates) = tape.target(record.input0)
    if !accumulates { hone_fill(HONE_ISA_AUTO, 0, target, shape.count) }
    let source = gradient.floats
    forEachIndexed(shape, indices, record.integer0) { target[$1] += source[$0] }
}

func scatterBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let indices = record.saved0 else { return }
    let dy = gradient.floats
    if record.input1 >= 0 {
        let (target, accumulates) = tape.target(record.input1)
        if !accumulates { hone_fill(HONE_ISA_AUTO, 0, target, indices.count) }
        if record.operation == .scatterAdd {
            forEachIndexed(gradient.shape, indices, record.integer0) { target[$0] += dy[$1] }
        } else {
            var last = [Int](repeating: -1, count: gradient.count)
            forEachIndexed(gradient.shape, indices, record.integer0) { last[$1] = $0 }
            forEachIndexed(gradient.shape, indices, record.integer0) { if last[$1] == $0 { target[$0] += dy[$1] } }
        }
    }
    guard record.input0 >= 0 else { return }
    guard record.operation == .scatter else {
        tape.give(gradient, to: record.input0)
        return
    }
    let own = Tensor.uninitialized(gradient.shape).body
    own.memory.copyMemory(from: gradient.memory, byteCount: 4 * gradient.count)
    let kept = own.floats
    forEachIndexed(gradient.shape, indices, record.integer0) { kept[$1] = 0 }
    tape.give(own, to: record.input0)
}
