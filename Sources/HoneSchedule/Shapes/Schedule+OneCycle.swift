extension Schedule {
    /// One cycle in fastai's form: a cosine up from max/div to max, then a cosine down to max/divFinal.
    ///
    /// Smith 2018 (arXiv 1803.09820) gave the policy, fastai's `fit_one_cycle` this shape and these defaults. Both
    /// divisors are relative to `max` (torch's second one is relative to the initial rate: see
    /// ``torchOneCycle(max:pctStart:anneal:divFactor:finalDivFactor:threePhase:)``).
    ///
    /// - Parameters:
    ///   - max: the highest rate.
    ///   - div: the first rate is max/div; above 0.
    ///   - divFinal: the final rate is max/divFinal; above 0.
    ///   - pctStart: the share of the run that rises, 0...1.
    public static func oneCycle(
        max: Double, div: Double = 25, divFinal: Double = 1e5, pctStart: Double = 0.25
    ) -> Schedule {
        Schedule(.oneCycle(OneCycle(max: max, div: div, divFinal: divFinal, pctStart: pctStart)))
    }

    /// The momentum that goes with ``oneCycle(max:div:divFinal:pctStart:)``: a cosine down while the rate rises, and a
    /// cosine up while it falls. (fastai's `moms`.)
    ///
    /// - Parameters:
    ///   - start: the momentum of the first update, 0..<1.
    ///   - middle: the momentum where the rate is highest, 0..<1.
    ///   - end: the final momentum, 0..<1.
    ///   - pctStart: the share of the run that falls, 0...1; that of the rate.
    public static func oneCycleMomentum(
        _ start: Double = 0.95, _ middle: Double = 0.85, _ end: Double = 0.95, pctStart: Double = 0.25
    ) -> Schedule {
        Schedule(.oneCycleMomentum(OneCycleMomentum(start: start, middle: middle, end: end, pctStart: pctStart)))
    }
}

/// Cosine from `start` to `middle` over a share of the piece, then cosine to `end`.
private func twoCosines(
    _ start: Double, _ middle: Double, _ end: Double, pctStart: Double, at moment: Moment
) -> Double {
    let turn = pctStart * moment.length
    if turn.isNaN { return .nan }
    let cosine = Schedule.Curve.cosine
    if moment.hasReached(turn) {
        let fall = moment.inside(from: turn, length: moment.length - turn)
        return cosine.value(from: middle, to: end, at: fall.progress)
    }
    return cosine.value(from: start, to: middle, at: moment.position / turn)
}

/// fastai's one-cycle rate.
struct OneCycle: ScheduleShape {
    var max: Double
    var div: Double
    var divFinal: Double
    var pctStart: Double

    func value(at moment: Moment) -> Double {
        twoCosines(max / div, max, max / divFinal, pctStart: pctStart, at: moment)
    }

    var expression: String {
        ".oneCycle(max: \(literal(max)), div: \(literal(div)), divFinal: \(literal(divFinal)), "
            + "pctStart: \(literal(pctStart)))"
    }

    var bounds: ClosedRange<Double>? {
        union(range(max / div, max), range(max / divFinal, max))
    }

    func check() throws {
        try require(max.isFinite && max > 0, "oneCycle(max:)", "a finite number above 0", max)
        try require(div.isFinite && div > 0, "oneCycle(div:)", "a finite number above 0", div)
        try require(divFinal.isFinite && divFinal > 0, "oneCycle(divFinal:)", "a finite number above 0", divFinal)
        try require((0...1).contains(pctStart), "oneCycle(pctStart:)", "in 0...1", pctStart)
    }
}

/// fastai's one-cycle momentum.
struct OneCycleMomentum: ScheduleShape {
    var start: Double
    var middle: Double
    var end: Double
    var pctStart: Double

    func value(at moment: Moment) -> Double { twoCosines(start, middle, end, pctStart: pctStart, at: moment) }

    var expression: String {
        ".oneCycleMomentum(\(literal(start)), \(literal(middle)), \(literal(end)), pctStart: \(literal(pctStart)))"
    }

    var bounds: ClosedRange<Double>? {
        union(range(start, middle), range(middle, end))
    }

    func check() throws {
        for (name, value) in [("start", start), ("middle", middle), ("end", end)] {
            try require(value >= 0 && value < 1, "oneCycleMomentum(\(name))", "in 0..<1", value)
        }
        try require((0...1).contains(pctStart), "oneCycleMomentum(pctStart:)", "in 0...1", pctStart)
    }
}
