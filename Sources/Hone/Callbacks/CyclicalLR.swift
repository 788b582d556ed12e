/// Cyclical learning rates (Smith 2015, arXiv 1506.01186): from base to peak and back, over and over, with the momentum
/// doing the opposite.
///
/// An optimizer without momentum has its rate cycled alone.
open class CyclicalLR: ParameterScheduler {
    private let base: any LearningRates
    private let peak: any LearningRates
    private let halfCycle: Interval
    private let down: Interval
    private let window: Schedule.Window
    private let envelope: Schedule.Envelope
    private let moms: (high: Double, low: Double)?

    /// Makes the policy.
    ///
    /// - Parameters:
    ///   - base: the rate at the start of each cycle: one, one a group, or a spread.
    ///   - peak: the rate in the middle; Smith finds both with a range test, and else takes base = peak / 3 or peak / 4.
    ///   - halfCycle: the length of a rise, Smith's step size: 2 to 10 epochs.
    ///   - down: the length of a fall; that of a rise when nil.
    ///   - window: the shape of a cycle.
    ///   - envelope: how cycles shrink.
    ///   - moms: the momentum where the rate is lowest and where it is highest, PyTorch's; nil leaves it alone.
    public init(
        base: some LearningRates, peak: some LearningRates, halfCycle: Interval = .epochs(2), down: Interval? = nil,
        window: Schedule.Window = .triangular, envelope: Schedule.Envelope = .constant,
        moms: (high: Double, low: Double)? = (0.9, 0.8)
    ) {
        self.base = base
        self.peak = peak
        self.halfCycle = halfCycle
        self.down = down ?? halfCycle
        self.window = window
        self.envelope = envelope
        self.moms = moms
        super.init([:])
    }

    /// The rate, and the momentum unless it is left alone.
    open override var writes: [Hyperparameter] { moms == nil ? [.learningRate] : [.learningRate, .momentum] }

    /// A cycle for each group's rate, and one for the momentum.
    open override func schedules(for learner: Learner) throws -> [(key: Hyperparameter, schedules: [Schedule])] {
        let groups = learner.optimizer.groups.count
        let rates = try zip(base.rates(groups: groups), peak.rates(groups: groups)).map {
            Schedule.cyclical(base: $0, peak: $1, up: halfCycle, down: down, window: window, envelope: envelope)
        }
        guard let moms, learner.optimizer.has(.momentum) else { return [(.learningRate, rates)] }
        let momentum = Schedule.cyclicalMomentum(
            high: moms.high, low: moms.low, up: halfCycle, down: down, window: window, envelope: momentumEnvelope)
        return [(.learningRate, rates), (.momentum, [momentum])]
    }

    /// What shrinks with the rate: where its bounds fall, those of the momentum stay, or it would go towards 0.
    private var momentumEnvelope: Schedule.Envelope {
        if case .exponentialBounds(let gamma) = envelope { .exponentialAmplitude(gamma: gamma) } else { envelope }
    }
}
