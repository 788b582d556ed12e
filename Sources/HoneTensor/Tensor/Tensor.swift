import HoneKernels

/// A dense, row-major array of numbers, of up to six axes, that automatic differentiation can follow.
///
/// A tensor is a value: nothing done to one changes another. Elements are `Float` (learning) or `Int32` (labels,
/// indices).
public struct Tensor: @unchecked Sendable {
    // Unchecked: a body's elements do not change once an operation has made it, and its place on a tape is of use
    // only on the thread whose current tape it is.
    var body: TensorBody

    @inline(__always) init(_ body: TensorBody) { self.body = body }

    /// What an operation gives that could not be done, inside a run: it has no elements, answers 0 for every length,
    /// and every operation on it gives an inert tensor again, so that a model need not be written with `try`.
    static var inert: Tensor { Tensor(TensorBody(.inert, count: 0, type: .float32)) }

    /// Whether this stands in for the result of an operation that could not be done.
    public var isInert: Bool { body.shape.isInert }

    /// The lengths of the axes.
    @inline(__always) public var shape: Shape { body.shape }

    /// The number of axes.
    public var rank: Int { body.shape.rank }

    /// The number of elements.
    @inline(__always) public var count: Int { body.count }

    /// The kind of element.
    public var elementType: ElementType { body.type }

    /// Whether a tape follows this tensor now, so that a gradient can be asked for.
    public var isTracked: Bool {
        guard let tape = Context.current.pointee.tape else { return false }
        return tape.id != 0 && tape.slot(of: self) >= 0
    }

    /// The same elements, which no tape follows.
    public func detached() -> Tensor {
        Tensor(TensorBody(viewing: body, shape: shape, count: count))
    }
}

// MARK: Making tensors

extension Tensor {
    /// New memory for `shape`, from the thread's pool; the content is undefined.
    @inline(__always) static func uninitialized(_ shape: Shape, type: ElementType = .float32) -> Tensor {
        Tensor(TensorBody(shape, count: shape.count, type: type))
    }

    /// New memory for a tensor of floats of this one's shape.
    @inline(__always) func uninitializedTwin() -> Tensor {
        Tensor(TensorBody(body.shape, count: body.count, type: .float32))
    }

    /// Makes a tensor of the given elements in row-major order.
    ///
    /// Their number must be the shape's; a mismatch is a tensor error.
    public init(_ elements: [Float], shape: Shape) {
        if let failure = Tensor.refuse(elements.count, shape) {
            self = failure
            return
        }
        self = .uninitialized(shape)
        elements.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { body.floats.update(from: start, count: count) }
        }
    }

    /// Makes a tensor of integers in row-major order; their number must be the shape's.
    @_disfavoredOverload  // `Tensor([1, 2, 3])` is of floats.
    public init(_ elements: [Int32], shape: Shape) {
        if let failure = Tensor.refuse(elements.count, shape) {
            self = failure
            return
        }
        self = .uninitialized(shape, type: .int32)
        elements.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { body.integers.update(from: start, count: count) }
        }
    }

    private static func refuse(_ elements: Int, _ shape: Shape) -> Tensor? {
        if let problem = shape.problem { return failed("Tensor", problem) }
        guard elements == shape.count else {
            return failed("Tensor", "\(elements) elements do not fill \(shape), which holds \(shape.count)")
        }
        return nil
    }

    /// Makes a tensor of one axis.
    public init(_ elements: [Float]) { self.init(elements, shape: Shape(elements.count)) }

    /// Makes a tensor of integers, of one axis.
    @_disfavoredOverload
    public init(_ elements: [Int32]) { self.init(elements, shape: Shape(elements.count)) }

    /// Makes a tensor of two axes; all rows must be of one length.
    public init(_ rows: [[Float]]) {
        let columns = rows.first?.count ?? 0
        if let odd = rows.firstIndex(where: { $0.count != columns }) {
            self = failed("Tensor", "row \(odd) has \(rows[odd].count) elements, row 0 has \(columns)")
            return
        }
        self.init(rows.flatMap { $0 }, shape: Shape(rows.count, columns))
    }

    /// Makes a scalar, of shape `[]`.
    public init(_ value: Float) {
        self = .uninitialized(Shape())
        body.floats[0] = value
    }

    /// A tensor filled with one value.
    public static func full(_ shape: Shape, _ value: Float) -> Tensor {
        if let problem = shape.problem { return failed("Tensor", problem) }
        let result = uninitialized(shape)
        hone_fill(HONE_ISA_AUTO, value, result.body.floats, result.count)
        return result
    }

    /// A tensor of zeros.
    public static func zeros(_ shape: Shape) -> Tensor { full(shape, 0) }

    /// A tensor of ones.
    public static func ones(_ shape: Shape) -> Tensor { full(shape, 1) }

    /// Numbers uniform in `low..<high`.
    public static func uniform(_ shape: Shape, low: Float = 0, high: Float = 1, key: RandomKey) -> Tensor {
        if let problem = shape.problem { return failed("Tensor", problem) }
        let result = uninitialized(shape)
        hone_random_uniform(HONE_ISA_AUTO, key.bits, 0, 0, low, high, result.body.floats, result.count)
        return result
    }

    /// Numbers of a normal distribution.
    public static func normal(_ shape: Shape, mean: Float = 0, deviation: Float = 1, key: RandomKey) -> Tensor {
        if let problem = shape.problem { return failed("Tensor", problem) }
        let result = uninitialized(shape)
        hone_random_normal(HONE_ISA_AUTO, key.bits, 0, 0, mean, deviation, result.body.floats, result.count)
        return result
    }

    /// A tensor over memory that its owner changes only after `TensorView.release()`.
    static func borrowing(_ memory: UnsafeMutablePointer<Float>, shape: Shape) -> Tensor {
        Tensor(TensorBody(borrowing: memory, shape: shape, type: .float32))
    }
}

