import Foundation
import HoneTensor

/// A normal distribution without its ends, drawn by turning its distribution function round.
struct TruncatedNormal {
    let mean: Float
    let deviation: Float
    let low: Float
    let high: Float

    func draw(_ shape: Shape, _ key: RandomKey) -> Tensor {
        guard low <= high, deviation >= 0 else {
            return failed(
                "Initialiser.truncatedNormal",
                "low \(low), high \(high), deviation \(deviation): expected low ≤ high and "
                    + "a deviation of 0 or more")
        }
        guard deviation > 0 else { return .full(shape, min(max(mean, low), high)) }
        let (mean, deviation) = (Double(mean), Double(deviation))
        let (a, b) = ((Double(low) - mean) / deviation, (Double(high) - mean) / deviation)
        // An interval in the upper tail is drawn in the lower one, where probabilities are exact.
        let isMirrored = a > 0
        let bounds = isMirrored ? (-b, -a) : (a, b)
        let from = TruncatedNormal.distribution(bounds.0)
        let width = TruncatedNormal.distribution(bounds.1) - from
        let numbers = key.uniform(shape.count)
        return .build(shape) { out in
            for index in out.indices {
                // The middle of a uniform number's own interval: never 0 nor 1.
                let share = Double(numbers[index]) + 0x1p-25
                let z = TruncatedNormal.quantile(from + share * width)
                let value = Float(mean + deviation * (isMirrored ? -z : z))
                out[index] = min(max(value, low), high)
            }
        }
    }

    /// The standard normal distribution function.
    static func distribution(_ z: Double) -> Double { erfc(-z / 2.0.squareRoot()) / 2 }

    /// The place below which a share of the standard normal distribution lies: P. J. Acklam's rational approximation,
    /// whose relative error is below 1.15e-9.
    static func quantile(_ p: Double) -> Double {
        if p <= 0 { return -.infinity }
        if p >= 1 { return .infinity }
        func polynomial(_ coefficients: [Double], _ x: Double) -> Double { coefficients.reduce(0) { $0 * x + $1 } }
        let edge = 0.02425
        if p < edge {
            let q = (-2 * log(p)).squareRoot()
            return polynomial(tail, q) / (polynomial(tailDivisor, q) * q + 1)
        }
        if p > 1 - edge { return -quantile(1 - p) }
        let q = p - 0.5
        let r = q * q
        return polynomial(middle, r) * q / (polynomial(middleDivisor, r) * r + 1)
    }

    private static let middle = [
        -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
        -3.066479806614716e+01, 2.506628277459239e+00,
    ]
    private static let middleDivisor = [
        -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
        -1.328068155288572e+01,
    ]
    private static let tail = [
        -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
        4.374664141464968e+00, 2.938163982698783e+00,
    ]
    private static let tailDivisor = [
        7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00,
    ]
}
