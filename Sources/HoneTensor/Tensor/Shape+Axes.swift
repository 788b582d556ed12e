// Axes counted from either end, and shapes made from others. What has no result is nil, for the caller to report.

extension Shape {
    /// The place of an axis, a negative one counted from the end; nil outside of the shape.
    func index(ofAxis axis: Int) -> Int? {
        let index = axis < 0 ? axis + rank : axis
        return index >= 0 && index < rank ? index : nil
    }

    /// Marks the axes that are named; nil when one is outside of the shape or named twice.
    func marking(_ axes: [Int]) -> [Bool]? {
        var marks = [Bool](repeating: false, count: rank)
        for axis in axes {
            guard let index = index(ofAxis: axis), !marks[index] else { return nil }
            marks[index] = true
        }
        return marks
    }

    /// The number of elements before, along and within an axis: the shape seen as `[outer, length, inner]`.
    func blocks(around axis: Int) -> (outer: Int, length: Int, inner: Int) {
        (
            (0..<axis).reduce(1) { $0 * self[$1] }, self[axis],
            (axis + 1..<rank).reduce(1) { $0 * self[$1] }
        )
    }

    /// The shape with another length for one axis.
    func replacing(axis: Int, with length: Int) -> Shape {
        var result = self
        result[axis] = length
        return result
    }

    /// The shape with one more axis, before the one at `index`.
    func inserting(_ length: Int, at index: Int) -> Shape {
        var result = array
        result.insert(length, at: index)
        return Shape(result)
    }

    /// The shape with marked axes of length 1, or without them.
    func reducing(_ marks: [Bool], keepDimensions: Bool) -> Shape {
        keepDimensions
            ? Shape((0..<rank).map { marks[$0] ? 1 : self[$0] })
            : Shape((0..<rank).filter { !marks[$0] }.map { self[$0] })
    }
}

/// Shows a tuple of six as the C functions want it.
@inline(__always) func withLengths<Result>(
    _ lengths: Shape.Lengths, _ body: (UnsafePointer<Int>) -> Result
) -> Result {
    withUnsafePointer(to: lengths) {
        $0.withMemoryRebound(to: Int.self, capacity: Shape.maximumRank) { body($0) }
    }
}

/// What an operation checks before it touches memory. Each of these reports the mistake and gives nil or false.
extension Tensor {
    @inline(__always) func isFloat(for operation: @autoclosure () -> String) -> Bool {
        if elementType == .float32 { return true }
        _ = failed(operation(), "operand is \(elementType), expected float32")
        return false
    }

    func axisIndex(_ axis: Int, for operation: String) -> Int? {
        if let index = shape.index(ofAxis: axis) { return index }
        _ = failed(operation, "axis \(axis) is outside of \(shape)")
        return nil
    }

    func axisMarks(_ axes: [Int]?, for operation: String) -> [Bool]? {
        guard let axes else { return [Bool](repeating: true, count: rank) }
        if let marks = shape.marking(axes) { return marks }
        _ = failed(operation, "axes \(axes) of \(shape): one is outside or named twice")
        return nil
    }

    /// Records how `result` was made of this tensor, if the current tape follows it; `complete` adds to the record what
    /// the backward pass needs.
    @inline(__always) func record(
        _ operation: Operation, as result: Tensor, _ complete: (inout Tape.Record) -> Void = { _ in }
    ) {
        Context.current.pointee.recorder?._withUnsafeGuaranteedRef { tape in
            let slot = tape.slot(of: self)
            guard slot >= 0 else { return }
            tape.append(operation, tape.enter(result), slot, -1, complete)
        }
    }

    /// Records that `result` was read or written by strides.
    func record(_ operation: Operation, as result: Tensor, _ layout: StridedLayout) {
        guard let tape = Context.current.pointee.tape else { return }
        let slot = tape.slot(of: self)
        if slot >= 0 { tape.append(operation, tape.enter(result), slot, layout) }
    }
}
