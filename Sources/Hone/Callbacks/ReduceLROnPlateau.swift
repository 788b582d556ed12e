/// Lowers the rate when a figure has not become better for a while: see ``PlateauRule``.
///
/// It modifies what another callback (or nobody) sets, so it goes with every schedule; floors hold for the product. An
/// epoch whose figure was not measured changes nothing. It looks at each epoch's end, and at figures of validations after
/// each validation within an epoch (``ValidateEvery``), too: each look is a check.
open class ReduceLROnPlateau: LearnerCallback {
    /// What is watched.
    public let monitor: Monitor

    private let makeRule: (PlateauRule.Direction) -> PlateauRule

    /// The rule with all that it has seen; nil before the first fit. Its `multipliers` are the factors on the rates.
    @RunState public private(set) var rule: PlateauRule?

    /// Whether there are factors to be kept up to date: a snapshot that is put back may have had none.
    private var modifies = false

    /// Makes the modifier with torch's defaults.
    ///
    /// - Parameters:
    ///   - monitor: what is watched; whether higher or lower is better is known of it.
    ///   - factor: what the rate is multiplied by on a plateau; above 0 and below 1.
    ///   - patience: how many bad checks in a row are borne; the next one lowers the rate.
    ///   - threshold: how much better counts as better.
    ///   - cooldown: for so many checks after a drop, bad ones do not count.
    ///   - floors: no rate is lowered below its floor: one for all groups, or one a group.
    ///   - leastChange: a change of a rate smaller than this is not made.
    ///   - convention: when patience is over; Keras' and fastai's act a check sooner.
    ///   - raising: whether and how the rate is raised while the figure gets better; nil for never.
    public init(
        monitor: Monitor = .validLoss, factor: Double = 0.1, patience: Int = 10,
        threshold: PlateauRule.Threshold = .relative(1e-4), cooldown: Int = 0, floors: [Double] = [0],
        leastChange: Double = 1e-8, convention: PlateauRule.Convention = .torch, raising: PlateauRule.Raising? = nil
    ) {
        self.monitor = monitor
        makeRule = {
            PlateauRule(
                direction: $0, factor: factor, patience: patience, threshold: threshold, cooldown: cooldown,
                floors: floors, leastChange: leastChange, convention: convention, raising: raising)
        }
    }

    /// ``Phase/schedule``
    open override var phase: Phase { .schedule }

    /// Checks the rule, and that the figure will be there.
    open override func beforeFit(_ learner: Learner) throws {
        let direction = try monitor.direction(in: learner)
        let fresh = makeRule(direction == .lowerIsBetter ? .min : .max)
        try fresh.validate()
        let groups = learner.optimizer.groups.count
        guard fresh.floors.count == 1 || fresh.floors.count == groups else {
            throw LearnerError.argument(
                "ReduceLROnPlateau floors", value: "\(fresh.floors.count) floors",
                expected: "one, or one for each of \(groups) groups")
        }
        rule = rule ?? fresh
        modifies = false
    }

    /// Sets the factors of the step to come: floors are compared with what the base schedule gives now.
    open override func beforeBatch(_ learner: Learner) throws {
        guard learner.isTraining, let rule, modifies || rule.hasActed else { return }
        modifies = true
        for (index, group) in learner.optimizer.groups.enumerated() {
            guard let base = group.base[.learningRate], base > 0 else { continue }
            try learner.optimizer.modify(
                .learningRate, by: rule.modified(base, group: index) / base, group: index, owner: learner.speaker)
        }
    }

    /// Shows the rule the figure of a validation within an epoch.
    open override func afterValidate(_ learner: Learner) throws {
        if learner.hasValidatedWithinEpoch { check(learner) }
    }

    /// Shows the rule the epoch's figure.
    open override func afterEpoch(_ learner: Learner) throws { check(learner) }

    private func check(_ learner: Learner) {
        guard let value = monitor.value(in: learner) else { return }
        _ = rule?.update(value, bases: learner.optimizer.groups.map { $0.base[.learningRate] ?? 0 })
    }
}
