import HoneKernels

// Assigning operators. They work in place where nobody can tell: when this variable is the only holder of its memory and no
// tape follows either operand; else they are as `a = a + b`.

extension Tensor {
    /// Adds another tensor, broadcast to this one's shape.
    public static func += (a: inout Tensor, b: Tensor) {
        if a.canChange(with: b) { _ = apply(HONE_ADD, a, b, a.shape, into: a.body.floats) } else { a = a + b }
    }

    /// Subtracts another tensor, broadcast to this one's shape.
    public static func -= (a: inout Tensor, b: Tensor) {
        if a.canChange(with: b) { _ = apply(HONE_SUB, a, b, a.shape, into: a.body.floats) } else { a = a - b }
    }

    /// Multiplies by another tensor, broadcast to this one's shape.
    public static func *= (a: inout Tensor, b: Tensor) {
        if a.canChange(with: b) { _ = apply(HONE_MUL, a, b, a.shape, into: a.body.floats) } else { a = a * b }
    }

    /// Divides by another tensor, broadcast to this one's shape.
    public static func /= (a: inout Tensor, b: Tensor) {
        if a.canChange(with: b) { _ = apply(HONE_DIV, a, b, a.shape, into: a.body.floats) } else { a = a / b }
    }

    /// Adds a number to every element.
    public static func += (a: inout Tensor, c: Float) {
        if a.canChange() { a.change(HONE_ADD, c) } else { a = a + c }
    }

    /// Subtracts a number from every element.
    public static func -= (a: inout Tensor, c: Float) {
        if a.canChange() { a.change(HONE_SUB, c) } else { a = a - c }
    }

    /// Multiplies every element by a number.
    public static func *= (a: inout Tensor, c: Float) {
        if a.canChange() { a.change(HONE_MUL, c) } else { a = a * c }
    }

    /// Divides every element by a number.
    public static func /= (a: inout Tensor, c: Float) {
        if a.canChange() { a.change(HONE_DIV, c) } else { a = a / c }
    }

    private func change(_ kernel: hone_binary_op, _ c: Float) {
        hone_binary_scalar(HONE_ISA_AUTO, kernel, body.floats, c, false, body.floats, count)
    }

    private mutating func canChange() -> Bool {
        isKnownUniquelyReferenced(&body) && body.ownsMemory && elementType == .float32 && !isInert && !isTracked
    }

    private mutating func canChange(with other: Tensor) -> Bool {
        canChange() && other.elementType == .float32 && !other.isInert && !other.isTracked
            && Shape.broadcast(shape, other.shape) == shape
    }
}
