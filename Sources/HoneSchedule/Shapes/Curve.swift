import Foundation

extension Schedule {
    /// How a value gets from one end to the other. With q the progress, the share of the way covered is w(q).
    public enum Curve: Codable, Equatable, Hashable, Sendable {
        /// w = q.
        case linear
        /// w = ½(1 − cos πq): slow at both ends.
        case cosine
        /// Equal ratios in equal times: from·(to/from)^q. Both ends must have the same sign and not be 0.
        case exponential
        /// w = 1 − (1 − q)^power, the law (1 − t/T)^n of a polynomial decay. Power above 0; 1 is linear.
        case polynomial(power: Double)
        /// w = q^exponent (fastai's `SchedPoly`). Exponent above 0.
        case power(exponent: Double)
        /// w = √q: fast at the start. From 1 to 0 it is the decay 1 − √q (Hägele et al. 2024).
        case squareRoot
        /// w = 1 − √(1 − q): fast at the end, the mirror image of ``squareRoot``.
        case squareRootMirrored
        /// w = 0 until the end: the first value is held.
        case constant

        /// The value on the way from `from` to `to` at progress `q`: exactly `from` at 0, exactly `to` at 1.
        func value(from: Double, to: Double, at q: Double) -> Double {
            if q <= 0 { return from }
            if q >= 1 { return to }
            let weight =
                switch self {
                case .linear: q
                case .cosine: 0.5 * (1 - cos(.pi * q))
                case .exponential: Double.nan
                case .polynomial(let power): 1 - pow(1 - q, power)
                case .power(let exponent): pow(q, exponent)
                case .squareRoot: q.squareRoot()
                case .squareRootMirrored: 1 - (1 - q).squareRoot()
                case .constant: 0.0
                }
            let value = self == .exponential ? from * pow(to / from, q) : from + (to - from) * weight
            return within(from, to, value)
        }

        /// Throws unless the curve can join the two ends.
        func check(from: Double, to: Double, of owner: String) throws {
            try require(from.isFinite, "\(owner)(from:)", "a finite number", from)
            try require(to.isFinite, "\(owner)(to:)", "a finite number", to)
            switch self {
            case .exponential:
                try require(from != 0, "\(owner)(from:)", "different from 0 on an exponential curve", from)
                try require(
                    to != 0 && (to > 0) == (from > 0), "\(owner)(to:)",
                    "different from 0 and of the sign of from (\(literal(from))) on an exponential curve", to)
            case .polynomial(let power):
                try require(power.isFinite && power > 0, "\(owner)(power:)", "a finite number above 0", power)
            case .power(let exponent):
                try require(
                    exponent.isFinite && exponent > 0, "\(owner)(exponent:)", "a finite number above 0", exponent)
            case .linear, .cosine, .squareRoot, .squareRootMirrored, .constant:
                break
            }
        }
    }
}

extension Schedule.Curve: CustomStringConvertible {
    /// The Swift expression, such as `.polynomial(power: 2)`.
    public var description: String {
        switch self {
        case .linear: ".linear"
        case .cosine: ".cosine"
        case .exponential: ".exponential"
        case .polynomial(let power): ".polynomial(power: \(literal(power)))"
        case .power(let exponent): ".power(exponent: \(literal(exponent)))"
        case .squareRoot: ".squareRoot"
        case .squareRootMirrored: ".squareRootMirrored"
        case .constant: ".constant"
        }
    }
}
