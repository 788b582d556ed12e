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
}
