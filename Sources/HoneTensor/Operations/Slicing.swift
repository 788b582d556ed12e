// Parts of a tensor by subscript, and tensors with a part replaced.

extension Tensor {
    // One subscript for each number of indices: a parameter pack has no setter that compilers get right.

    /// The part that an index of the first axis names.
    ///
    /// Setting it puts a changed copy in this variable's place: no other tensor sees it.
    public subscript(_ a: some TensorIndexing) -> Tensor {
        get { self[[a.tensorIndex]] }
        set { self[[a.tensorIndex]] = newValue }
    }

    /// The part that indices of the first two axes name.
    public subscript(_ a: some TensorIndexing, _ b: some TensorIndexing) -> Tensor {
        get { self[[a.tensorIndex, b.tensorIndex]] }
        set { self[[a.tensorIndex, b.tensorIndex]] = newValue }
    }

    /// The part that indices of the first three axes name.
    public subscript(_ a: some TensorIndexing, _ b: some TensorIndexing, _ c: some TensorIndexing) -> Tensor {
        get { self[[a.tensorIndex, b.tensorIndex, c.tensorIndex]] }
        set { self[[a.tensorIndex, b.tensorIndex, c.tensorIndex]] = newValue }
    }

    /// The part that indices of the first four axes name; more of them go in an array of ``TensorIndex``.
    public subscript(
        _ a: some TensorIndexing, _ b: some TensorIndexing, _ c: some TensorIndexing, _ d: some TensorIndexing
    ) -> Tensor {
        get { self[[a.tensorIndex, b.tensorIndex, c.tensorIndex, d.tensorIndex]] }
        set { self[[a.tensorIndex, b.tensorIndex, c.tensorIndex, d.tensorIndex]] = newValue }
    }

    /// The part that a list of indices names.
    public subscript(_ indices: [TensorIndex]) -> Tensor {
        get {
            if isInert { return self }
            guard let part = part(indices, "slice") else { return .inert }
            return strided(part)
        }
        set { self = replacing(indices, with: newValue) }
    }

    /// A copy of this tensor whose part that the indices name is `value`, expanded to the part's shape.
    public func replacing(_ indices: [TensorIndex], with value: Tensor) -> Tensor {
        if isInert || value.isInert { return .inert }
        guard let part = part(indices, "replacing") else { return .inert }
        guard value.elementType == elementType, Shape.broadcast(value.shape, part.shape) == part.shape else {
            return failed(
                "replacing",
                "\(value.elementType) \(value.shape) cannot be expanded to the part \(part.shape) of \(elementType) \(shape)"
            )
        }
        let whole = value.expanded(to: part.shape)
        let result = Tensor.uninitialized(shape, type: elementType)
        result.body.memory.copyMemory(from: body.memory, byteCount: 4 * count)
        part.write(whole.body.memory, to: result.body.memory)
        guard let tape = Context.current.pointee.tape else { return result }
        let slots = (tape.slot(of: self), tape.slot(of: whole))
        guard slots.0 >= 0 || slots.1 >= 0 else { return result }
        let output = tape.enter(result)
        // Zeros in the part, for the operand whose elements it took the place of.
        if slots.0 >= 0 { tape.append(.replace, output, slots.0, part, saving: whole.body) }
        if slots.1 >= 0 { tape.append(.placed, output, slots.1, part, isPartial: slots.0 >= 0) }
        return result
    }

    /// A copy of this tensor whose part that the indices name is `value` throughout.
    public func replacing(_ indices: [TensorIndex], with value: Float) -> Tensor {
        replacing(indices, with: Tensor(value))
    }

    /// Where the indices' part lies; nil (with the mistake reported) when they do not fit.
    private func part(_ indices: [TensorIndex], _ operation: String) -> StridedLayout? {
        var named = 0
        var ellipses = 0
        for index in indices {
            switch index.kind {
            case .place, .range: named += 1
            case .ellipsis: ellipses += 1
            case .newAxis: break
            }
        }
        guard named <= rank, ellipses <= 1 else {
            _ = failed(operation, "\(named) indices and \(ellipses) ellipses for the \(rank) axes of \(shape)")
            return nil
        }
        let own = StridedLayout(shape)
        var (lengths, strides, offset) = ([Int](), [Int](), 0)
        var axis = 0
        func keep(_ length: Int, _ stride: Int) {
            lengths.append(length)
            strides.append(stride)
        }
        for index in ellipses == 0 ? indices + [.ellipsis] : indices {
            switch index.kind {
            case .place(let place):
                guard place >= -shape[axis], place < shape[axis] else {
                    _ = failed(operation, "index \(place) is outside of axis \(axis) of \(shape)")
                    return nil
                }
                offset += (place < 0 ? place + shape[axis] : place) * own.stride(axis)
                axis += 1
            case .range(let from, let to, let step):
                guard step != 0 else {
                    _ = failed(operation, "a stride of 0 along axis \(axis) of \(shape)")
                    return nil
                }
                let (first, count) = TensorIndex.places(from: from, to: to, by: step, length: shape[axis])
                offset += count == 0 ? 0 : first * own.stride(axis)
                keep(count, count <= 1 ? own.stride(axis) : step * own.stride(axis))
                axis += 1
            case .newAxis: keep(1, 0)
            case .ellipsis:
                for _ in 0..<rank - named {
                    keep(shape[axis], own.stride(axis))
                    axis += 1
                }
            }
        }
        guard lengths.count <= Shape.maximumRank else {
            _ = failed(operation, "\(lengths.count) axes, where at most \(Shape.maximumRank) are possible")
            return nil
        }
        var layout = StridedLayout(Shape(lengths))
        layout.offset = offset
        for (axis, stride) in strides.enumerated() { layout.setStride(axis, stride) }
        return layout
    }
}

/// A part was replaced: the gradient there is the other operand's.
func replaceBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let part = record.saved0?.shape else { return }
    let own = Tensor.uninitialized(gradient.shape)
    own.body.memory.copyMemory(from: gradient.memory, byteCount: 4 * gradient.count)
    tape.layout(of: record, part).write(nil, to: own.body.memory)
    tape.give(own.body, to: record.input0)
}
