import HoneKernels

// Tensors put together and taken apart: concatenate, stack, split, pad.

extension Tensor {
    /// Tensors one after the other along an axis, all other axes being equal.
    ///
    /// - Shape: `[2, 3]`, `[2, 1]` along axis 1 -> `[2, 4]`
    public static func concatenate(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
        if tensors.contains(where: \.isInert) { return .inert }
        guard let first = tensors.first else { return failed("concatenate", "no tensors, expected at least one") }
        guard let index = first.axisIndex(axis, for: "concatenate") else { return .inert }
        var total = 0
        for tensor in tensors {
            guard tensor.rank == first.rank, tensor.elementType == first.elementType,
                tensor.shape.replacing(axis: index, with: 0) == first.shape.replacing(axis: index, with: 0)
            else {
                return failed(
                    "concatenate",
                    "\(first.elementType) \(first.shape) and \(tensor.elementType) \(tensor.shape) differ beyond axis \(axis)"
                )
            }
            total += tensor.shape[index]
        }
        let shape = first.shape.replacing(axis: index, with: total)
        if let problem = shape.problem { return failed("concatenate", problem) }
        let result = uninitialized(shape, type: first.elementType)
        let whole = StridedLayout(shape)
        let (outer, _, inner) = shape.blocks(around: index)
        var start = 0
        for tensor in tensors {
            let run = tensor.shape[index] * inner
            for block in 0..<(run == 0 ? 0 : outer) {
                (result.body.memory + 4 * (block * total * inner + start * inner))
                    .copyMemory(from: tensor.body.memory + 4 * block * run, byteCount: 4 * run)
            }
            start += tensor.shape[index]
        }
        guard let tape = Context.current.pointee.tape else { return result }
        var output: Int32 = -1
        start = 0
        for tensor in tensors {
            let slot = tape.slot(of: tensor)
            if slot >= 0 {
                let isPartial = output >= 0
                if !isPartial { output = tape.enter(result) }
                var place = whole
                place.offset = start * whole.stride(index)
                tape.append(.placed, output, slot, place, isPartial: isPartial)
            }
            start += tensor.shape[index]
        }
        return result
    }

    /// As ``concatenate(_:axis:)`` along the first axis.
    package static func concatenated(_ tensors: [Tensor]) -> Tensor { concatenate(tensors) }

    /// This tensor and another, one after the other along an axis.
    public func concatenated(with other: Tensor, axis: Int = 0) -> Tensor { .concatenate([self, other], axis: axis) }

    /// Tensors of one shape side by side along a new axis: two of `[3]` -> `[2, 3]`, along axis 1 -> `[3, 2]`.
    public static func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
        if tensors.contains(where: \.isInert) { return .inert }
        guard let first = tensors.first else { return failed("stack", "no tensors, expected at least one") }
        if let odd = tensors.first(where: { $0.shape != first.shape }) {
            return failed("stack", "shapes \(first.shape) and \(odd.shape) differ")
        }
        let index = axis < 0 ? axis + first.rank + 1 : axis
        guard index >= 0, index <= first.rank, first.rank < Shape.maximumRank else {
            return failed("stack", "axis \(axis) cannot be added to \(first.shape)")
        }
        return concatenate(tensors.map { $0.unsqueezed(axis: index) }, axis: index)
    }

    /// Parts of the given lengths along an axis, which they must fill.
    public func split(sizes: [Int], axis: Int = 0) -> [Tensor] {
        if isInert { return sizes.map { _ in self } }
        let inert = { sizes.map { _ in Tensor.inert } }
        guard let index = axisIndex(axis, for: "split") else { return inert() }
        let total = sizes.reduce(0) { $0.addingReportingOverflow($1).partialValue }
        guard !sizes.contains(where: { $0 < 0 || $0 > shape[index] }), total == shape[index] else {
            _ = failed("split", "sizes \(sizes) do not fill axis \(axis) of \(shape)")
            return inert()
        }
        var start = 0
        return sizes.map { size in
            defer { start += size }
            return narrowed(axis: index, from: start, count: size)
        }
    }

    /// Parts of `size` along an axis; the last one may be shorter.
    public func split(_ size: Int, axis: Int = 0) -> [Tensor] {
        if isInert { return [self] }
        guard let index = axisIndex(axis, for: "split") else { return [.inert] }
        let length = shape[index]
        guard size > 0 || length == 0 else {
            return [failed("split", "parts of \(size) along axis \(axis) of \(shape)")]
        }
        if length == 0 { return [self] }
        return split(sizes: stride(from: 0, to: length, by: size).map { Swift.min(size, length - $0) }, axis: index)
    }

    /// Up to `count` parts of equal length along an axis, ⌈length / count⌉; the last one may be shorter, and there may be
    /// fewer.
    public func chunk(_ count: Int, axis: Int = 0) -> [Tensor] {
        if isInert { return [self] }
        guard let index = axisIndex(axis, for: "chunk") else { return [.inert] }
        guard count > 0 else { return [failed("chunk", "\(count) parts of axis \(axis) of \(shape)")] }
        if shape[index] == 0 { return split(sizes: Array(repeating: 0, count: count), axis: index) }
        return split((shape[index] - 1) / count + 1, axis: index)
    }

    /// The tensor in a frame of `value`: `before` and `after` places more along each axis; the last axes when fewer are
    /// given than there are.
    ///
    /// - Shape: `[2, 3].padded([(1, 0), (2, 1)]) -> [3, 6]`
    public func padded(_ widths: [(before: Int, after: Int)], value: Float = 0) -> Tensor {
        if isInert { return self }
        let lead = rank - widths.count
        guard lead >= 0, !widths.contains(where: { $0.before < 0 || $0.after < 0 }) else {
            return failed("pad", "widths \(widths) around \(shape), expected at most one pair an axis, none negative")
        }
        var target = shape
        for (axis, width) in widths.enumerated() {
            let (sum, overflow) = width.before.addingReportingOverflow(width.after)
            let (length, overflow2) = sum.addingReportingOverflow(shape[lead + axis])
            target[lead + axis] = overflow || overflow2 ? .max : length
        }
        if let problem = target.problem { return failed("pad", "widths \(widths) around \(shape): \(problem)") }
        if elementType == .int32, Int32(exactly: value) == nil { return failed("pad", "\(value) is no int32") }
        let result = Tensor.uninitialized(target, type: elementType)
        if elementType == .float32 {
            hone_fill(HONE_ISA_AUTO, value, result.body.floats, result.count)
        } else {
            result.body.integers.update(repeating: Int32(exactly: value) ?? 0, count: result.count)
        }
        var inside = StridedLayout(target)
        inside.shape = shape
        for (axis, width) in widths.enumerated() { inside.offset += width.before * inside.stride(lead + axis) }
        inside.write(body.memory, to: result.body.memory)
        record(.placed, as: result, inside)
        return result
    }
}
