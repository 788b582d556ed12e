/// Which places of an axis a subscript takes, in Python's terms: negative places count from the end, and a range that
/// reaches over an end is cut there.
///
/// ```swift
/// x[0]                // the first place of the first axis, which is gone from the result
/// x[0..<2, 1...]      // ranges of the first two axes
/// x[.ellipsis, -1]    // the last place of the last axis
/// x[.all, .newAxis]   // an axis of length 1 after the first
/// x[.stride(from: 1, to: -1), .stride(by: 2)]
/// ```
public struct TensorIndex: Sendable, Equatable, ExpressibleByIntegerLiteral {
    enum Kind: Equatable {
        case place(Int)
        case range(from: Int?, to: Int?, by: Int)
        case newAxis
        case ellipsis
    }

    let kind: Kind

    init(_ kind: Kind) { self.kind = kind }

    /// One place; the axis is gone from the result.
    public init(integerLiteral place: Int) { kind = .place(place) }

    /// What any kind of index stands for.
    public init(_ index: some TensorIndexing) { self = index.tensorIndex }

    /// The places of an axis of `length` that a range names: the first one, and how many.
    static func places(from: Int?, to: Int?, by step: Int, length: Int) -> (first: Int, count: Int) {
        func cut(_ place: Int?, _ absent: Int) -> Int {
            guard let place else { return absent }
            let index = place < 0 ? Swift.max(place, -length - 1) + length : place
            return step > 0 ? Swift.min(Swift.max(index, 0), length) : Swift.min(Swift.max(index, -1), length - 1)
        }
        let first = cut(from, step > 0 ? 0 : length - 1)
        let end = cut(to, step > 0 ? length : -1)
        let distance = step > 0 ? end - first : first - end
        return (first, distance <= 0 ? 0 : (distance - 1) / Int(clamping: step.magnitude) + 1)
    }
}

/// What can stand in a tensor's subscript: an `Int`, a range of `Int`, or a ``TensorIndex``.
///
/// `1 ..< -1` is no range in Swift, which ends the program over it; write `.stride(from: 1, to: -1)`.
public protocol TensorIndexing {
    /// The index that this stands for.
    var tensorIndex: TensorIndex { get }
}

extension TensorIndex: TensorIndexing {
    /// Itself.
    public var tensorIndex: TensorIndex { self }
}

extension TensorIndexing where Self == TensorIndex {
    /// The whole axis.
    public static var all: TensorIndex { TensorIndex(.range(from: nil, to: nil, by: 1)) }

    /// All axes that the other indices leave over.
    public static var ellipsis: TensorIndex { TensorIndex(.ellipsis) }

    /// A new axis of length 1.
    public static var newAxis: TensorIndex { TensorIndex(.newAxis) }

    /// Every `step`-th place from `start` until before `end`, each the axis' own end when nil; a negative step walks
    /// backwards.
    public static func stride(from start: Int? = nil, to end: Int? = nil, by step: Int = 1) -> TensorIndex {
        TensorIndex(.range(from: start, to: end, by: step))
    }
}

extension Int: TensorIndexing {
    /// One place; the axis is gone from the result.
    public var tensorIndex: TensorIndex { TensorIndex(.place(self)) }
}

extension Range<Int>: TensorIndexing {
    /// The places from the lower bound until before the upper.
    public var tensorIndex: TensorIndex { .stride(from: lowerBound, to: upperBound) }
}

extension ClosedRange<Int>: TensorIndexing {
    /// The places from the lower bound through the upper.
    public var tensorIndex: TensorIndex { .stride(from: lowerBound, to: upperBound == -1 ? nil : upperBound + 1) }
}

extension PartialRangeFrom<Int>: TensorIndexing {
    /// The places from the bound on.
    public var tensorIndex: TensorIndex { .stride(from: lowerBound) }
}

extension PartialRangeUpTo<Int>: TensorIndexing {
    /// The places until before the bound.
    public var tensorIndex: TensorIndex { .stride(to: upperBound) }
}

extension PartialRangeThrough<Int>: TensorIndexing {
    /// The places through the bound.
    public var tensorIndex: TensorIndex { .stride(to: upperBound == -1 ? nil : upperBound + 1) }
}
