/// Lowers a rate when a metric has stopped getting better, and, if asked to, raises it while the metric keeps doing so.
///
/// It depends on what training brings, so it is not a ``Schedule`` but a small value with a state of its own: feed it
/// the metric, and multiply the rate by what it answers. It reproduces torch's `ReduceLROnPlateau` and Keras', which
/// differ in when they act: torch when more than `patience` checks in a row were bad, Keras and fastai on the
/// `patience`-th.
///
/// ```swift
/// var rule = PlateauRule(factor: 0.1, patience: 2)
/// for loss in [1, 0.9, 0.9, 0.9, 0.9] { rate *= rule.update(loss) }   // the last answers 0.1, the others 1
/// ```
public struct PlateauRule: Codable, Equatable, Sendable {
    /// Which way the metric gets better.
    public enum Direction: String, Codable, CaseIterable, Sendable {
        /// Lower is better: a loss. (torch and Keras `min`.)
        case min
        /// Higher is better: an accuracy. (torch and Keras `max`.)
        case max
    }

    /// How much better a metric must be than the best so far, to count as better.
    public enum Threshold: Codable, Equatable, Sendable {
        /// By a share of the best: below best·(1 − t), or above best·(1 + t). As in torch, so for a negative best
        /// this asks for less than no change.
        case relative(Double)
        /// By an amount: below best − t, or above best + t.
        case absolute(Double)
    }

    /// When patience is over.
    public enum Convention: String, Codable, CaseIterable, Sendable {
        /// When more than `patience` checks in a row were bad; a check in cooldown counts for the best. (torch.)
        case torch
        /// On the `patience`-th bad check in a row. (Keras, fastai.)
        case keras
    }

    /// Raising the rate after good streaks as well, as Hugging Face's `GreedyLR` does (arXiv 2512.14527; without its
    /// smoothing, and without its start from scratch after a long time at the floor).
    ///
    /// With it patience is over as in torch, and checks during a cooldown or a rest count for nothing: not for the
    /// streaks, and not for the best.
    public struct Raising: Codable, Equatable, Sendable {
        /// What the rate is multiplied by; above 1.
        public var factor: Double
        /// The rate rises when more than so many checks in a row were better; 0 or more.
        public var patience: Int
        /// For so many checks after a rise, none counts; 0 or more. (`warmup` there.)
        public var rest: Int
        /// No rate is raised above it; finite and above 0.
        public var ceiling: Double

        /// Describes when and how far a rate is raised.
        ///
        /// - Parameters:
        ///   - factor: what the rate is multiplied by; above 1.
        ///   - patience: the rate rises when more than so many checks in a row were better; 0 or more.
        ///   - rest: for so many checks after a rise, none counts; 0 or more.
        ///   - ceiling: no rate is raised above it; finite and above 0.
        public init(factor: Double = 1 / 0.95, patience: Int = 10, rest: Int = 0, ceiling: Double = 1) {
            self.factor = factor
            self.patience = patience
            self.rest = rest
            self.ceiling = ceiling
        }
    }

    /// Which way the metric gets better.
    public let direction: Direction
    /// What the rate is multiplied by on a plateau; above 0 and below 1.
    public let factor: Double
    /// How many bad checks in a row are borne; 0 or more.
    public let patience: Int
    /// How much better counts as better.
    public let threshold: Threshold
    /// For so many checks after a drop, bad ones do not count; 0 or more.
    public let cooldown: Int
    /// No rate is lowered below its floor: one for all parameter groups, or one a group; 0 or more.
    public let floors: [Double]
    /// A change smaller than this is not made; 0 or more. (torch `eps`.)
    public let leastChange: Double
    /// When patience is over.
    public let convention: Convention
    /// Whether and how the rate is raised; nil for never.
    public let raising: Raising?

    /// The best metric so far; nil before the first. NaN and the infinities never become it.
    public private(set) var best: Double?
    /// Bad checks in a row. (torch `num_bad_epochs`, Keras `wait`.)
    public private(set) var badChecks = 0
    /// Good checks in a row; counted when the rate can be raised.
    public private(set) var goodChecks = 0
    /// Checks of the cooldown that are left. (torch `cooldown_counter`.)
    public private(set) var cooldownCounter = 0
    /// Checks of the rest after a rise that are left.
    public private(set) var restCounter = 0
    /// What the rate of each group is multiplied by, for a modifier of what a schedule gives: the product of all factors so
    /// far, as far as the limits let it act. One number while all groups have the same.
    public private(set) var multipliers = [1.0]
    /// What the rate of the first group is multiplied by.
    public var multiplier: Double { multipliers.first ?? 1 }
    /// Whether a rate is multiplied by anything but 1.
    public var hasActed: Bool { multipliers.contains { $0 != 1 } }

