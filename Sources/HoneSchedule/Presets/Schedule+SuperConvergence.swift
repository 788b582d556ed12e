extension Schedule {
    /// Super-convergence: one triangle from base to a very high peak and back, over the whole run.
    ///
    /// Smith & Topin 2017 (arXiv 1708.07120). The defaults are the ResNet-56 on CIFAR-10 of their figure 1a, trained
    /// for 10,000 steps with batches of 1,000; they found that other regularisation, weight decay above all, must be
    /// lowered to make room for such rates.
    ///
    /// - Parameters:
    ///   - base: the rate at both ends.
    ///   - peak: the rate in the middle.
    public static func superConvergence(base: Double = 0.1, peak: Double = 3) -> Schedule {
        linear(from: base, to: peak).then(.linear(from: peak, to: base), at: 0.5)
    }

    /// The 1cycle policy as Smith wrote it: a triangle somewhat shorter than the run, then a line far below its base.
    ///
    /// Smith 2018 (arXiv 1803.09820). fastai's smooth form is ``oneCycle(max:div:divFinal:pctStart:)``.
    ///
    /// - Parameters:
    ///   - max: the rate at the top of the triangle.
    ///   - div: the triangle begins and ends at max/div; above 0.
    ///   - finalDiv: the run ends at max/div/finalDiv (Smith: 10 to 1,000); above 0.
    ///   - annealing: the share of the run after the triangle, 0..<1.
    public static func smithOneCycle(
        max: Double, div: Double = 10, finalDiv: Double = 100, annealing: Double = 0.1
    ) -> Schedule {
        let base = max / div
        return linear(from: base, to: max)
            .then(.linear(from: max, to: base), at: (1 - annealing) / 2)
            .then(.linear(from: base, to: base / finalDiv), at: 1 - annealing)
    }

    /// The momentum that goes with ``smithOneCycle(max:div:finalDiv:annealing:)``: the triangle upside down, then the
    /// high value. With no annealing, that of ``superConvergence(base:peak:)``.
    ///
    /// - Parameters:
    ///   - high: the momentum at both ends, 0..<1.
    ///   - low: the momentum in the middle of the triangle, 0..<1.
    ///   - annealing: the share of the run after the triangle, 0..<1; that of the rate.
    public static func smithOneCycleMomentum(
        high: Double = 0.95, low: Double = 0.85, annealing: Double = 0.1
    ) -> Schedule {
        linear(from: high, to: low)
            .then(.linear(from: low, to: high), at: (1 - annealing) / 2)
            .then(.constant(high), at: 1 - annealing)
    }
}
