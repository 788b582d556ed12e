import Foundation

extension Schedule {
    /// Multiplied by gamma after every interval: from·γ^⌊t/every⌋. (torch `StepLR`.)
    ///
    /// - Parameters:
    ///   - from: the value of the first update.
    ///   - gamma: the factor of each drop, above 0.
    ///   - every: the length between drops, above 0.
    public static func stepDecay(from: Double, gamma: Double = 0.1, every: Interval) -> Schedule {
        Schedule(.decay(Decay(from: from, law: .step(gamma: gamma, every: every))))
    }

    /// Multiplied by gamma at every milestone: from·γ^(number of milestones ≤ t). (torch `MultiStepLR`.)
    ///
    /// - Parameters:
    ///   - from: the value of the first update.
    ///   - gamma: the factor of each drop, above 0.
    ///   - milestones: distances from the start, in any order, at least one; one given twice counts twice.
    public static func multiStep(from: Double, gamma: Double = 0.1, milestones: [Interval]) -> Schedule {
        Schedule(.decay(Decay(from: from, law: .multiStep(gamma: gamma, milestones: milestones))))
    }

    /// Exponential decay: from·γ^(t/every). (torch `ExponentialLR` with one step; Keras `ExponentialDecay`.)
    ///
    /// - Parameters:
    ///   - from: the value of the first update.
    ///   - gamma: the factor per `every`, above 0.
    ///   - every: the length in which the value is multiplied by gamma once, above 0.
    public static func exponentialDecay(from: Double, gamma: Double, every: Interval = .steps(1)) -> Schedule {
        Schedule(.decay(Decay(from: from, law: .exponential(gamma: gamma, every: every))))
    }

    /// Exponential decay by its rate: from·e^(−rate·t/every).
    ///
    /// - Parameters:
    ///   - from: the value of the first update.
    ///   - rate: the decay per `every`, 0 or more.
    ///   - every: the unit of time of the rate, above 0.
    public static func naturalDecay(from: Double, rate: Double, every: Interval = .steps(1)) -> Schedule {
        Schedule(.decay(Decay(from: from, law: .natural(rate: rate, every: every))))
    }

    /// Inverse-time decay: from/(1 + rate·t/every), in steps of ⌊t/every⌋ when it is a staircase.
    ///
    /// The 1/t law of stochastic approximation (Robbins & Monro 1951); Keras `InverseTimeDecay`.
    ///
    /// - Parameters:
    ///   - from: the value of the first update.
    ///   - rate: the decay per `every`, 0 or more.
    ///   - every: the unit of time of the rate, above 0.
    ///   - staircase: whether the value changes at whole multiples of `every` only.
    public static func inverseTime(
        from: Double, rate: Double, every: Interval = .steps(1), staircase: Bool = false
    ) -> Schedule {
        Schedule(.decay(Decay(from: from, law: .inverseTime(rate: rate, every: every, staircase: staircase))))
    }

    /// Inverse-square-root decay: from/√(1 + t/timescale).
    ///
    /// Behind a warm-up of w steps with timescale w it is the law of the Transformer (Vaswani et al. 2017, eq. 3) and
    /// Hugging Face's `inverse_sqrt`.
    ///
    /// - Parameters:
    ///   - from: the value of the first update.
    ///   - timescale: the time after which the value has fallen to 1/√2, above 0.
    public static func inverseSquareRoot(from: Double, timescale: Interval) -> Schedule {
        Schedule(.decay(Decay(from: from, law: .inverseSquareRoot(timescale: timescale))))
    }

    /// Multiplied by a factor at every step: from·factor^t. (torch `MultiplicativeLR` with a constant factor.)
    ///
    /// It equals ``exponentialDecay(from:gamma:every:)`` with one step, and prints as it.
    ///
    /// - Parameters:
    ///   - from: the value of the first update.
    ///   - factor: above 0.
    public static func multiplicative(from: Double, by factor: Double) -> Schedule {
        exponentialDecay(from: from, gamma: factor)
    }
}

/// A start multiplied by a law of the time since the piece began.
struct Decay: ScheduleShape {
    enum Law: Codable, Equatable, Sendable {
        case step(gamma: Double, every: Interval)
        case multiStep(gamma: Double, milestones: [Interval])
        case exponential(gamma: Double, every: Interval)
        case natural(rate: Double, every: Interval)
        case inverseTime(rate: Double, every: Interval, staircase: Bool)
        case inverseSquareRoot(timescale: Interval)
    }