    /// A rule that has seen nothing. The defaults are torch's.
    ///
    /// - Parameters:
    ///   - direction: which way the metric gets better.
    ///   - factor: what the rate is multiplied by on a plateau; above 0 and below 1.
    ///   - patience: how many bad checks in a row are borne; 0 or more.
    ///   - threshold: how much better counts as better.
    ///   - cooldown: for so many checks after a drop, bad ones do not count; 0 or more.
    ///   - floors: no rate is lowered below its floor: one for all parameter groups, or one a group; 0 or more.
    ///   - leastChange: a change smaller than this is not made; 0 or more.
    ///   - convention: when patience is over.
    ///   - raising: whether and how the rate is raised; nil for never.
    public init(
        direction: Direction = .min, factor: Double = 0.1, patience: Int = 10,
        threshold: Threshold = .relative(1e-4), cooldown: Int = 0, floors: [Double] = [0], leastChange: Double = 1e-8,
        convention: Convention = .torch, raising: Raising? = nil
    ) {
        self.direction = direction
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.floors = floors
        self.leastChange = leastChange
        self.convention = convention
        self.raising = raising
    }

    /// The rule of Keras' `ReduceLROnPlateau`, with its defaults.
    ///
    /// - Parameters:
    ///   - direction: which way the metric gets better.
    ///   - factor: what the rate is multiplied by on a plateau; above 0 and below 1.
    ///   - patience: the rate drops on this bad check in a row; 1 or more (0 acts as 1).
    ///   - minDelta: how much better counts as better, as an amount; 0 or more.
    ///   - cooldown: for so many checks after a drop, bad ones do not count; 0 or more.
    ///   - floor: no rate is lowered below it; 0 or more.
    public static func keras(
        direction: Direction = .min, factor: Double = 0.1, patience: Int = 10, minDelta: Double = 1e-4,
        cooldown: Int = 0, floor: Double = 0
    ) -> PlateauRule {
        PlateauRule(
            direction: direction, factor: factor, patience: patience, threshold: .absolute(minDelta),
            cooldown: cooldown, floors: [floor], leastChange: 0, convention: .keras)
    }

    /// Checks every parameter.
    ///
    /// - Throws: ``ScheduleError/invalid(parameter:expected:got:)`` for the first parameter outside its range.
    public func validate() throws {
        func invalid(_ parameter: String, _ expected: String, _ got: String) -> ScheduleError {
            .invalid(parameter: "PlateauRule(\(parameter):)", expected: expected, got: got)
        }
        if !(factor > 0 && factor < 1) { throw invalid("factor", "above 0 and below 1", literal(factor)) }
        for (name, count) in [("patience", patience), ("cooldown", cooldown)] where count < 0 {
            throw invalid(name, "0 or more", "\(count)")
        }
        switch threshold {
        case .relative(let amount), .absolute(let amount):
            if !(amount.isFinite && amount >= 0) { throw invalid("threshold", "0 or more", literal(amount)) }
        }
        if floors.isEmpty { throw invalid("floors", "one or more", "none") }
        for floor in floors + [leastChange] where !(floor.isFinite && floor >= 0) {
            throw invalid("floors and leastChange", "finite and 0 or more", literal(floor))
        }
        guard let raising else { return }
        if !(raising.factor.isFinite && raising.factor > 1) {
            throw invalid("raising.factor", "finite and above 1", literal(raising.factor))
        }
        for (name, count) in [("patience", raising.patience), ("rest", raising.rest)] where count < 0 {
            throw invalid("raising.\(name)", "0 or more", "\(count)")
        }
        if !(raising.ceiling.isFinite && raising.ceiling > 0) {
            throw invalid("raising.ceiling", "finite and above 0", literal(raising.ceiling))
        }
    }

    /// Takes in a metric. The limits are not known to the multipliers here: see ``update(_:bases:)``.
    ///
    /// - Parameter metric: the value of this check; NaN and the infinities count as bad.
    /// - Returns: what the rate is to be multiplied by now; 1 to leave it.
    public mutating func update(_ metric: Double) -> Double {
        let answer = answer(to: metric)
        for group in multipliers.indices { multipliers[group] *= answer }
        return answer
    }

