import Foundation

extension Schedule {
    /// This schedule several times over, each time in an equal share of the run.
    ///
    /// - Parameter times: how often, 1 or more.
    public func repeated(times: Int) -> Schedule {
        Schedule(.restarts(Restarts(schedule: self, period: .count(times), multiplier: 1, decay: 1, floor: 0)))
    }

    /// This schedule over and over, each time within one interval; the run may end in the middle of it.
    ///
    /// - Parameter every: the length of one course, above 0.
    public func repeated(every: Interval) -> Schedule { restarts(first: every) }

    /// Warm restarts: this schedule over and over, each course `multiplier` times as long as the one before.
    ///
    /// SGDR (Loshchilov & Hutter 2017, T_{i+1} = T_mult·T_i; torch `CosineAnnealingWarmRestarts`), for any schedule.
    /// The boundary belongs to the new course, but a course that ends with the run keeps its own final value.
    ///
    /// - Parameters:
    ///   - first: the length of the first course, above 0.
    ///   - multiplier: the growth of the length, 1 or more.
    ///   - decay: what the height above `floor` is multiplied by at each restart (timm `cycle_decay`, Keras `m_mul`);
    ///     above 0.
    ///   - floor: the value that the height is measured from.
    public func restarts(
        first: Interval, multiplier: Double = 1, decay: Double = 1, floor: Double = 0
    ) -> Schedule {
        Schedule(
            .restarts(
                Restarts(schedule: self, period: .first(first), multiplier: multiplier, decay: decay, floor: floor)))
    }

    /// Warm restarts that fill the run: a number of courses, each `multiplier` times as long as the one before.
    ///
    /// With `.cosine(from: lr, to: 0)` it is fastai's `fit_sgdr`, whose cycle i takes a share ∝ cycle_mult^i.
    ///
    /// - Parameters:
    ///   - cycles: the number of courses, 1 or more.
    ///   - multiplier: the growth of the length, above 0; 1 gives equal shares.
    ///   - decay: what the height above `floor` is multiplied by at each restart; above 0.
    ///   - floor: the value that the height is measured from.
    public func restarts(
        cycles: Int, multiplier: Double = 2, decay: Double = 1, floor: Double = 0
    ) -> Schedule {
        Schedule(
            .restarts(
                Restarts(schedule: self, period: .count(cycles), multiplier: multiplier, decay: decay, floor: floor)))
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

/// A schedule that begins anew.
struct Restarts: ScheduleShape {
    enum Period: Codable, Equatable, Sendable {
        case count(Int)
        case first(Interval)
    }

    var schedule: Schedule
    var period: Period
    var multiplier: Double
    var decay: Double
    var floor: Double

    func value(at moment: Moment) -> Double {
        let first = firstLength(at: moment)
        guard first > 0 else {
            return first <= 0 ? schedule.node.value(at: moment.inside(from: 0, length: 0)) : .nan
        }
        var index = courseIndex(at: moment, first: first)
        if moment.isEnd && index > 0 && moment.position - start(of: index, first: first) <= 1e-9 * first {
            // The run ends with a whole course: its last value is that course's end, not the start of another.
            index -= 1
        }
        let start = start(of: index, first: first)
        var inner = moment.inside(from: start, length: first * pow(multiplier, index))
        inner.position = min(inner.position, inner.length)
        let value = schedule.node.value(at: inner)
        return decay == 1 ? value : floor + (value - floor) * pow(decay, index)
    }

    private func firstLength(at moment: Moment) -> Double {
        switch period {
        case .first(let interval):
            moment.length(of: interval)
        case .count(let count) where multiplier == 1:
            moment.length / Double(count)
        case .count(let count):
            moment.length * (multiplier - 1) / (pow(multiplier, Double(count)) - 1)
        }
    }

    /// The sum of the lengths of the courses before this one.
    private func start(of index: Double, first: Double) -> Double {
        multiplier == 1 ? first * index : first * (pow(multiplier, index) - 1) / (multiplier - 1)
    }

    private func courseIndex(at moment: Moment, first: Double) -> Double {
        let courses = moment.position / first
        let grown = multiplier == 1 ? courses : log(1 + courses * (multiplier - 1)) / log(multiplier)
        let index = wholePart(grown)
        if case .count(let count) = period { return min(index, Double(count) - 1) }
        return index
    }

    var expression: String {
        let inner = schedule.node.shape.expression
        let shrink = decay == 1 && floor == 0 ? "" : ", decay: \(literal(decay)), floor: \(literal(floor))"
        let growth = "multiplier: \(literal(multiplier))\(shrink)"
        let isPlain = multiplier == 1 && shrink.isEmpty
        return switch period {
        case .count(let count):
            isPlain ? "\(inner).repeated(times: \(count))" : "\(inner).restarts(cycles: \(count), \(growth))"
        case .first(let length):
            isPlain ? "\(inner).repeated(every: \(length))" : "\(inner).restarts(first: \(length), \(growth))"
        }
    }

    var bounds: ClosedRange<Double>? {
        guard let bounds = schedule.bounds, decay <= 1 else { return nil }
        return decay == 1 ? bounds : union(bounds, range(floor, floor))
    }

    var parts: [Schedule] { [schedule] }

    var intervals: [(name: String, interval: Interval)] {
        if case .first(let interval) = period { [("restarts(first:)", interval)] } else { [] }
    }

    func check() throws {
        switch period {
        case .count(let count):
            if count < 1 {
                throw ScheduleError.invalid(
                    parameter: "restarts(cycles:)", expected: "1 or more", got: "\(count)")
            }
            try require(
                multiplier.isFinite && multiplier > 0, "restarts(multiplier:)", "a finite number above 0", multiplier)
        case .first(let interval):
            try interval.checkAboveZero("restarts(first:)")
            try require(
                multiplier.isFinite && multiplier >= 1, "restarts(multiplier:)", "a finite number of 1 or more",
                multiplier)
        }
        try require(decay.isFinite && decay > 0, "restarts(decay:)", "a finite number above 0", decay)
        try require(floor.isFinite, "restarts(floor:)", "a finite number", floor)
    }
}
