extension Schedule {
    /// The same value throughout.
    ///
    /// - Parameter value: any finite number.
    public static func constant(_ value: Double) -> Schedule { Schedule(.constant(Constant(value: value))) }

    /// A straight line over the whole run. (fastai `SchedLin`; torch `LinearLR` is this with ``over(_:)``.)
    ///
    /// - Parameters:
    ///   - from: the value of the first update.
    ///   - to: the final value.
    public static func linear(from: Double, to: Double) -> Schedule { ramp(from: from, to: to, curve: .linear) }

    /// Half a cosine wave over the whole run: to + (from − to)·½(1 + cos πp), p the progress.
    ///
    /// fastai `SchedCos`, torch `CosineAnnealingLR` with `to` as its floor (Loshchilov & Hutter 2017, eq. 5). It
    /// does not rise again after its end, as torch's does; ``cosineWave(from:to:cycles:per:)`` does.
    ///
    /// - Parameters:
    ///   - from: the value of the first update.
    ///   - to: the final value.
    public static func cosine(from: Double, to: Double) -> Schedule { ramp(from: from, to: to, curve: .cosine) }

    /// Equal ratios in equal times over the whole run: from·(to/from)^p. (fastai `SchedExp`.)
    ///
    /// - Parameters:
    ///   - from: the value of the first update, not 0.
    ///   - to: the final value, not 0 and of the same sign.
    public static func exponential(from: Double, to: Double) -> Schedule {
        ramp(from: from, to: to, curve: .exponential)
    }

    /// Polynomial decay over the whole run: to + (from − to)(1 − p)^power; power 1 is linear.
    ///
    /// torch `PolynomialLR`, Keras `PolynomialDecay`, the "poly" policy of segmentation (Liu et al. 2015).
    ///
    /// - Parameters:
    ///   - from: the value of the first update.
    ///   - to: the final value.
    ///   - power: above 0.
    public static func polynomial(from: Double, to: Double = 0, power: Double) -> Schedule {
        ramp(from: from, to: to, curve: .polynomial(power: power))
    }

    /// A power of the progress over the whole run: from + (to − from)·p^exponent. (fastai `SchedPoly`.)
    ///
    /// - Parameters:
    ///   - from: the value of the first update.
    ///   - to: the final value.
    ///   - exponent: above 0.
    public static func power(from: Double, to: Double, exponent: Double) -> Schedule {
        ramp(from: from, to: to, curve: .power(exponent: exponent))
    }

    /// From one value to another over the whole run, along any curve.
    ///
    /// - Parameters:
    ///   - from: the value of the first update.
    ///   - to: the final value.
    ///   - curve: the way between them.
    public static func ramp(from: Double, to: Double, curve: Curve) -> Schedule {
        Schedule(.ramp(Ramp(from: from, to: to, curve: curve)))
    }
}

/// The same value throughout.
struct Constant: ScheduleShape {
    var value: Double

    func value(at moment: Moment) -> Double { value }

    var expression: String { ".constant(\(literal(value)))" }

    var bounds: ClosedRange<Double>? { range(value, value) }

    func check() throws { try require(value.isFinite, "constant(_:)", "a finite number", value) }
}

/// From one value to another over the piece.
struct Ramp: ScheduleShape {
    var from: Double
    var to: Double
    var curve: Schedule.Curve

    func value(at moment: Moment) -> Double { curve.value(from: from, to: to, at: moment.progress) }

    var expression: String {
        let ends = "from: \(literal(from)), to: \(literal(to))"
        return switch curve {
        case .linear: ".linear(\(ends))"
        case .cosine: ".cosine(\(ends))"
        case .exponential: ".exponential(\(ends))"
        case .polynomial(let power): ".polynomial(\(ends), power: \(literal(power)))"
        case .power(let exponent): ".power(\(ends), exponent: \(literal(exponent)))"
        case .squareRoot, .squareRootMirrored, .constant: ".ramp(\(ends), curve: \(curve))"
        }
    }

    var bounds: ClosedRange<Double>? { range(from, to) }

    func check() throws { try curve.check(from: from, to: to, of: "ramp") }
}
