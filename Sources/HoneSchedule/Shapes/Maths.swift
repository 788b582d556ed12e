import Foundation

/// cos(2π·turns), exact at quarter turns.
func cosOfTurns(_ turns: Double) -> Double {
    let part = abs(turns.remainder(dividingBy: 1))
    if part == 0.25 { return 0 }
    return cos(2 * .pi * part)
}

/// The smallest range that holds both; nil when one is not known.
func union(_ a: ClosedRange<Double>?, _ b: ClosedRange<Double>?) -> ClosedRange<Double>? {
    guard let a, let b else { return nil }
    return Swift.min(a.lowerBound, b.lowerBound)...Swift.max(a.upperBound, b.upperBound)
}

/// The range between two values given in any order; nil when one of them is not a number.
func range(_ a: Double, _ b: Double) -> ClosedRange<Double>? {
    a <= b ? a...b : (b <= a ? b...a : nil)
}

/// `value` moved into the range between two bounds given in any order; NaN stays NaN.
func within(_ a: Double, _ b: Double, _ value: Double) -> Double {
    let low = a < b ? a : b
    let high = a < b ? b : a
    return value < low ? low : (value > high ? high : value)
}
