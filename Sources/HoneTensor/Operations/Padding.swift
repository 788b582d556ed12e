/// What a frame around a tensor holds.
public enum PaddingMode: String, Sendable, Hashable, Codable {
    /// Zeros.
    case zeros
    /// The tensor as in a mirror that stands on its first or last place, which is not repeated.
    case reflect
    /// The first or last place, over and over.
    case replicate
    /// The tensor once more: what leaves at one end comes in at the other.
    case circular

    /// The place that stands at `place`, which may be outside 0..<length.
    fileprivate func source(_ place: Int, _ length: Int) -> Int {
        switch self {
        case .zeros, .replicate: min(max(place, 0), length - 1)
        case .reflect: place < 0 ? -place : place < length ? place : 2 * (length - 1) - place
        case .circular: place < 0 ? place + length : place < length ? place : place - length
        }
    }

    /// How wide a frame of the mode may be on one side of a length.
    fileprivate func limit(_ length: Int) -> Int {
        switch self {
        case .zeros: .max
        case .replicate: length == 0 ? 0 : .max
        case .reflect: max(0, length - 1)
        case .circular: length
        }
    }
}

extension Tensor {
    /// The tensor in a frame that is made of itself: `before` and `after` places more along each axis; the last axes
    /// when fewer are given than there are. A mirrored frame must be narrower than its axis, a circular one not wider.
    ///
    /// - Shape: `[2, 3].padded([(1, 0), (2, 1)], mode: .replicate) -> [3, 6]`
    public func padded(_ widths: [(before: Int, after: Int)], mode: PaddingMode) -> Tensor {
        if isInert { return self }
        if mode == .zeros { return padded(widths) }
        let lead = rank - widths.count
        guard lead >= 0 else {
            return failed("pad", "widths \(widths) around \(shape), expected at most one pair an axis")
        }
        var result = self
        for (index, width) in widths.enumerated() where width.before != 0 || width.after != 0 {
            let length = shape[lead + index]
            guard width.before >= 0, width.after >= 0, Swift.max(width.before, width.after) <= mode.limit(length) else {
                return failed("pad", "a \(mode.rawValue) frame of \(width) around axis \(lead + index) of \(shape)")
            }
            let places = (-width.before..<length + width.after).map { Int32(mode.source($0, length)) }
            result = result.indexSelect(axis: lead + index, indices: Tensor(places))
        }
        return result
    }
}
