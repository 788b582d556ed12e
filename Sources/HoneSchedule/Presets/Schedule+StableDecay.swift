extension Schedule {
    /// Warm-up, stable, decay: a rise, a constant, and a fall at the end of the run.
    ///
    /// Hu et al. 2024 (MiniCPM, arXiv 2404.06395): a decay over the last tenth is enough. The fall 1 − √q is that of
    /// Hägele et al. 2024 (arXiv 2405.18392), ``Curve/squareRoot``. (Hugging Face `warmup_stable_decay`.)
    ///
    /// - Parameters:
    ///   - peak: the rate between warm-up and decay.
    ///   - warmup: the length of the rise, from the start of the run.
    ///   - decay: the length of the fall, to the end of the run.
    ///   - floor: the rate at both ends of the run.
    ///   - warmupCurve: linear, cosine, or ``Curve/squareRootMirrored``.
    ///   - decayCurve: linear, cosine, or ``Curve/squareRoot``.
    public static func warmupStableDecay(
        _ peak: Double, warmup: Interval, decay: Interval = .fraction(0.1), floor: Double = 0,
        warmupCurve: Curve = .linear, decayCurve: Curve = .cosine
    ) -> Schedule {
        ramp(from: floor, to: peak, curve: warmupCurve)
            .then(.constant(peak), at: warmup)
            .then(.ramp(from: peak, to: floor, curve: decayCurve), last: decay)
    }

    /// Flat, then a cosine to value/divFinal. (fastai `fit_flat_cos`.)
    ///
    /// - Parameters:
    ///   - value: the rate of the flat part.
    ///   - divFinal: the final rate is value/divFinal; above 0.
    ///   - pctStart: the share of the run that is flat, 0...1.
    public static func flatCosine(_ value: Double, divFinal: Double = 1e5, pctStart: Double = 0.75) -> Schedule {
        constant(value).then(.cosine(from: value, to: value / divFinal), at: pctStart)
    }
}
