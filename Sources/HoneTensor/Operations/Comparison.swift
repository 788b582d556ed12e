import HoneKernels

// Comparisons give float32 tensors of 1 and 0, and are never differentiated.

infix operator .< : ComparisonPrecedence
infix operator .<= : ComparisonPrecedence
infix operator .> : ComparisonPrecedence
infix operator .>= : ComparisonPrecedence
infix operator .== : ComparisonPrecedence
infix operator .!= : ComparisonPrecedence

extension Tensor {
    /// 1 where a is less than b, else 0; shapes are broadcast.
    public static func .< (a: Tensor, b: Tensor) -> Tensor { compare(".<", HONE_LESS, a, b) }
    /// 1 where a is at most b, else 0; shapes are broadcast.
    public static func .<= (a: Tensor, b: Tensor) -> Tensor { compare(".<=", HONE_LESS_EQUAL, a, b) }
    /// 1 where a is greater than b, else 0; shapes are broadcast.
    public static func .> (a: Tensor, b: Tensor) -> Tensor { compare(".>", HONE_GREATER, a, b) }
    /// 1 where a is at least b, else 0; shapes are broadcast.
    public static func .>= (a: Tensor, b: Tensor) -> Tensor { compare(".>=", HONE_GREATER_EQUAL, a, b) }
    /// 1 where a equals b, else 0; shapes are broadcast.
    public static func .== (a: Tensor, b: Tensor) -> Tensor { compare(".==", HONE_EQUAL, a, b) }
    /// 1 where a does not equal b, else 0; shapes are broadcast.
    public static func .!= (a: Tensor, b: Tensor) -> Tensor { compare(".!=", HONE_NOT_EQUAL, a, b) }

    /// 1 where an element is less than c, else 0.
    public static func .< (a: Tensor, c: Float) -> Tensor { compare(".<", HONE_LESS, a, c) }
    /// 1 where an element is at most c, else 0.
    public static func .<= (a: Tensor, c: Float) -> Tensor { compare(".<=", HONE_LESS_EQUAL, a, c) }
    /// 1 where an element is greater than c, else 0.
    public static func .> (a: Tensor, c: Float) -> Tensor { compare(".>", HONE_GREATER, a, c) }
    /// 1 where an element is at least c, else 0.
    public static func .>= (a: Tensor, c: Float) -> Tensor { compare(".>=", HONE_GREATER_EQUAL, a, c) }
    /// 1 where an element equals c, else 0.
    public static func .== (a: Tensor, c: Float) -> Tensor { compare(".==", HONE_EQUAL, a, c) }
    /// 1 where an element does not equal c, else 0.
    public static func .!= (a: Tensor, c: Float) -> Tensor { compare(".!=", HONE_NOT_EQUAL, a, c) }

    private static func compare(_ name: String, _ kernel: hone_binary_op, _ a: Tensor, _ b: Tensor) -> Tensor {
        if a.isInert || b.isInert { return .inert }
        if a.elementType == .int32, b.elementType == .int32 { return compareIntegers(name, kernel, a, b) }
        guard let shape = checked(name, a, b) else { return .inert }
        return apply(kernel, a, b, shape)
    }

    private static func compare(_ name: String, _ kernel: hone_binary_op, _ a: Tensor, _ c: Float) -> Tensor {
        if a.isInert { return a }
        if a.elementType == .int32 {
            guard let c = Int32(exactly: c) else { return failed(name, "\(c) is no int32, as the tensor is") }
            return compareIntegers(name, kernel, a, Tensor([c], shape: []))
        }
        let result = uninitialized(a.shape)
        hone_binary_scalar(HONE_ISA_AUTO, kernel, a.body.floats, c, false, result.body.floats, a.count)
        return result
    }

    /// Integers are compared as such: beyond 2^24 they do not all have a float.
    private static func compareIntegers(_ name: String, _ kernel: hone_binary_op, _ a: Tensor, _ b: Tensor) -> Tensor {
        guard let shape = Shape.broadcast(a.shape, b.shape) else {
            return failed(name, "shapes \(a.shape) and \(b.shape) cannot be broadcast to one")
        }
        let holds: (Int32, Int32) -> Bool =
            switch kernel {
            case HONE_LESS: { $0 < $1 }
            case HONE_LESS_EQUAL: { $0 <= $1 }
            case HONE_GREATER: { $0 > $1 }
            case HONE_GREATER_EQUAL: { $0 >= $1 }
            case HONE_EQUAL: { $0 == $1 }
            default: { $0 != $1 }
            }
        let (wideA, wideB) = (a.spread(to: shape), b.spread(to: shape))
        let result = uninitialized(shape)
        let (x, y, out) = (wideA.body.integers, wideB.body.integers, result.body.floats)
        for i in 0..<result.count { out[i] = holds(x[i], y[i]) ? 1 : 0 }
        return result
    }

    /// 1 where |self − other| ≤ absolute + relative · |other|, else 0; shapes are broadcast. Infinities equal themselves;
    /// NaN equals NaN when `equalNaN`.
    public func isClose(
        to other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8, equalNaN: Bool = false
    ) -> Tensor {
        guard let shape = Tensor.checked("isClose", self, other) else { return .inert }
        let (wideA, wideB) = (spread(to: shape), other.spread(to: shape))
        let result = Tensor.uninitialized(shape)
        let (x, y, out) = (wideA.body.floats, wideB.body.floats, result.body.floats)
        for i in 0..<result.count {
            let (a, b) = (Double(x[i]), Double(y[i]))
            let isNear = b.isFinite && Swift.abs(a - b) <= absolute + relative * Swift.abs(b)
            out[i] = a == b || isNear || (equalNaN && a.isNaN && b.isNaN) ? 1 : 0
        }
        return result
    }

    /// Whether every element is close to another tensor's, as in ``isClose(to:relative:absolute:equalNaN:)``.
    public func allClose(
        to other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8, equalNaN: Bool = false
    ) -> Bool {
        let close = isClose(to: other, relative: relative, absolute: absolute, equalNaN: equalNaN)
        return !close.isInert && !close.scalars.contains(0)
    }
}
