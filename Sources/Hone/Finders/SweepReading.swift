import Foundation

/// Positions on the trimmed curve of a range test: the first four as fastai 2.8 finds them.
enum SweepReading {
    /// About the middle of the longest strictly falling subsequence. Two falling points alone give a position before
    /// the first, which stands for the last.
    static func valley(_ losses: [Float]) -> Int {
        var lengths = [Int](repeating: 1, count: losses.count)
        for i in losses.indices {
            for j in 0..<i where losses[j] > losses[i] { lengths[i] = max(lengths[i], lengths[j] + 1) }
        }
        let end = lengths.indices.max { (lengths[$0], -$0) < (lengths[$1], -$1) } ?? 0
        let start = lengths[end] == 1 ? end : end - lengths[end]
        let third = Double(end - start) / 3
        let index = (lengths[end] == 1 ? 0 : start) + Int(third) + Int(third / 2)
        return index < 0 ? losses.count - 1 : index
    }

    /// The lowest loss, the first of equals.
    static func lowest(_ losses: [Float]) -> Int {
        losses.indices.min { (losses[$0], $0) < (losses[$1], $1) } ?? 0
    }

    /// Where the loss falls most per logarithm of the rate, by forward differences.
    static func steepest(_ rates: [Double], _ losses: [Float]) -> Int {
        let logarithms = rates.map { Float(log($0)) }
        let slopes = (0..<losses.count - 1).map { (i: Int) -> Float in
            (losses[i + 1] - losses[i]) / (logarithms[i + 1] - logarithms[i])
        }
        return slopes.indices.min { (slopes[$0], $0) < (slopes[$1], $1) } ?? 0
    }

    /// From the right, the last left end of a window of 15 steps at whose ends the slopes differ by more than 0.005.
    static func slide(_ losses: [Float], width: Int = 15, threshold: Float = 0.005) -> Int {
        let slopes = centralSlopes(losses)
        var right = losses.count - 1
        var left = losses.count - 1 - width
        var answer = left
        while left >= 0, abs(slopes[right] - slopes[left]) > threshold {
            answer = left
            right -= 1
            left -= 1
        }
        return answer
    }

    /// The way from the highest loss before the lowest one down to it: the position after which less than 95 % of it are
    /// left, the first with 5 % left, and the lowest. Nil when there is no way down.
    static func fall(_ losses: [Float]) -> (begin: Int, nearlyDone: Int, lowest: Int)? {
        let lowest = lowest(losses)
        guard let level = losses[...lowest].max(), level > losses[lowest] else { return nil }
        let depth = level - losses[lowest]
        let last = losses[...lowest].lastIndex { $0 >= level - 0.05 * depth } ?? 0
        let done = losses[...lowest].firstIndex { $0 <= losses[lowest] + 0.05 * depth } ?? lowest
        return (min(last + 1, lowest), done, lowest)
    }

    /// Central differences by position, one-sided at the ends.
    private static func centralSlopes(_ losses: [Float]) -> [Float] {
        losses.indices.map { i in
            let (low, high) = (max(0, i - 1), min(losses.count - 1, i + 1))
            return (losses[high] - losses[low]) / Float(high - low)
        }
    }
}
