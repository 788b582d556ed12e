/// A place inside a piece of a run, with the size of every unit: what each shape of a schedule is evaluated at.
///
/// The unit of length is one optimizer step, or the whole run when only the progress is known; then the sizes of a
/// step, an epoch, a sample and a minute are NaN, and so is whatever is computed from them.
struct Moment {
    /// Distance from the start of the piece, 0...length.
    var position: Double
    /// Length of the piece.
    var length: Double
    /// Length of one optimizer step.
    var step: Double
    /// Length of one epoch.
    var epoch: Double
    /// Length of one sample.
    var sample: Double
    /// Length of one minute.
    var minute = Double.nan

    /// The length of an interval here; NaN when it cannot be known.
    func length(of interval: Interval) -> Double {
        switch interval {
        case .steps(let count): Double(count) * step
        case .epochs(let count): count * epoch
        case .samples(let count): Double(count) * sample
        case .fraction(let share): share * length
        case .minutes(let count): count * minute
        }
    }

    /// Progress through the piece, 0...1; an empty piece is over (1).
    var progress: Double { length <= 0 ? 1 : min(position, length) / length }

    /// Optimizer steps since the piece began; NaN when steps are unknown.
    var steps: Double { position / step }

    /// Whether the piece is over.
    var isEnd: Bool { position >= length }

    /// Whether a boundary lies at or before this moment, with room for the rounding of `fraction × length`.
    func hasReached(_ boundary: Double) -> Bool { position >= boundary - rounding(of: boundary) }

    /// The same moment seen from a piece which began at `start` and is `length` long.
    func inside(from start: Double, length: Double) -> Moment {
        var moment = self
        moment.position = max(0, position - start)
        moment.length = length
        return moment
    }
}

extension Moment {
    /// The moment of an update: `step` 0 is the first one. Steps before the run or past its end are moved to its ends.
    init(timeline: Timeline, step: Int) {
        let total = max(0, timeline.totalSteps)
        self.init(
            position: Double(min(max(0, step), total)), length: Double(total), step: 1,
            epoch: timeline.stepsPerEpoch ?? .nan, sample: timeline.samplesPerStep.map { 1 / $0 } ?? .nan,
            minute: timeline.stepsPerMinute ?? .nan)
    }

    /// A place on a timeline given in steps that need not be whole.
    init(timeline: Timeline, position: Double) {
        self.init(timeline: timeline, step: 0)
        self.position = position < 0 ? 0 : (position > length ? length : position)
    }

    /// The moment at a progress of 0...1 through a run of unknown length.
    init(progress: Double) {
        self.init(
            position: progress < 0 ? 0 : (progress > 1 ? 1 : progress), length: 1, step: .nan, epoch: .nan,
            sample: .nan)
    }
}

/// What the rounding of a few operations on `x` can amount to.
private func rounding(of x: Double) -> Double { 1e-10 + 8 * x.ulp }

/// The number of whole units in `x`: floor, but a value that misses a whole number by rounding alone counts as whole.
func wholePart(_ x: Double) -> Double { (x + rounding(of: x)).rounded(.down) }
