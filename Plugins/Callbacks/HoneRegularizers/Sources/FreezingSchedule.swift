import Hone

/// Freezes and unfreezes the optimizer's groups as training goes on.
///
/// - `FreezingSchedule(unfreezingEvery: .epochs(1))`: the last group alone at first, and one more each time (Howard and
///   Ruder 2018, "Universal Language Model Fine-tuning", section 3.3).
/// - `FreezingSchedule(freezingFrom: .fraction(0.5), to: .fraction(1))`: the first groups, one after the other, so that
///   the backward pass becomes shorter (Brock et al. 2017, "FreezeOut").
/// - `FreezingSchedule([.init(from: .epochs(2), firstTrained: 1)])`: as one likes.
///
/// What is frozen changes between steps, never within an accumulation window. After the fit, all is as it was before.
open class FreezingSchedule: LearnerCallback {
    /// From a moment on, the groups from a number on are trained; those before it are frozen.
    public struct Stage: Equatable, Sendable {
        /// When it begins.
        public let from: Interval
        /// The first group that is trained.
        public let firstTrained: Int

        /// Makes a stage.
        public init(from: Interval, firstTrained: Int) {
            self.from = from
            self.firstTrained = firstTrained
        }
    }

    private enum Plan {
        case stages([Stage])
        case unfreezing(Interval)
        case freezing(Interval, Interval)
    }

    private let plan: Plan

    /// The first group that is trained at present; nil before the first stage.
    @RunState public private(set) var firstTrained: Int?

    private var former: [Bool] = []
    private var starts: [(step: Double, firstTrained: Int)] = []

    /// Follows stages, in order; before the first one all stays as it is.
    public init(_ stages: [Stage]) { plan = .stages(stages) }

    /// Trains the last group at first, and one more after each interval, which is not in minutes.
    public init(unfreezingEvery interval: Interval) { plan = .unfreezing(interval) }

    /// Freezes all groups but the last one, one after the other, between two moments, which are not in minutes.
    public init(freezingFrom start: Interval, to end: Interval) { plan = .freezing(start, end) }

    /// ``Phase/prepare``
    open override var phase: Phase { .prepare }

    /// Checks the groups, and keeps what is frozen.
    open override func beforeFit(_ learner: Learner) throws {
        let groups = learner.optimizer.groups.count
        if case .stages(let stages) = plan, let bad = stages.first(where: { !(0..<groups).contains($0.firstTrained) }) {
            throw LearnerError.argument(
                "\(identifier) firstTrained", value: "\(bad.firstTrained)",
                expected: "a group of 0..<\(groups); the last one is always trained")
        }
        former = learner.arena.entries.map(\.parameter.isTrainable)
        starts = []
    }

    /// Works out the stages' steps, now that the fit's length is known.
    open override func beforeEpoch(_ learner: Learner) throws {
        guard starts.isEmpty else { return }
        let last = learner.optimizer.groups.count - 1
        switch plan {
        case .stages(let stages): starts = try stages.map { (try step($0.from, learner), $0.firstTrained) }
        case .unfreezing(let interval):
            let length = try step(interval, learner)
            starts = (0...last).map { (Double($0) * length, last - $0) }
        case .freezing(let start, let end):
            let (first, length) = (try step(start, learner), try step(end, learner) - step(start, learner))
            guard length >= 0 else {
                throw LearnerError.argument("\(identifier) to", value: "\(end)", expected: "not before \(start)")
            }
            starts = (0..<last).map { (first + length * Double($0) / Double(max(1, last - 1)), $0 + 1) }
        }
    }

    private func step(_ interval: Interval, _ learner: Learner) throws -> Double {
        guard let steps = interval.steps(in: learner.run.timeline), steps >= 0 else {
            throw LearnerError.argument(
                identifier, value: "\(interval)", expected: "0 or more steps, epochs, samples or a share of the fit")
        }
        return steps
    }

    /// Freezes and unfreezes before a step's first batch.
    open override func beforeBatch(_ learner: Learner) throws {
        guard learner.isTraining,
            let stage = starts.last(where: { $0.step <= learner.run.scheduleStep + 1e-9 }),
            stage.firstTrained != firstTrained
        else { return }
        firstTrained = stage.firstTrained
        for (number, group) in learner.optimizer.groups.enumerated() {
            for range in group.entries {
                for index in range {
                    // What was frozen before the fit stays so.
                    learner.arena.entries[index].parameter.isTrainable = former[index] && number >= stage.firstTrained
                }
            }
        }
    }

    /// Puts back what was frozen before.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws {
        for (entry, isTrainable) in zip(learner.arena.entries, former) { entry.parameter.isTrainable = isTrainable }
        former = []
    }
}
