import HoneTensor

/// The masks of an attention as one that is added to its scores.
enum AttentionMask {
    /// What does not fit, in words.
    struct Problem: Error {
        let words: String
    }

    /// The sum of all masks, to be broadcast to `[batch, heads, queries, keys + appended]`; nil when there is none.
    static func sum(
        _ mask: Tensor?, _ keyPadding: Tensor?, isCausal: Bool, batch: Int, heads: Int, queries: Int, keys: Int,
        appended: Int
    ) -> Result<Tensor?, Problem> {
        var parts: [Tensor] = []
        if var mask {
            if mask.isInert { return .success(mask) }
            if mask.rank == 3, mask.shape[0] == batch * heads {
                mask = mask.reshaped([batch, heads, mask.shape[1], mask.shape[2]])
            }
            let full = [batch, heads, queries, keys]
            guard mask.rank == 2 || mask.rank == 4,
                zip(mask.shape.array, full.suffix(mask.rank)).allSatisfy({ $0 == 1 || $0 == $1 })
            else {
                return .failure(
                    Problem(
                        words:
                            "the mask is \(mask.shape), expected [\(queries), \(keys)], [\(batch * heads), \(queries), "
                            + "\(keys)] or \(Shape(full))"))
            }
            parts.append(additive(mask))
        }
        if let keyPadding {
            if keyPadding.isInert { return .success(keyPadding) }
            guard keyPadding.shape == [batch, keys] else {
                return .failure(Problem(words: "the key padding is \(keyPadding.shape), expected [\(batch), \(keys)]"))
            }
            parts.append(additive(keyPadding).reshaped([batch, 1, 1, keys]))
        }
        if isCausal { parts.append(causal(queries, keys)) }
        guard var sum = parts.first else { return .success(nil) }
        for part in parts.dropFirst() { sum = sum + part }
        if appended > 0 {
            // A mask of one column for all keys must not spread to those that are appended.
            if sum.shape[-1] != keys { sum = sum.expanded(to: sum.shape.replacingLast(with: keys)) }
            sum = sum.padded(Array(repeating: (0, 0), count: sum.rank - 1) + [(0, appended)])
        }
        return .success(sum)
    }

    /// −∞ where a mask of integers is not 0; a mask of floats as it is.
    private static func additive(_ mask: Tensor) -> Tensor {
        mask.elementType == .int32 ? .where(mask, Tensor(-.infinity), Tensor(0)) : mask
    }

    /// −∞ above the diagonal.
    private static func causal(_ queries: Int, _ keys: Int) -> Tensor {
        .build([queries, keys]) { out in
            for query in 0..<queries {
                for key in 0..<keys { out[query * keys + key] = key > query ? -.infinity : 0 }
            }
        }
    }
}

extension Shape {
    fileprivate func replacingLast(with length: Int) -> Shape { Shape(Array(array.dropLast()) + [length]) }
}
