/// The one-cycle policy (Smith and Topin 2017) in fastai's form; see ``Learner/fitOneCycle(_:lrMax:div:divFinal:pctStart:moms:validateEvery:rehearsal:callbacks:)``.
///
/// An optimizer without momentum has its rate cycled alone.
open class OneCycle: ParameterScheduler {
    private let lrMax: any LearningRates
    private let div: Double
    private let divFinal: Double
    private let pctStart: Double
    private let moms: (Double, Double, Double)

    /// Makes the policy.
    ///
    /// - Parameters:
    ///   - lrMax: the highest rate: one, one a group, or a spread.
    ///   - div: what divides it at the start, > 0.
    ///   - divFinal: what divides it at the end, > 0.
    ///   - pctStart: the share of steps that the rise takes, 0...1.
    ///   - moms: the momentum at the start, at the peak and at the end.
    public init(
        lrMax: some LearningRates, div: Double = 25, divFinal: Double = 1e5, pctStart: Double = 0.25,
        moms: (Double, Double, Double) = (0.95, 0.85, 0.95)
    ) {
        self.lrMax = lrMax
        self.div = div
        self.divFinal = divFinal
        self.pctStart = pctStart
        self.moms = moms
        super.init([:])
    }

    /// The rate and the momentum.
    open override var writes: [Hyperparameter] { [.learningRate, .momentum] }

    /// A cycle for each group's rate, and one for the momentum.
    open override func schedules(for learner: Learner) throws -> [(key: Hyperparameter, schedules: [Schedule])] {
        let rates = try lrMax.rates(groups: learner.optimizer.groups.count).map {
            Schedule.oneCycle(max: $0, div: div, divFinal: divFinal, pctStart: pctStart)
        }
        let momentum = Schedule.oneCycleMomentum(moms.0, moms.1, moms.2, pctStart: pctStart)
        return [(.learningRate, rates)] + (learner.optimizer.has(.momentum) ? [(.momentum, [momentum])] : [])
    }
}
