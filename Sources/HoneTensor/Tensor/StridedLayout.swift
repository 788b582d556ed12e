import HoneKernels

/// How a tensor's elements lie in memory that was laid out for another: element `[i, j, …]` at
/// `offset + i * stride(0) + j * stride(1) + …`. What only rearranges elements is one of these.
struct StridedLayout {
    var shape: Shape
    private(set) var strides: Shape.Lengths
    var offset = 0

    /// The row-major layout.
    init(_ shape: Shape) {
        self.shape = shape
        strides = shape.strides
    }

    init(_ shape: Shape, strides: Shape.Lengths, offset: Int) {
        self.shape = shape
        self.strides = strides
        self.offset = offset
    }

    /// The row-major elements of `shape` with its axes in another order, and how they lie in the result.
    static func permuting(_ shape: Shape, _ order: [Int]) -> (layout: StridedLayout, inverse: StridedLayout) {
        let own = StridedLayout(shape)
        var layout = StridedLayout(Shape(order.map { shape[$0] }))
        var inverse = own
        for (axis, source) in order.enumerated() { inverse.setStride(source, layout.stride(axis)) }
        for (axis, source) in order.enumerated() { layout.setStride(axis, own.stride(source)) }
        return (layout, inverse)
    }

    func stride(_ axis: Int) -> Int { withLengths(strides) { $0[axis] } }

    mutating func setStride(_ axis: Int, _ value: Int) {
        withUnsafeMutablePointer(to: &strides) {
            $0.withMemoryRebound(to: Int.self, capacity: Shape.maximumRank) { $0[axis] = value }
        }
    }

    /// Whether the elements follow one another, so that no copy is needed to see them in row-major order.
    var isContiguous: Bool {
        var step = 1
        for axis in Swift.stride(from: shape.rank - 1, through: 0, by: -1) {
            let length = shape[axis]
            if length == 0 { return true }
            if length > 1, stride(axis) != step { return false }
            step *= length
        }
        return true
    }

    /// Reads the elements into contiguous memory.
    func copy(from memory: UnsafeRawPointer, to out: UnsafeMutableRawPointer) {
        let start = memory.advanced(by: 4 * offset)
        let rank = shape.rank
        if rank >= 2 {
            let (rows, columns) = (shape[rank - 2], shape[rank - 1])
            if rows > 1, columns > 1, stride(rank - 2) == 1, stride(rank - 1) == rows {
                // The last two axes change places.
                var batches = self
                batches.setStride(rank - 2, columns)
                batches.setStride(rank - 1, 1)
                if batches.isContiguous {
                    let (size, count) = (rows * columns, shape.count / (rows * columns))
                    for batch in 0..<count {
                        hone_transpose(
                            HONE_ISA_AUTO, start + 4 * batch * size, out + 4 * batch * size, columns, rows)
                    }
                    return
                }
            }
        }
        withLengths(strides) { strides in
            shape.withSizes { hone_strided_copy(start, strides, out, $0, Int32(rank)) }
        }
    }

    /// Adds contiguous elements to where these lie.
    func add(_ source: UnsafePointer<Float>, to memory: UnsafeMutablePointer<Float>) {
        withLengths(strides) { strides in
            shape.withSizes { hone_strided_add(memory + offset, strides, source, $0, Int32(shape.rank)) }
        }
    }

    /// Overwrites these elements with contiguous ones, or with zeros.
    func write(_ source: UnsafeRawPointer?, to memory: UnsafeMutableRawPointer) {
        if shape.count == 0 { return }
        let last = shape.rank - 1
        let (length, step) = last >= 0 ? (shape[last], stride(last)) : (1, 1)
        let words = memory.assumingMemoryBound(to: UInt32.self)
        forEachRow { row, offset in
            let from = source?.advanced(by: 4 * row * length).assumingMemoryBound(to: UInt32.self)
            for i in 0..<length { words[offset + i * step] = from?[i] ?? 0 }
        }
    }

    /// Calls `body` with the number of each row (the last axis) and the place of its first element.
    func forEachRow(_ body: (_ row: Int, _ offset: Int) -> Void) {
        let last = shape.rank - 1
        if last <= 0 {
            if shape.count > 0 { body(0, offset) }
            return
        }
        let rows = (0..<last).reduce(1) { $0 * shape[$1] }
        var index = Shape(rank: last)
        for axis in 0..<last { index[axis] = 0 }
        var place = offset
        for row in 0..<(shape[last] == 0 ? 0 : rows) {
            body(row, place)
            for axis in Swift.stride(from: last - 1, through: 0, by: -1) {
                index[axis] += 1
                place += stride(axis)
                if index[axis] < shape[axis] { break }
                place -= shape[axis] * stride(axis)
                index[axis] = 0
            }
        }
    }
}

extension Shape {
    @inline(__always) func withSizes<Result>(_ body: (UnsafePointer<Int>) -> Result) -> Result {
        withLengths(lengths, body)
    }
}

extension Tensor {
    /// The elements of this tensor's memory that `layout` names, in row-major order: a view where they follow one
    /// another, else a copy. Not recorded.
    func arranged(_ layout: StridedLayout) -> Tensor {
        let count = layout.shape.count
        if layout.isContiguous {
            return Tensor(
                TensorBody(
                    viewing: body, shape: layout.shape, count: count, elementOffset: count == 0 ? 0 : layout.offset))
        }
        let result = Tensor.uninitialized(layout.shape, type: elementType)
        layout.copy(from: body.memory, to: result.body.memory)
        return result
    }

    /// As `arranged`, recorded: the gradient is added back to where each element was read.
    func strided(_ layout: StridedLayout) -> Tensor {
        let result = arranged(layout)
        record(.strided, as: result, layout)
        return result
    }

    /// As `arranged`, where each element is read exactly once: `inverse` is how the operand's elements lie in the result,
    /// from which the gradient is read.
    func strided(_ layout: StridedLayout, inverse: StridedLayout) -> Tensor {
        let result = arranged(layout)
        record(.placed, as: result, inverse)
        return result
    }
}

/// Elements were read by strides: the gradient goes to where each was.
func stridedBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    let (target, accumulates) = tape.target(record.input0)
    if !accumulates { hone_fill(HONE_ISA_AUTO, 0, target, tape.shape(of: record.input0).count) }
    tape.layout(of: record, gradient.shape).add(gradient.floats, to: target)
}

/// The operand lies in the result by strides: its gradient is read from there.
func placedBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    let layout = tape.layout(of: record, tape.shape(of: record.input0))
    tape.give(Tensor(gradient).arranged(layout).body, to: record.input0)
}
