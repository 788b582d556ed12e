import HoneKernels

// Averages and distances of all values at once, for callbacks that look at the parameters or keep others beside them.

extension ParameterArena {
    /// Moves an average of the values towards the present ones: average + share · (values − average), in place and by
    /// several threads.
    ///
    /// - Parameters:
    ///   - average: in the arena's layout; one of another length, such as an empty one, becomes a copy of the values.
    ///   - share: how far, 0...1.
    public func moveAverage(_ average: inout [Float], by share: Double) {
        guard average.count == count else {
            average = Array(values)
            return
        }
        average.withUnsafeMutableBufferPointer { average in
            guard let start = average.baseAddress, let values = values.baseAddress else { return }
            hone_move_toward(HONE_ISA_AUTO, share, values, start, average.count)
        }
    }

    /// The sum of the squares of the values of a range of elements; of all when nil.
    public func sumOfSquares(_ range: Range<Int>? = nil) -> Double {
        let values = UnsafeBufferPointer(rebasing: values[range ?? 0..<count])
        return values.baseAddress.map { hone_sum_squares(HONE_ISA_AUTO, $0, values.count) } ?? 0
    }

    /// The squared distance of the values of a range of elements from former ones; of all when nil.
    ///
    /// - Parameter former: in the arena's layout; NaN comes of another length.
    public func squaredDistance(from former: [Float], _ range: Range<Int>? = nil) -> Double {
        guard former.count == count else { return .nan }
        let range = range ?? 0..<count
        let values = UnsafeBufferPointer(rebasing: values[range])
        return former.withUnsafeBufferPointer { former in
            guard let now = values.baseAddress, let then = former.baseAddress else { return 0 }
            return hone_squared_error(HONE_ISA_AUTO, now, then + range.lowerBound, range.count)
        }
    }
}
