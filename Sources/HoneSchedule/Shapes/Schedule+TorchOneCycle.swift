extension Schedule {
    /// The two ways of getting from one phase to the next in torch's one-cycle.
    public enum Anneal: String, Codable, CaseIterable, Sendable {
        /// Half a cosine wave.
        case cosine
        /// A straight line.
        case linear
    }

    /// One cycle as torch's `OneCycleLR` has it, boundary for boundary.
    ///
    /// With T the steps of the run: from max/divFactor up to max at step pctStart·T − 1; then down to
    /// max/divFactor/finalDivFactor at step T − 1, or, in three phases, back to max/divFactor at step
    /// 2·pctStart·T − 2 and from there to the end value. Unlike fastai's form, the last update has the final value.
    /// Where torch divides by zero (pctStart·T = 1) the empty phase is over; past the end the final value holds.
    ///
    /// - Parameters:
    ///   - max: the highest rate.
    ///   - pctStart: the share of the run that rises, 0...1.
    ///   - anneal: cosine or linear.
    ///   - divFactor: the first rate is max/divFactor; above 0.
    ///   - finalDivFactor: the final rate is the first one divided by this (fastai divides `max`); above 0.
    ///   - threePhase: whether the fall mirrors the rise and a third phase goes on to the final rate.
    public static func torchOneCycle(
        max: Double, pctStart: Double = 0.3, anneal: Anneal = .cosine, divFactor: Double = 25,
        finalDivFactor: Double = 1e4, threePhase: Bool = false
    ) -> Schedule {
        Schedule(
            .torchOneCycle(
                TorchOneCycle(
                    max: max, pctStart: pctStart, anneal: anneal, divFactor: divFactor,
                    finalDivFactor: finalDivFactor, threePhase: threePhase)))
    }

    /// The momentum (or Adam's first beta) that torch's `OneCycleLR` sets with
    /// ``torchOneCycle(max:pctStart:anneal:divFactor:finalDivFactor:threePhase:)``.
    ///
    /// From high to low while the rate rises, back to high after; high throughout the third of three phases.
    ///
    /// - Parameters:
    ///   - high: the momentum of the first update, torch's `max_momentum`, 0..<1.
    ///   - low: the momentum where the rate is highest, torch's `base_momentum`, 0..<1.
    ///   - pctStart: that of the rate.
    ///   - anneal: that of the rate.
    ///   - threePhase: that of the rate.
    public static func torchOneCycleMomentum(
        high: Double = 0.95, low: Double = 0.85, pctStart: Double = 0.3, anneal: Anneal = .cosine,
        threePhase: Bool = false
    ) -> Schedule {
        Schedule(
            .torchOneCycleMomentum(
                TorchOneCycleMomentum(
                    high: high, low: low, pctStart: pctStart, anneal: anneal, threePhase: threePhase)))
    }
}

/// The phases that torch's rate and momentum share.
private struct TorchPhases {
    var pctStart: Double
    var anneal: Schedule.Anneal
    var threePhase: Bool

    /// The value at a moment, given those at the start and at the end of the two or three phases.
    func value(_ start: Double, _ peak: Double, _ back: Double, _ final: Double, at moment: Moment) -> Double {
        let total = moment.length / moment.step
        let step = moment.steps
        let first = pctStart * total - 1
        let last = total - 1
        if step <= first { return between(start, peak, from: 0, to: first, at: step) }
        guard threePhase else { return between(peak, final, from: first, to: last, at: step) }
        let second = 2 * pctStart * total - 2
        if step <= second { return between(peak, back, from: first, to: second, at: step) }
        return between(back, final, from: second, to: last, at: step)
    }

    private func between(_ a: Double, _ b: Double, from start: Double, to end: Double, at step: Double) -> Double {
        let progress = end > start ? (step - start) / (end - start) : (end <= start ? 1 : .nan)
        return (anneal == .cosine ? Schedule.Curve.cosine : .linear).value(from: a, to: b, at: progress)
    }

    var arguments: String { "pctStart: \(literal(pctStart)), anneal: .\(anneal.rawValue)" }
}

/// torch's one-cycle rate.
struct TorchOneCycle: ScheduleShape {
    var max: Double
    var pctStart: Double
    var anneal: Schedule.Anneal
    var divFactor: Double
    var finalDivFactor: Double
    var threePhase: Bool

    private var phases: TorchPhases { TorchPhases(pctStart: pctStart, anneal: anneal, threePhase: threePhase) }
    private var initial: Double { max / divFactor }

    func value(at moment: Moment) -> Double {
        phases.value(initial, max, initial, initial / finalDivFactor, at: moment)
    }

    var expression: String {
        ".torchOneCycle(max: \(literal(max)), \(phases.arguments), divFactor: \(literal(divFactor)), "
            + "finalDivFactor: \(literal(finalDivFactor)), threePhase: \(threePhase))"
    }

    var bounds: ClosedRange<Double>? {
        union(range(initial, max), range(initial / finalDivFactor, max))
    }

    var countsSteps: Bool { true }

    func check() throws {
        let name = "torchOneCycle"
        try require(max.isFinite && max > 0, "\(name)(max:)", "a finite number above 0", max)
        try require((0...1).contains(pctStart), "\(name)(pctStart:)", "in 0...1", pctStart)
        try require(divFactor.isFinite && divFactor > 0, "\(name)(divFactor:)", "a finite number above 0", divFactor)
        try require(
            finalDivFactor.isFinite && finalDivFactor > 0, "\(name)(finalDivFactor:)", "a finite number above 0",
            finalDivFactor)
    }
}

/// torch's one-cycle momentum.
struct TorchOneCycleMomentum: ScheduleShape {
    var high: Double
    var low: Double
    var pctStart: Double
    var anneal: Schedule.Anneal
    var threePhase: Bool

    private var phases: TorchPhases { TorchPhases(pctStart: pctStart, anneal: anneal, threePhase: threePhase) }

    func value(at moment: Moment) -> Double { phases.value(high, low, high, high, at: moment) }

    var expression: String {
        ".torchOneCycleMomentum(high: \(literal(high)), low: \(literal(low)), \(phases.arguments), "
            + "threePhase: \(threePhase))"
    }

    var bounds: ClosedRange<Double>? { range(low, high) }

    var countsSteps: Bool { true }

    func check() throws {
        try require(high >= 0 && high < 1, "torchOneCycleMomentum(high:)", "in 0..<1", high)
        try require(low >= 0 && low < 1, "torchOneCycleMomentum(low:)", "in 0..<1", low)
        try require((0...1).contains(pctStart), "torchOneCycleMomentum(pctStart:)", "in 0...1", pctStart)
    }
}
