/// A flat rate, then a cosine down: fastai's `fit_flat_cos`, usual with Ranger and other optimizers that warm up
/// themselves.
open class FlatCosine: ParameterScheduler {
    private let rate: any LearningRates
    private let divFinal: Double
    private let pctStart: Double

    /// Makes the policy.
    ///
    /// - Parameters:
    ///   - lr: the rate of the flat part: one, one a group, or a spread.
    ///   - divFinal: what divides it at the end, > 0.
    ///   - pctStart: the share of steps that is flat, 0...1.
    public init(lr: some LearningRates, divFinal: Double = 1e5, pctStart: Double = 0.75) {
        rate = lr
        self.divFinal = divFinal
        self.pctStart = pctStart
        super.init([:])
    }

    /// The rate.
    open override var writes: [Hyperparameter] { [.learningRate] }

    /// A schedule for each group's rate.
    open override func schedules(for learner: Learner) throws -> [(key: Hyperparameter, schedules: [Schedule])] {
        let rates = try rate.rates(groups: learner.optimizer.groups.count)
        return [
            (.learningRate, rates.map { Schedule.flatCosine($0, divFinal: divFinal, pctStart: pctStart) })
        ]
    }
}
