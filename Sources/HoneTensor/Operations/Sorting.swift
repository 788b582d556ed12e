// Order along an axis. NaN is larger than every number, as in NumPy and PyTorch, and equal elements keep their order.

extension Tensor {
    /// The elements in order along an axis, and where each was (int32).
    ///
    /// - Shape: both as this tensor
    public func sorted(axis: Int = -1, descending: Bool = false) -> (values: Tensor, indices: Tensor) {
        if isInert { return (self, self) }
        guard let index = axisIndex(axis, for: "sort") else { return (.inert, .inert) }
        return ordered(index, shape[index], descending, "sort")
    }

    /// The `k` largest elements along an axis (or smallest), the most extreme first, and where each was (int32).
    ///
    /// - Shape: both as this tensor, with length `k` along the axis
    public func topK(_ k: Int, axis: Int = -1, largest: Bool = true) -> (values: Tensor, indices: Tensor) {
        if isInert { return (self, self) }
        guard let index = axisIndex(axis, for: "topK") else { return (.inert, .inert) }
        guard k >= 0, k <= shape[index] else {
            _ = failed("topK", "\(k) of axis \(axis) of \(shape)")
            return (.inert, .inert)
        }
        return ordered(index, k, largest, "topK")
    }

    /// The places at which the elements in order are found, as in ``sorted(axis:descending:)``.
    public func argsort(axis: Int = -1, descending: Bool = false) -> Tensor {
        withoutGradient { sorted(axis: axis, descending: descending).indices }
    }

    private func ordered(
        _ axis: Int, _ kept: Int, _ descending: Bool, _ operation: String
    ) -> (values: Tensor, indices: Tensor) {
        let (outer, length, inner) = shape.blocks(around: axis)
        guard length <= Int(Int32.max) else {
            _ = failed(operation, "axis \(axis) of \(shape) is longer than an int32 can count")
            return (.inert, .inert)
        }
        let indices = Tensor.uninitialized(shape.replacing(axis: axis, with: kept), type: .int32)
        let out = indices.body.integers
        // A key is the element's rank in its upper half and its place in the lower: sorting integers sorts both.
        var keys = [UInt64](repeating: 0, count: length)
        for block in 0..<(kept == 0 ? 0 : outer) {
            for lane in 0..<inner {
                for i in 0..<length {
                    let rank = sortRank((block * length + i) * inner + lane)
                    keys[i] = UInt64(descending ? ~rank : rank) << 32 | UInt64(i)
                }
                smallest(kept, of: &keys)
                for i in 0..<kept { out[(block * kept + i) * inner + lane] = Int32(truncatingIfNeeded: keys[i]) }
            }
        }
        return (gather(axis: axis, indices: indices), indices)
    }

    /// A number that grows with the element.
    @inline(__always) private func sortRank(_ i: Int) -> UInt32 {
        if body.type == .int32 { return UInt32(bitPattern: body.integers[i]) ^ 0x8000_0000 }
        let value = body.floats[i]
        if value.isNaN { return .max }
        // -0 counts as 0. The bits of negative floats grow as they fall.
        let bits = (value == 0 ? 0 : value).bitPattern
        return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
    }
}

/// Brings the `count` smallest keys to the front, in order.
private func smallest(_ count: Int, of keys: inout [UInt64]) {
    guard count < keys.count, count <= 32 else {
        keys.sort()
        return
    }
    keys.withUnsafeMutableBufferPointer { keys in
        for i in 0..<keys.count {
            let key = keys[i]
            // What is displaced need not be kept: it is not among the smallest.
            if i >= count, key >= keys[count - 1] { continue }
            var place = Swift.min(i, count - 1)
            while place > 0, keys[place - 1] > key {
                keys[place] = keys[place - 1]
                place -= 1
            }
            keys[place] = key
        }
    }
}
