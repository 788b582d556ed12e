/// Stochastic gradient descent with warm restarts (Loshchilov and Hutter 2017, arXiv 1608.03983): the rate falls as a
/// cosine, then begins anew, each time for longer.
///
/// The best weights are those at the end of a cycle. With the first cycle of `len` epochs, n cycles take
/// len (multⁿ − 1) / (mult − 1) epochs, or len n with a multiplier of 1.
open class SGDR: ParameterScheduler {
    private let lrMax: any LearningRates
    private let first: Interval
    private let multiplier: Double
    private let floor: Double

    /// Makes the policy.
    ///
    /// - Parameters:
    ///   - lrMax: the rate at the start of each cycle: one, one a group, or a spread.
    ///   - first: the length of the first cycle.
    ///   - multiplier: what each cycle is longer than the one before, 1 or more.
    ///   - floor: the rate at the end of each cycle, ≥ 0.
    public init(lrMax: some LearningRates, first: Interval = .epochs(1), multiplier: Double = 2, floor: Double = 0) {
        self.lrMax = lrMax
        self.first = first
        self.multiplier = multiplier
        self.floor = floor
        super.init([:])
    }

    /// The rate.
    open override var writes: [Hyperparameter] { [.learningRate] }

    /// A schedule for each group's rate.
    open override func schedules(for learner: Learner) throws -> [(key: Hyperparameter, schedules: [Schedule])] {
        let rates = try lrMax.rates(groups: learner.optimizer.groups.count)
        return [
            (
                .learningRate,
                rates.map { Schedule.cosineRestarts(from: $0, to: floor, first: first, multiplier: multiplier) }
            )
        ]
    }
}
