// Operations that name axes anew: the elements stay, their order changes.

extension Tensor {
    /// The axes in another order; axis `i` of the result is axis `axes[i]` of this tensor.
    ///
    /// - Shape: `[2, 3, 4].permuted([2, 0, 1]) -> [4, 2, 3]`
    public func permuted(_ axes: [Int]) -> Tensor {
        if isInert { return self }
        guard axes.count == rank, let marks = shape.marking(axes), !marks.contains(false) else {
            return failed("permute", "axes \(axes) are no order of the \(rank) axes of \(shape)")
        }
        let order = axes.map { $0 < 0 ? $0 + rank : $0 }
        let (layout, inverse) = StridedLayout.permuting(shape, order)
        return strided(layout, inverse: inverse)
    }

    /// The axes in another order, named one by one.
    public func permuted(_ axes: Int...) -> Tensor { permuted(axes) }

    /// Two axes in each other's place: `[2, 3, 4].transposed(-1, -2) -> [2, 4, 3]`.
    public func transposed(_ first: Int, _ second: Int) -> Tensor {
        if isInert { return self }
        guard let a = axisIndex(first, for: "transpose"), let b = axisIndex(second, for: "transpose") else {
            return .inert
        }
        var order = Array(0..<rank)
        order.swapAt(a, b)
        return permuted(order)
    }

    /// The elements repeated along axes of length 1 and along new leading axes; -1 keeps an axis as it is.
    ///
    /// - Shape: `[3, 1].expanded(to: [2, -1, 4]) -> [2, 3, 4]`
    public func expanded(to shape: Shape) -> Tensor {
        if isInert { return self }
        var target = shape
        let lead = shape.rank - rank
        for axis in 0..<shape.rank where shape[axis] == -1 && axis >= lead { target[axis] = self.shape[axis - lead] }
        guard target.problem == nil, lead >= 0, Shape.broadcast(self.shape, target) == target else {
            return failed("expand", "\(self.shape) cannot be expanded to \(shape)")
        }
        let result = arranged(StridedLayout(target, strides: self.shape.broadcastStrides(to: target), offset: 0))
        record(.expand, as: result)
        return result
    }

    /// The tensor without its axes of length 1.
    public func squeezed() -> Tensor {
        isInert ? self : reshaped(Shape(shape.array.filter { $0 != 1 }))
    }

    /// The tensor without one axis, if that has length 1; else the tensor as it is.
    public func squeezed(axis: Int) -> Tensor {
        if isInert { return self }
        guard let index = axisIndex(axis, for: "squeeze") else { return .inert }
        return shape[index] == 1 ? reshaped(shape.removing(axis: index)) : self
    }

    /// The tensor with a new axis of length 1 at `axis`: `[3].unsqueezed(axis: -1) -> [3, 1]`.
    public func unsqueezed(axis: Int) -> Tensor {
        if isInert { return self }
        let index = axis < 0 ? axis + rank + 1 : axis
        guard index >= 0, index <= rank, rank < Shape.maximumRank else {
            return failed("unsqueeze", "axis \(axis) cannot be added to \(shape)")
        }
        return reshaped(shape.inserting(1, at: index))
    }

    /// The elements in reverse order along axes.
    public func flipped(axes: [Int]) -> Tensor {
        if isInert { return self }
        guard let marks = axisMarks(axes, for: "flip") else { return .inert }
        var layout = StridedLayout(shape)
        for axis in 0..<rank where marks[axis] && shape[axis] > 0 {
            layout.offset += (shape[axis] - 1) * layout.stride(axis)
            layout.setStride(axis, -layout.stride(axis))
        }
        return strided(layout, inverse: layout)
    }

    /// The tensor laid side by side with itself, `repeats[i]` times along axis `i`; more repeats than axes add leading
    /// ones.
    ///
    /// - Shape: `[2, 3].repeated([2, 2]) -> [4, 6]`, `[3].repeated([4, 2]) -> [4, 6]`
    public func repeated(_ repeats: [Int]) -> Tensor {
        if isInert { return self }
        let lead = repeats.count - rank
        guard lead >= 0, repeats.count <= Shape.maximumRank, !repeats.contains(where: { $0 < 0 }) else {
            return failed("repeat", "\(repeats) repeats of \(shape), expected one for each axis, none negative")
        }
        let long = Array(repeating: 1, count: lead) + shape.array
        var result = self
        var lengths = long
        for axis in long.indices {
            let (length, overflow) = long[axis].multipliedReportingOverflow(by: repeats[axis])
            lengths[axis] = overflow ? .max : length
        }
        if let problem = Shape(lengths).problem {
            return failed("repeat", "\(repeats) repeats of \(shape): \(problem)")
        }
        for axis in long.indices where repeats[axis] != 1 {
            let (outer, rest) = (lengths[..<axis].reduce(1, *), long[axis...].reduce(1, *))
            result = result.reshaped([outer, 1, rest]).expanded(to: [outer, repeats[axis], rest])
        }
        return result.reshaped(Shape(lengths))
    }

    /// The elements moved along axes by `shifts`, those that leave at one end coming in at the other.
    public func rolled(_ shifts: [Int], axes: [Int]) -> Tensor {
        if isInert { return self }
        guard shifts.count == axes.count, shape.marking(axes) != nil else {
            return failed("roll", "shifts \(shifts) along axes \(axes) of \(shape), expected one for each axis")
        }
        return zip(shifts, axes).reduce(self) { $0.rolled($1.0, axis: $1.1) }
    }

    /// The elements moved along one axis, those that leave at one end coming in at the other.
    public func rolled(_ shift: Int, axis: Int = 0) -> Tensor {
        if isInert { return self }
        guard let index = axisIndex(axis, for: "roll") else { return .inert }
        let length = shape[index]
        let moved = length == 0 ? 0 : (shift % length + length) % length
        if moved == 0 { return self }
        return .concatenate(
            [
                narrowed(axis: index, from: length - moved, count: moved),
                narrowed(axis: index, from: 0, count: length - moved),
            ], axis: index)
    }

    /// Windows of `size` along an axis, every `step`-th, as a new last axis; they may overlap.
    ///
    /// - Shape: `[2, 7].unfolded(axis: 1, size: 3, step: 2) -> [2, 3, 3]`
    public func unfolded(axis: Int, size: Int, step: Int) -> Tensor {
        if isInert { return self }
        guard let index = axisIndex(axis, for: "unfold") else { return .inert }
        guard size >= 0, size <= shape[index], step > 0, rank < Shape.maximumRank else {
            return failed("unfold", "windows of \(size) by steps of \(step) along axis \(axis) of \(shape)")
        }
        let own = StridedLayout(shape)
        let windows = (shape[index] - size) / step + 1
        var layout = StridedLayout(shape.replacing(axis: index, with: windows).inserting(size, at: rank))
        for axis in 0..<rank { layout.setStride(axis, own.stride(axis)) }
        layout.setStride(index, own.stride(index) * step)
        layout.setStride(rank, own.stride(index))
        return strided(layout)
    }

    /// `count` places of an axis, from `start` on; both within the axis, which the caller has checked.
    func narrowed(axis: Int, from start: Int, count: Int) -> Tensor {
        var layout = StridedLayout(shape)
        layout.shape[axis] = count
        layout.offset = start * layout.stride(axis)
        return strided(layout)
    }
}

func expandBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    tape.give(Tensor(gradient).summed(to: tape.shape(of: record.input0)).body, to: record.input0)
}
