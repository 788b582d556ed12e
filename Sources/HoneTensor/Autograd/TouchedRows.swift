import HoneKernels

/// The rows of a large tensor that have a gradient, such as the words of a batch among all of a dictionary. While they are
/// known, the gradient of every other row is 0 in memory, so that nobody needs to go through them.
public final class TouchedRows {
    /// From so many elements on a parameter is large enough for its rows to be followed.
    static let followedFrom = 65536

    /// The elements of a row.
    public let rowLength: Int
    private let rowCount: Int
    private var touched: [Int32] = []
    /// Contributions to the gradient, and how many of them were of rows that were noted.
    var writes = 0
    private var notedWrites = 0
    private var isComplete = false

    init(rowLength: Int, rowCount: Int) {
        self.rowLength = rowLength
        self.rowCount = rowCount
    }

    /// The rows in ascending order, as runs of neighbours; nil when any row may have a gradient.
    public var ranges: [Range<Int>]? {
        guard isComplete, writes == notedWrites else { return nil }
        var ranges: [Range<Int>] = []
        for row in touched.sorted().lazy.map(Int.init) {
            if let last = ranges.last, row <= last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, row + 1)
            } else {
                ranges.append(row..<row + 1)
            }
        }
        return ranges
    }

    /// Says that any row may have a gradient.
    public func forget() { isComplete = false }

    /// Notes the rows that one contribution is about to reach.
    func note(_ indices: UnsafeBufferPointer<Int32>) {
        notedWrites += 1
        touched += indices
        if touched.count > rowCount { isComplete = false }
    }

    /// Zeroes the gradient, of which no row is touched then.
    func clear(_ gradient: UnsafeMutablePointer<Float>) {
        if let ranges {
            for range in ranges {
                (gradient + range.lowerBound * rowLength).update(repeating: 0, count: range.count * rowLength)
            }
        } else {
            hone_fill(HONE_ISA_AUTO, 0, gradient, rowCount * rowLength)
        }
        touched.removeAll(keepingCapacity: true)
        (writes, notedWrites, isComplete) = (0, 0, true)
    }
}

extension Tape.Sink {
    /// Forgets the gradient: the next contribution overwrites what is there, or finds zeros where rows are followed.
    ///
    /// - Returns: whether they are.
    @inline(__always) public func forgetGradient() -> Bool {
        guard let rows else {
            isWritten = false
            return false
        }
        isWritten = true
        rows.clear(gradient)
        return true
    }
}

/// Notes which rows of a parameter a gathering is about to give gradients to; begins to follow them, from the next time
/// that the gradient is forgotten, if they are few of many.
func noteRows(_ record: Tape.Record, _ tape: Tape) {
    guard let indices = record.saved0, let sink = tape.sink(of: record.input0) else { return }
    if let rows = sink.rows {
        rows.note(UnsafeBufferPointer(start: indices.integers, count: indices.count))
        return
    }
    let shape = tape.shape(of: record.input0)
    guard shape.count >= TouchedRows.followedFrom, 4 * indices.count <= shape[0] else { return }
    sink.rows = TouchedRows(rowLength: record.integer0, rowCount: shape[0])
}
