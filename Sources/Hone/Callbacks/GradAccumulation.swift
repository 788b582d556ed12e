/// Makes one optimizer step of several batches.
///
/// The gradient is that of all their samples together: the sums of the losses divided by the sum of their counts, also
/// for a short last window, which is stepped at the end of its epoch. Schedules move with steps.
open class GradAccumulation: LearnerCallback {
    private enum Size {
        case fixed(Int)
        case scheduled(Schedule)
    }

    private let size: Size
    private let countsSamples: Bool

    /// Steps after every so many batches, at least 1.
    public init(batches: Int) {
        size = .fixed(batches)
        countsSamples = false
    }

    /// Steps as soon as so many samples have come together, at least 1.
    public init(samples: Int) {
        size = .fixed(samples)
        countsSamples = true
    }

    /// Steps after a number of batches that changes over the run, rounded, at least 1. The schedule is followed by the
    /// samples seen, as if every step were one batch of the loader's size: `.steps(100)` are 100 such batches, and
    /// `.fraction(0.5)` is half of the samples. A window under way keeps its size.
    public init(batches: Schedule) {
        size = .scheduled(batches)
        countsSamples = false
    }

    /// Steps as soon as a number of samples that changes over the run has come together; followed as for batches.
    public init(samples: Schedule) {
        size = .scheduled(samples)
        countsSamples = true
    }

    /// Fits, and trials such as the rate finder's, whose steps are then of the same kind; a trial has the first window.
    open override var joins: RunKinds { [.fit, .probe] }

    /// ``Phase/prepare``
    open override var phase: Phase { .prepare }

    /// Sets the loop's accumulation stage.
    open override func beforeFit(_ learner: Learner) throws {
        switch size {
        case .fixed(let size): try learner.stages.setAccumulation(window(checked(size)), owner: learner.speaker)
        case .scheduled(let schedule):
            let sizes = try ScheduledSize(schedule, learner)
            let first = window(try checked(sizes.first))
            try learner.stages.setAccumulation(first, owner: learner.speaker)
            guard learner.run.kind == .fit else { return }
            try learner.stages.setAccumulation(owner: learner.speaker) { [window] place in
                window(max(1, sizes.size(at: place)))
            }
        }
    }

    private func window(_ size: Int) -> AccumulationWindow { countsSamples ? .samples(size) : .batches(size) }

    private func checked(_ size: Int) throws -> Int {
        guard size >= 1 else {
            throw LearnerError.argument("GradAccumulation window", value: "\(size)", expected: "at least 1")
        }
        return size
    }
}

/// A schedule of whole numbers over the samples of a run.
struct ScheduledSize {
    private let schedule: Schedule
    private let timeline: Timeline
    private let batchSize: Int
    private let samplesPerEpoch: Int

    /// Follows a schedule as if every step were one batch of the loader's size.
    ///
    /// - Throws: ``ScheduleError`` for a schedule that cannot be followed over the run.
    init(_ schedule: Schedule, _ learner: Learner) throws {
        let loader = learner.data.train
        self.schedule = schedule
        batchSize = loader.batchSize
        samplesPerEpoch = learner.samplesPerEpoch
        let perEpoch = Double(samplesPerEpoch) / Double(batchSize)
        // A trial has as many epochs as it takes.
        let steps = perEpoch * Double(min(learner.run.totalEpochs, 1 << 24))
        timeline = Timeline(
            totalSteps: Int(min(steps.rounded(.up), 1e15)), stepsPerEpoch: perEpoch, samplesPerStep: Double(batchSize))
        try schedule.validate()
        try schedule.validate(in: timeline)
    }

    /// The size of the run's first window.
    var first: Int { rounded(schedule.value(at: 0, in: timeline)) }

    func size(at place: WindowPlace) -> Int {
        let step = place.epochs * Double(samplesPerEpoch) / Double(batchSize)
        // A share of an epoch may miss a whole step by rounding.
        return rounded(schedule.value(at: Int((step + 1e-9).rounded(.down)), in: timeline))
    }

    private func rounded(_ value: Double) -> Int { Int(exactly: value.rounded()) ?? 0 }
}