    /// Takes in a metric, for a modifier: a multiplier goes no further than the limits let the rate go, so that the next
    /// factor the other way acts at once.
    ///
    /// - Parameters:
    ///   - metric: the value of this check; NaN and the infinities count as bad.
    ///   - bases: what the schedule gives each parameter group at present, without the rule.
    /// - Returns: what the rates are to be multiplied by now, as far as the limits let them; 1 to leave them.
    public mutating func update(_ metric: Double, bases: [Double]) -> Double {
        let answer = answer(to: metric)
        if multipliers.count != bases.count {
            multipliers = bases.indices.map { multipliers.indices.contains($0) ? multipliers[$0] : multiplier }
        }
        guard answer != 1 else { return answer }
        for (group, base) in bases.enumerated() {
            let present = modified(base, group: group)
            let next = limited(present * answer, from: present, group: group)
            // A rate of 0 shows no limits; away from them the factors are kept as they are, free of rounding.
            let isFree = base <= 0 || (next == present * answer && present == base * multipliers[group])
            multipliers[group] = isFree ? multipliers[group] * answer : next / base
        }
        return answer
    }

    private mutating func answer(to metric: Double) -> Double {
        if let raising { return raisingFactor(metric, raising) }
        return switch convention {
        case .torch: torchFactor(metric)
        case .keras: kerasFactor(metric)
        }
    }

    /// Takes in a metric and gives the new rates, kept above their floors and below the ceiling.
    ///
    /// - Parameters:
    ///   - metric: the value of this check; NaN and the infinities count as bad.
    ///   - rates: the current rate of each parameter group.
    /// - Returns: the rate of each group from now on.
    public mutating func update(_ metric: Double, rates: [Double]) -> [Double] {
        let factor = update(metric)
        return rates.enumerated().map { limited($1 * factor, from: $1, group: $0) }
    }

    /// The rate of a group whose schedule gives `rate`, after all that the rule has seen.
    ///
    /// - Parameters:
    ///   - rate: the rate without the rule.
    ///   - group: the parameter group, for its floor.
    public func modified(_ rate: Double, group: Int = 0) -> Double {
        limited(
            rate * (multipliers.indices.contains(group) ? multipliers[group] : multiplier), from: rate, group: group)
    }

    /// A changed rate within the limits; a rate beyond them already stays where it is.
    private func limited(_ new: Double, from old: Double, group: Int) -> Double {
        if new < old {
            let floor = (group < floors.count ? floors[group] : floors.last) ?? 0
            let lowered = max(new, floor)
            return old - lowered > leastChange ? lowered : old
        }
        let raised = Swift.min(new, raising?.ceiling ?? new)
        return raised - old > leastChange ? raised : old
    }

    private func isBetter(_ metric: Double) -> Bool {
        guard metric.isFinite else { return false }
        guard let best else { return true }
        return switch (direction, threshold) {
        case (.min, .relative(let share)): metric < best * (1 - share)
        case (.max, .relative(let share)): metric > best * (1 + share)
        // The same in real numbers; each library rounds in its own place, and a tie decides differently.
        case (.min, .absolute(let amount)): convention == .keras ? metric + amount < best : metric < best - amount
        case (.max, .absolute(let amount)): convention == .keras ? metric - amount > best : metric > best + amount
        }
    }

    /// Whether the metric is a new best, which it then becomes.
    private mutating func takesBest(_ metric: Double) -> Bool {
        let isBetter = isBetter(metric)
        if isBetter { best = metric }
        return isBetter
    }

    private mutating func torchFactor(_ metric: Double) -> Double {
        badChecks = takesBest(metric) ? 0 : badChecks + 1
        if cooldownCounter > 0 {
            cooldownCounter -= 1
            badChecks = 0
        }
        return badChecks > patience ? drop() : 1
    }

    private mutating func kerasFactor(_ metric: Double) -> Double {
        if cooldownCounter > 0 {
            cooldownCounter -= 1
            badChecks = 0
        }
        if takesBest(metric) {
            badChecks = 0
        } else if cooldownCounter == 0 {
            badChecks += 1
            if badChecks >= patience { return drop() }
        }
        return 1
    }

    private mutating func raisingFactor(_ metric: Double, _ raising: Raising) -> Double {
        if cooldownCounter > 0 || restCounter > 0 {
            if cooldownCounter > 0 { cooldownCounter -= 1 } else { restCounter -= 1 }
            badChecks = 0
            goodChecks = 0
            return 1
        }
        let isBetter = takesBest(metric)
        badChecks = isBetter ? 0 : badChecks + 1
        goodChecks = isBetter ? goodChecks + 1 : 0
        if goodChecks > raising.patience {
            restCounter = raising.rest
            goodChecks = 0
            return raising.factor
        }
        return badChecks > patience ? drop() : 1
    }

    private mutating func drop() -> Double {
        cooldownCounter = cooldown
        badChecks = 0
        return factor
    }
}