// MARK: Reading tensors

extension Tensor {
    /// The elements in row-major order, integers converted.
    public var scalars: [Float] {
        if body.type == .int32 { return integers.map(Float.init) }
        return Array(UnsafeBufferPointer(start: body.floats, count: count))
    }

    /// The elements in row-major order as integers; floating-point ones are truncated toward zero, and a value that no
    /// `Int32` can hold becomes the nearest one, NaN 0.
    public var integers: [Int32] {
        if body.type == .int32 { return Array(UnsafeBufferPointer(start: body.integers, count: count)) }
        return UnsafeBufferPointer(start: body.floats, count: count).map { value in
            value.isNaN ? 0 : Int32(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
        }
    }

    /// The only element; a tensor of another number of elements is a tensor error, and gives NaN inside a run.
    public func item() -> Float {
        guard count == 1 else {
            if !isInert { _ = failed("item", "\(shape) has \(count) elements, expected 1") }
            return .nan
        }
        return body.type == .int32 ? Float(body.integers[0]) : body.floats[0]
    }

    /// Calls `body` with the elements of a floating-point tensor; an integer tensor has none to show.
    public func withUnsafeFloats<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self.body) {
            try body(UnsafeBufferPointer(start: self.body.floats, count: self.body.type == .float32 ? count : 0))
        }
    }

    /// Calls `body` with the elements of an integer tensor; a floating-point tensor has none to show.
    public func withUnsafeIntegers<Result>(_ body: (UnsafeBufferPointer<Int32>) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self.body) {
            try body(UnsafeBufferPointer(start: self.body.integers, count: self.body.type == .int32 ? count : 0))
        }
    }

    /// A floating-point tensor whose elements `initialize` writes.
    public static func build(
        _ shape: Shape, _ initialize: (UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows -> Tensor {
        if let problem = shape.problem { return failed("Tensor", problem) }
        let result = uninitialized(shape)
        try initialize(UnsafeMutableBufferPointer(start: result.body.floats, count: result.count))
        return result
    }

    /// Whether two tensors have the same shape, element type and bits (NaN equal to the same NaN).
    public func isBitwiseEqual(to other: Tensor) -> Bool {
        guard shape == other.shape, elementType == other.elementType else { return false }
        let (mine, theirs) = (body.integers, other.body.integers)
        return (0..<count).allSatisfy { mine[$0] == theirs[$0] }
    }
}