    var from: Double
    var law: Law

    func value(at moment: Moment) -> Double { from * factor(at: moment) }

    private func factor(at moment: Moment) -> Double {
        func periods(_ unit: Interval) -> Double {
            moment.position == 0 ? 0 * moment.length(of: unit) : moment.position / moment.length(of: unit)
        }
        switch law {
        case .step(let gamma, let every):
            return pow(gamma, wholePart(periods(every)))
        case .multiStep(let gamma, let milestones):
            var passed = 0.0
            for milestone in milestones {
                let boundary = moment.length(of: milestone)
                if boundary.isNaN { return .nan }
                if moment.hasReached(boundary) { passed += 1 }
            }
            return pow(gamma, passed)
        case .exponential(let gamma, let every):
            return pow(gamma, periods(every))
        case .natural(let rate, let every):
            return exp(-rate * periods(every))
        case .inverseTime(let rate, let every, let staircase):
            let time = periods(every)
            return 1 / (1 + rate * (staircase ? wholePart(time) : time))
        case .inverseSquareRoot(let timescale):
            return 1 / (1 + periods(timescale)).squareRoot()
        }
    }

    var expression: String {
        let start = "from: \(literal(from))"
        switch law {
        case .step(let gamma, let every):
            return ".stepDecay(\(start), gamma: \(literal(gamma)), every: \(every))"
        case .multiStep(let gamma, let milestones):
            let list = milestones.map(\.description).joined(separator: ", ")
            return ".multiStep(\(start), gamma: \(literal(gamma)), milestones: [\(list)])"
        case .exponential(let gamma, let every):
            return ".exponentialDecay(\(start), gamma: \(literal(gamma)), every: \(every))"
        case .natural(let rate, let every):
            return ".naturalDecay(\(start), rate: \(literal(rate)), every: \(every))"
        case .inverseTime(let rate, let every, let staircase):
            let form = staircase ? ", staircase: true" : ""
            return ".inverseTime(\(start), rate: \(literal(rate)), every: \(every)\(form))"
        case .inverseSquareRoot(let timescale):
            return ".inverseSquareRoot(\(start), timescale: \(timescale))"
        }
    }

    var bounds: ClosedRange<Double>? {
        switch law {
        case .step(let gamma, _), .multiStep(let gamma, _), .exponential(let gamma, _):
            gamma <= 1 ? range(0, from) : range(from, from * .infinity)
        case .natural(let rate, _), .inverseTime(let rate, _, _):
            rate >= 0 ? range(0, from) : nil
        case .inverseSquareRoot:
            range(0, from)
        }
    }

    private var name: String {
        switch law {
        case .step: "stepDecay"
        case .multiStep: "multiStep"
        case .exponential: "exponentialDecay"
        case .natural: "naturalDecay"
        case .inverseTime: "inverseTime"
        case .inverseSquareRoot: "inverseSquareRoot"
        }
    }

    var intervals: [(name: String, interval: Interval)] {
        switch law {
        case .step(_, let every), .exponential(_, let every), .natural(_, let every), .inverseTime(_, let every, _):
            [("\(name)(every:)", every)]
        case .multiStep(_, let milestones): milestones.map { ("\(name)(milestones:)", $0) }
        case .inverseSquareRoot(let timescale): [("\(name)(timescale:)", timescale)]
        }
    }

    func check() throws {
        try require(from.isFinite, "\(name)(from:)", "a finite number", from)
        switch law {
        case .step(let gamma, _), .exponential(let gamma, _):
            try require(gamma.isFinite && gamma > 0, "\(name)(gamma:)", "a finite number above 0", gamma)
        case .multiStep(let gamma, let milestones):
            try require(gamma.isFinite && gamma > 0, "\(name)(gamma:)", "a finite number above 0", gamma)
            if milestones.isEmpty {
                throw ScheduleError.invalid(parameter: "\(name)(milestones:)", expected: "one or more", got: "none")
            }
            return
        case .natural(let rate, _), .inverseTime(let rate, _, _):
            try require(rate.isFinite && rate >= 0, "\(name)(rate:)", "a finite number of 0 or more", rate)
        case .inverseSquareRoot:
            break
        }
        for (name, interval) in intervals { try interval.checkAboveZero(name) }
    }
}
