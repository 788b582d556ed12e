/// Sets hyper-parameters by schedules, before each training batch.
///
/// A schedule moves with the optimizer's steps of the run: a skipped step does not move it. Where a callback changes the
/// windows as it goes, it ends with the run all the same (see ``RunProgress/scheduleStep``). When the run ends, the values
/// that were set before it are put back.
open class ParameterScheduler: LearnerCallback {
    private let fixed: [(key: Hyperparameter, schedules: [Schedule])]
    private var active: [(key: Hyperparameter, schedules: [Schedule])] = []
    @RunState private var former: [String: [Double]] = [:]

    /// Makes a scheduler of one schedule for all groups: `[.learningRate: .cosine(from: 1e-3, to: 0)]`.
    public init(_ schedules: KeyValuePairs<Hyperparameter, Schedule>) {
        fixed = schedules.map { ($0.key, [$0.value]) }
    }

    /// Makes a scheduler of a schedule for each group.
    public init(byGroup schedules: KeyValuePairs<Hyperparameter, [Schedule]>) {
        fixed = schedules.map { ($0.key, $0.value) }
    }

    /// ``Phase/schedule``
    open override var phase: Phase { .schedule }

    /// The scheduled hyper-parameters.
    open override var writes: [Hyperparameter] { fixed.map(\.key) }

    /// The schedules for a learner's groups, one for all or one a group; a subclass may work them out here.
    open func schedules(for learner: Learner) throws -> [(key: Hyperparameter, schedules: [Schedule])] { fixed }

    /// Checks the schedules, and keeps the values that are set.
    open override func beforeFit(_ learner: Learner) throws {
        active = try schedules(for: learner)
        let groups = learner.optimizer.groups
        for (key, schedules) in active {
            guard schedules.count == 1 || schedules.count == groups.count else {
                throw LearnerError.argument(
                    "schedules of \(key)", value: "\(schedules.count) schedules",
                    expected: "one, or one for each of \(groups.count) groups")
            }
            for schedule in schedules { try schedule.validate() }
            // Throws for an optimizer that lacks the key.
            _ = try learner.optimizer.value(of: key)
            former[key.name] = groups.map { $0.base[key] ?? .nan }
        }
    }

    /// Checks that the schedules can be followed over this run, whose length is known now.
    open override func beforeEpoch(_ learner: Learner) throws {
        guard learner.run.epoch == 0 else { return }
        for (key, schedules) in active {
            for schedule in schedules { try schedule.validate(in: learner.run.timeline) }
            if key == .learningRate {
                let highest = schedules.map { highestRate($0, in: learner.run.timeline) }
                learner.optimizer.referenceRates = learner.optimizer.groups.indices.map {
                    highest.count == 1 ? highest[0] : highest[$0]
                }
            }
        }
    }

    /// The highest rate that a schedule can take, or does take in this run where that cannot be said.
    private func highestRate(_ schedule: Schedule, in timeline: Timeline) -> Double? {
        if let highest = schedule.bounds?.upperBound, highest.isFinite { return highest }
        let every = max(1, timeline.totalSteps / 65536)
        return stride(from: 0, to: timeline.totalSteps, by: every).map { schedule.value(at: $0, in: timeline) }.max()
    }

    /// Sets the values of the step to come.
    open override func beforeBatch(_ learner: Learner) throws {
        guard learner.isTraining else { return }
        for (key, schedules) in active {
            if schedules.count == 1 {
                try learner.optimizer.set(key, to: schedules[0].value(in: learner.run))
            } else {
                for (group, schedule) in schedules.enumerated() {
                    try learner.optimizer.set(key, to: schedule.value(in: learner.run), group: group)
                }
            }
        }
    }

    /// Puts the former values back.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws {
        for (key, _) in active {
            for (group, value) in (former[key.name] ?? []).enumerated() where !value.isNaN {
                try learner.optimizer.set(key, to: value, group: group)
            }
        }
        active = []
    }
}
