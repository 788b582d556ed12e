import Foundation
import HoneKernels

// Draws that take a varying number of random words. Each element has words of its own, so that none depends on another.

extension RandomKey {
    /// `count` numbers of the gamma distribution with the given shape and scale, by rejection from a normal distribution.
    ///
    /// Marsaglia and Tsang (2000), "A simple method for generating gamma variables". A shape that is not positive gives NaN.
    public func gamma(_ count: Int, shape: Double, scale: Double = 1) -> [Float] {
        (0..<count).map { Float(exp(logGamma(shape, index: UInt64($0), lane: 0)) * scale) }
    }

    /// `count` numbers of the beta distribution, as x / (x + y) of two gamma variables of shapes `a` and `b`.
    ///
    /// Parameters that are not positive give NaN.
    public func beta(_ count: Int, _ a: Double, _ b: Double) -> [Float] {
        (0..<count).map { index in
            // By logarithms: for small parameters both variables are often too small for a number.
            let x = logGamma(a, index: UInt64(index), lane: 0)
            let y = logGamma(b, index: UInt64(index), lane: 1)
            return Float(1 / (1 + exp(y - x)))
        }
    }

    /// `count` draws that are true with `probability`.
    public func bernoulli(_ count: Int, probability: Double) -> [Bool] {
        var words = [UInt32](repeating: 0, count: count)
        hone_random_bits(HONE_ISA_AUTO, bits, 0, 0, &words, count)
        return words.map { Double($0) * 0x1p-32 < probability }
    }

    /// The logarithm of a gamma variable of scale 1. Attempt `n` at it uses the block (2 index + lane, n) alone.
    private func logGamma(_ shape: Double, index: UInt64, lane: UInt64) -> Double {
        guard shape > 0, shape.isFinite else { return .nan }
        // A shape below 1 is reached from the one above it: G(a) = G(a + 1) U^(1 / a).
        let d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        for attempt in UInt64(0)... {
            withUnsafeMutablePointer(to: &words) {
                $0.withMemoryRebound(to: UInt32.self, capacity: 4) {
                    hone_philox(bits, 2 * index + lane, attempt, $0)
                }
            }
            let uniform = { (word: UInt32) in (Double(word) + 0.5) * 0x1p-32 }
            let x = (-2 * log(uniform(words.0))).squareRoot() * cos(2 * .pi * uniform(words.1))
            let root = 1 + c * x
            guard root > 0 else { continue }
            let v = root * root * root
            if log(uniform(words.2)) < x * x / 2 + d * (1 - v + log(v)) {
                return log(d * v) + (shape < 1 ? log(uniform(words.3)) / shape : 0)
            }
        }
        return .nan
    }
}

extension Tensor {
    /// 1 with `probability`, else 0, each element for itself.
    public static func bernoulli(_ shape: Shape, probability: Double, key: RandomKey) -> Tensor {
        if let problem = shape.problem { return failed("Tensor", problem) }
        guard probability >= 0, probability <= 1 else {
            return failed("bernoulli", "probability is \(probability), expected 0...1")
        }
        return Tensor(key.bernoulli(shape.count, probability: probability).map { $0 ? 1 : 0 }, shape: shape)
    }
}
