/// The lengths of a tensor's axes, outermost first; up to six, kept inline.
///
/// `[64, 10]` is a shape literal. An axis may have length 0. Asking for an axis that does not exist is a programmer's
/// error, except of the shape of an inert tensor (see ``Tensor/isInert``), which answers 0 to everything.
public struct Shape: Sendable {
    /// The largest number of axes.
    public static let maximumRank = 6

    typealias Lengths = (Int, Int, Int, Int, Int, Int)
    var lengths: Lengths = (1, 1, 1, 1, 1, 1)
    private var rankOrInert: UInt8 = 0

    private static let inertMark: UInt8 = 255
    static let inert: Shape = {
        var shape = Shape()
        shape.rankOrInert = inertMark
        return shape
    }()

    /// The shape of a scalar: no axes, one element.
    public init() {}

    /// Makes a shape of the given lengths.
    ///
    /// A negative length or more than six axes is an error of the tensor operation that uses the shape; here both give
    /// an unusable shape, which ``problem`` describes.
    public init(_ lengths: [Int]) {
        guard lengths.count <= Shape.maximumRank else {
            self = Shape.unusable(rank: lengths.count)
            return
        }
        rankOrInert = UInt8(lengths.count)
        for (axis, length) in lengths.enumerated() { self[axis] = length }
    }

    init(_ a: Int) {
        rankOrInert = 1
        lengths.0 = a
    }

    init(_ a: Int, _ b: Int) {
        rankOrInert = 2
        lengths.0 = a
        lengths.1 = b
    }

    init(rank: Int) {
        rankOrInert = UInt8(rank)
    }

    /// A shape of too many axes keeps their number in a length that no valid shape has.
    private static func unusable(rank: Int) -> Shape {
        var shape = Shape(-rank)
        shape.lengths.1 = Int.min
        return shape
    }

    /// The number of axes; 0 for a scalar.
    @inline(__always) public var rank: Int { isInert ? 0 : Int(rankOrInert) }

    @inline(__always) var isInert: Bool { rankOrInert == Shape.inertMark }

    /// The length of an axis; a negative axis counts from the end.
    @inline(__always) public subscript(axis: Int) -> Int {
        get {
            if isInert { return 0 }
            let index = axis < 0 ? axis + Int(rankOrInert) : axis
            precondition(index >= 0 && index < Int(rankOrInert), "axis is outside the shape")
            return withUnsafePointer(to: lengths) {
                $0.withMemoryRebound(to: Int.self, capacity: Shape.maximumRank) { $0[index] }
            }
        }
        set {
            precondition(axis >= 0 && axis < Int(rankOrInert), "axis is outside the shape")
            withUnsafeMutablePointer(to: &lengths) {
                $0.withMemoryRebound(to: Int.self, capacity: Shape.maximumRank) { $0[axis] = newValue }
            }
        }
    }

    /// The axes' lengths as an array.
    public var array: [Int] { (0..<rank).map { self[$0] } }

    /// The number of elements: the product of the lengths. A shape that ``problem`` refuses gives 0.
    public var count: Int {
        var product = 1
        var overflow = false
        for axis in 0..<rank {
            let length = self[axis]
            if length < 0 { return 0 }
            (product, overflow) = product.multipliedReportingOverflow(by: length)
            if overflow { return 0 }
        }
        return isInert || product > Int.max / 4 ? 0 : product
    }

    /// Why no tensor can have this shape, or nil when one can.
    public var problem: String? {
        if lengths.1 == Int.min {
            return "a shape of \(-lengths.0) axes, where at most \(Shape.maximumRank) are possible"
        }
        for axis in 0..<rank where self[axis] < 0 { return "axis \(axis) of \(self) is negative" }
        var bytes = 4
        for axis in 0..<rank where self[axis] > 0 {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: self[axis])
            if overflow { return "\(self) has more elements than memory has addresses" }
            bytes = product
        }
        return nil
    }

    /// The distance in elements between neighbours along each axis, in row-major order.
    var strides: Lengths {
        var result: Lengths = (0, 0, 0, 0, 0, 0)
        var step = 1
        withUnsafeMutablePointer(to: &result) {
            $0.withMemoryRebound(to: Int.self, capacity: Shape.maximumRank) { strides in
                for axis in stride(from: rank - 1, through: 0, by: -1) {
                    strides[axis] = step
                    step *= self[axis]
                }
            }
        }
        return result
    }

    /// The shape without one axis.
    public func removing(axis: Int) -> Shape {
        if isInert { return self }
        var result = array
        result.remove(at: axis < 0 ? axis + rank : axis)
        return Shape(result)
    }
}

extension Shape: Hashable {
    /// Whether two shapes have the same axes.
    @inline(__always) public static func == (a: Shape, b: Shape) -> Bool {
        a.rankOrInert == b.rankOrInert && a.lengths.0 == b.lengths.0 && a.lengths.1 == b.lengths.1
            && a.lengths.2 == b.lengths.2 && a.lengths.3 == b.lengths.3 && a.lengths.4 == b.lengths.4
            && a.lengths.5 == b.lengths.5
    }

    /// Hashes the axes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rankOrInert)
        for axis in 0..<rank { hasher.combine(self[axis]) }
    }
}

extension Shape: ExpressibleByArrayLiteral, CustomStringConvertible {
    /// Makes a shape from a literal such as `[64, 10]`.
    public init(arrayLiteral lengths: Int...) { self.init(lengths) }

    /// The lengths in brackets: `[64, 10]`.
    public var description: String { isInert ? "[inert]" : "[\(array.map(String.init).joined(separator: ", "))]" }
}

extension Shape {
    /// The shape that two operands share after broadcasting as NumPy does it, or nil when they do not fit: axes are
    /// aligned at the end, and lengths are equal or one of them is 1.
    static func broadcast(_ a: Shape, _ b: Shape) -> Shape? {
        if a == b { return a }
        let rank = max(a.rank, b.rank)
        var result = Shape(rank: rank)
        for axis in 0..<rank {
            let inA = axis - (rank - a.rank)
            let inB = axis - (rank - b.rank)
            let lengthA = inA < 0 ? 1 : a[inA]
            let lengthB = inB < 0 ? 1 : b[inB]
            guard lengthA == lengthB || lengthA == 1 || lengthB == 1 else { return nil }
            result[axis] = lengthA == 1 ? lengthB : lengthA
        }
        return result
    }

    /// The strides by which this shape's elements are read while another, broadcast from it, is walked.
    func broadcastStrides(to target: Shape) -> Lengths {
        var result: Lengths = (0, 0, 0, 0, 0, 0)
        let own = strides
        withUnsafeMutablePointer(to: &result) {
            $0.withMemoryRebound(to: Int.self, capacity: Shape.maximumRank) { out in
                withUnsafePointer(to: own) {
                    $0.withMemoryRebound(to: Int.self, capacity: Shape.maximumRank) { own in
                        for axis in 0..<rank {
                            out[axis + target.rank - rank] = self[axis] == 1 ? 0 : own[axis]
                        }
                    }
                }
            }
        }
        return result
    }
}
