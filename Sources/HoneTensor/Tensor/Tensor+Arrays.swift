// Tensors from Swift arrays and bytes, and back.

/// What a tensor can be made of and turned into: `Float`, `Int32`, and arrays of these to any depth up to six.
public protocol TensorElements {
    /// The kind of element that the innermost arrays hold.
    static var elementType: ElementType { get }
    /// The number of arrays around an element.
    static var depth: Int { get }
    /// The lengths of this array and of the first of each depth within it.
    var lengths: [Int] { get }
    /// Writes the elements in row-major order from `memory` on; false when an array's length is not `lengths[depth]`.
    func write(to memory: inout UnsafeMutableRawPointer, lengths: ArraySlice<Int>) -> Bool
    /// Reads elements of the given lengths in row-major order from `memory` on.
    static func read(from memory: inout UnsafeRawPointer, lengths: ArraySlice<Int>) -> Self
}

extension Float: TensorElements {
    /// Floating point.
    public static var elementType: ElementType { .float32 }
}

extension Int32: TensorElements {
    /// Integers.
    public static var elementType: ElementType { .int32 }
}

extension TensorElements where Self: BitwiseCopyable {
    /// No array around a number.
    public static var depth: Int { 0 }
    /// A number has no length.
    public var lengths: [Int] { [] }
    /// Writes the number.
    public func write(to memory: inout UnsafeMutableRawPointer, lengths: ArraySlice<Int>) -> Bool {
        memory.storeBytes(of: self, as: Self.self)
        memory += MemoryLayout<Self>.size
        return true
    }
    /// Reads a number.
    public static func read(from memory: inout UnsafeRawPointer, lengths: ArraySlice<Int>) -> Self {
        defer { memory += MemoryLayout<Self>.size }
        return memory.loadUnaligned(as: Self.self)
    }
}

extension Array: TensorElements where Element: TensorElements {
    /// The kind of element of the innermost arrays.
    public static var elementType: ElementType { Element.elementType }
    /// One more than that of the elements.
    public static var depth: Int { Element.depth + 1 }
    /// The lengths of this array and of the first of each depth within it.
    public var lengths: [Int] { [count] + (first?.lengths ?? Array<Int>(repeating: 0, count: Element.depth)) }
    /// Writes element by element.
    public func write(to memory: inout UnsafeMutableRawPointer, lengths: ArraySlice<Int>) -> Bool {
        guard count == lengths.first else { return false }
        for element in self where !element.write(to: &memory, lengths: lengths.dropFirst()) { return false }
        return true
    }
    /// Reads element by element.
    public static func read(from memory: inout UnsafeRawPointer, lengths: ArraySlice<Int>) -> [Element] {
        (0..<(lengths.first ?? 0)).map { _ in Element.read(from: &memory, lengths: lengths.dropFirst()) }
    }
}

extension Tensor {
    /// Makes a tensor with an axis for each depth of the arrays, which must have equal lengths at each depth.
    ///
    /// - Shape: `Tensor(nested: [[[Float]]])` has three axes
    public init<Elements: TensorElements>(nested elements: Elements) {
        let lengths = elements.lengths
        if let problem = Shape(lengths).problem {
            self = failed("Tensor", problem)
            return
        }
        let filled = Tensor.uninitialized(Shape(lengths), type: Elements.elementType)
        var memory = filled.body.memory
        self =
            elements.write(to: &memory, lengths: lengths[...])
            ? filled : failed("Tensor", "arrays differ in length from the first ones, which make \(Shape(lengths))")
    }

    /// Makes a tensor of three axes; arrays of one depth must be of one length.
    public init(_ elements: [[[Float]]]) { self.init(nested: elements) }

    /// Makes a tensor of four axes; arrays of one depth must be of one length.
    public init(_ elements: [[[[Float]]]]) { self.init(nested: elements) }

    /// The elements as arrays within arrays, one depth an axis: `let rows: [[Float]] = x.nested()`. Another number of axes
    /// or element type is a tensor error, and gives an empty array inside a run.
    public func nested<Elements: TensorElements>(as type: [Elements].Type = [Elements].self) -> [Elements] {
        if isInert { return [] }
        guard type.depth == rank, type.elementType == elementType else {
            _ = failed("nested", "\(elementType) \(shape) does not fill \(type)")
            return []
        }
        return withExtendedLifetime(body) {
            var memory = UnsafeRawPointer(body.memory)
            return type.read(from: &memory, lengths: shape.array[...])
        }
    }

    /// Makes a tensor of bytes in this machine's order, four an element.
    public init(bytes: UnsafeRawBufferPointer, shape: Shape, type: ElementType = .float32) {
        if let problem = shape.problem {
            self = failed("Tensor", problem)
            return
        }
        guard bytes.count == 4 * shape.count else {
            self = failed("Tensor", "\(bytes.count) bytes do not fill \(shape), which takes \(4 * shape.count)")
            return
        }
        self = .uninitialized(shape, type: type)
        if let start = bytes.baseAddress { body.memory.copyMemory(from: start, byteCount: bytes.count) }
    }

    /// Calls `body` with the elements' bytes in this machine's order, four an element.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self.body) {
            try body(UnsafeRawBufferPointer(start: self.body.memory, count: 4 * count))
        }
    }

    /// The tensor with elements of a type: integers as floats, floats truncated toward zero as ``integers`` does. The
    /// result is a constant unless nothing changes.
    public func converted(to type: ElementType) -> Tensor {
        if isInert || type == elementType { return self }
        return type == .float32 ? Tensor(scalars, shape: shape) : Tensor(integers, shape: shape)
    }
}
