extension Schedule {
    /// Constant behind a linear warm-up from 0. (Hugging Face `constant_with_warmup`.)
    ///
    /// - Parameters:
    ///   - peak: the rate after the warm-up.
    ///   - warmup: how long the warm-up takes.
    public static func constantWithWarmup(_ peak: Double, warmup: Interval) -> Schedule {
        constant(peak).warmup(over: warmup)
    }

    /// A linear warm-up from 0, then a line down to 0: BERT's schedule (Devlin et al. 2019). (Hugging Face `linear`.)
    ///
    /// - Parameters:
    ///   - peak: the rate after the warm-up.
    ///   - warmup: how long the warm-up takes.
    public static func linearWithWarmup(_ peak: Double, warmup: Interval) -> Schedule {
        linear(from: peak, to: 0).warmup(over: warmup)
    }

    /// A linear warm-up from 0, then a cosine: floor + (peak − floor)·½(1 + cos(2π·cycles·p)), p the progress after
    /// the warm-up. (Hugging Face `cosine` and `cosine_with_min_lr`.)
    ///
    /// - Parameters:
    ///   - peak: the rate after the warm-up.
    ///   - warmup: how long the warm-up takes.
    ///   - cycles: whole waves in the rest of the run; ½ falls once.
    ///   - floor: the least rate (Hugging Face gives it as `min_lr_rate`, a share of the peak).
    public static func cosineWithWarmup(
        _ peak: Double, warmup: Interval, cycles: Double = 0.5, floor: Double = 0
    ) -> Schedule {
        let body = cycles == 0.5 ? cosine(from: peak, to: floor) : cosineWave(from: peak, to: floor, cycles: cycles)
        return body.warmup(over: warmup)
    }

    /// A linear warm-up from 0, then a cosine to 0 several times over. (Hugging Face `cosine_with_restarts`.)
    ///
    /// - Parameters:
    ///   - peak: the rate after the warm-up and at each restart.
    ///   - warmup: how long the warm-up takes.
    ///   - cycles: the number of courses, 1 or more.
    public static func cosineWithHardRestarts(_ peak: Double, warmup: Interval, cycles: Int = 1) -> Schedule {
        cosine(from: peak, to: 0).repeated(times: cycles).warmup(over: warmup)
    }

    /// A linear warm-up from 0, then a polynomial decay: end + (peak − end)(1 − p)^power, p the progress after the
    /// warm-up. (Hugging Face `polynomial`.)
    ///
    /// - Parameters:
    ///   - peak: the rate after the warm-up.
    ///   - warmup: how long the warm-up takes.
    ///   - end: the final rate.
    ///   - power: above 0; 1 is linear.
    public static func polynomialWithWarmup(
        _ peak: Double, warmup: Interval, end: Double = 1e-7, power: Double = 1
    ) -> Schedule {
        polynomial(from: peak, to: end, power: power).warmup(over: warmup)
    }

    /// A linear warm-up from 0, then peak/√(1 + t/timescale), t since the warm-up's end. (Hugging Face `inverse_sqrt`;
    /// with timescale = warm-up the law of Vaswani et al. 2017, eq. 3.)
    ///
    /// - Parameters:
    ///   - peak: the rate after the warm-up.
    ///   - warmup: how long the warm-up takes.
    ///   - timescale: the time after which the rate has fallen to 1/√2, above 0; the warm-up's length when nil.
    public static func inverseSquareRootWithWarmup(
        _ peak: Double, warmup: Interval, timescale: Interval? = nil
    ) -> Schedule {
        inverseSquareRoot(from: peak, timescale: timescale ?? (warmup.isEmpty ? .steps(10_000) : warmup))
            .warmup(over: warmup)
    }

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

    /// Cosine annealing with warm restarts: SGDR (Loshchilov & Hutter 2017, arXiv 1608.03983, eq. 5).
    ///
    /// torch `CosineAnnealingWarmRestarts`; Keras `CosineDecayRestarts` with its `m_mul` as `decay`. fastai's
    /// `fit_sgdr`, which divides the run into shares, is `.cosine(from: lr, to: 0).restarts(cycles: n)`.
    ///
    /// - Parameters:
    ///   - from: the rate at the start of the first cycle.
    ///   - to: the rate at the end of every cycle.
    ///   - first: the length of the first cycle, T_0; above 0.
    ///   - multiplier: the growth of the cycles, T_mult; 1 or more.
    ///   - decay: what the height of the peak above `to` is multiplied by at each restart; above 0.
    public static func cosineRestarts(
        from: Double, to: Double = 0, first: Interval, multiplier: Double = 1, decay: Double = 1
    ) -> Schedule {
        cosine(from: from, to: to).restarts(first: first, multiplier: multiplier, decay: decay, floor: to)
    }
}
