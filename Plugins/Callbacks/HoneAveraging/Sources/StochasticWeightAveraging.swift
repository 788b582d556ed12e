import Foundation
import Hone

/// Averages the parameters at the ends of the last epochs, trained at a constant rate (Izmailov et al. 2018, "Averaging
/// Weights Leads to Wider Optima and Better Generalization", algorithm 1).
///
/// From `start` on the rate goes to `rate` over `annealing` as a cosine, and stays there, whatever schedule is set: it
/// modifies the base value, and groups keep their ratio to the last one, which has `rate`. At each epoch's end
/// a ← (n a + p) / (n + 1). When the fit is completed or stopped, the model gets the average, and the running statistics
/// of batch norms are worked out anew in one pass over the training batches. Both can be had by name until the next fit:
/// `learner.withWeights("trained") { … }`, `learner.validate(weights: "swa")`.
open class StochasticWeightAveraging: LearnerCallback {
    /// When averaging begins.
    public let start: Interval
    /// The constant rate, or nil to leave the rate alone.
    public let rate: Double?
    /// How long the rate takes to get there.
    public let annealing: Interval
    /// Whether validations use the average, with batch norms that fit it: a pass over the training batches each.
    public let validatesAverage: Bool

    /// The average, in the layout of the learner's arena; empty before the first.
    @RunState public private(set) var average: [Float] = []
    /// The number of models in it.
    @RunState public private(set) var count = 0

    @RunState private var former: Double?
    private var swap = WeightSwap()
    private var buffers: [(buffer: Buffer, value: Tensor)] = []

    /// Makes the callback.
    ///
    /// - Parameters:
    ///   - start: when averaging begins; not in minutes.
    ///   - rate: the constant rate of the last group, above 0; nil leaves the rate alone.
    ///   - annealing: how long the rate takes to get there; not in minutes.
    ///   - validatesAverage: whether validations use the average.
    public init(
        start: Interval = .fraction(0.75), rate: Double? = nil, annealing: Interval = .epochs(1),
        validatesAverage: Bool = false
    ) {
        self.start = start
        self.rate = rate
        self.annealing = annealing
        self.validatesAverage = validatesAverage
    }

    /// After the schedules, whose rate it modifies.
    open override var phase: Phase { .decide }

    /// Checks the arguments.
    open override func beforeFit(_ learner: Learner) throws {
        for (name, interval) in [("start", start), ("annealing", annealing)] {
            let amount: Double =
                switch interval {
                case .steps(let count), .samples(let count): Double(count)
                case .epochs(let count), .fraction(let count): count
                case .minutes: .nan
                }
            guard amount >= 0 else {
                throw LearnerError.argument(
                    "StochasticWeightAveraging \(name)", value: "\(interval)",
                    expected: "0 or more steps, epochs, samples or a share of the fit")
            }
        }
        if let rate, !(rate > 0 && rate.isFinite) {
            throw LearnerError.argument(
                "StochasticWeightAveraging rate", value: "\(rate)", expected: "a finite number above 0")
        }
        swap.end(learner)
        buffers = []
        learner.provideWeights("swa", prepare: { try BatchNormRefresh.run($0) }, values: { self.average })
    }

    /// Sets the rate of the step to come.
    open override func beforeBatch(_ learner: Learner) throws {
        guard learner.isTraining, let rate else { return }
        let begin = start.steps(in: learner.run.timeline) ?? 0
        let done = learner.run.scheduleStep - begin
        guard done >= 0, let base = learner.optimizer.groups.last?.base[.learningRate] else { return }
        guard base > 0 else {
            throw LearnerError.argument(
                "the scheduled learning rate", value: "\(base)",
                expected: "above 0, since StochasticWeightAveraging multiplies it")
        }
        let first = former ?? base
        former = first
        let length = annealing.steps(in: learner.run.timeline) ?? 0
        let share = length > 0 ? min(1, done / length) : 1
        let value = rate + (first - rate) * (1 + cos(.pi * share)) / 2
        try learner.optimizer.modify(.learningRate, by: value / base, owner: identifier)
    }

    /// Takes the epoch's last parameters into the average.
    open override func afterTrain(_ learner: Learner) throws {
        guard learner.epochIsComplete, learner.run.scheduleStep > (start.steps(in: learner.run.timeline) ?? 0) else {
            return
        }
        count = average.count == learner.arena.count ? count + 1 : 1
        _average.modify { learner.arena.moveAverage(&$0, by: 1 / Double(count)) }
    }

    /// Puts the average into the model, if validations use it.
    open override func beforeValidate(_ learner: Learner) throws {
        guard validatesAverage, count > 0 else { return }
        buffers = learner.model.buffers.map { ($0.buffer, $0.buffer.value) }
        swap.begin(learner, with: average, named: "swa")
        try BatchNormRefresh.run(learner)
    }

    /// Puts the trained parameters back.
    open override func afterValidate(_ learner: Learner) throws { putBack(learner) }

    /// Leaves the average in the model.
    open override func afterFit(_ learner: Learner, _ outcome: FitOutcome) throws {
        if count > 0 { try learner.useWeights("swa") }
    }

    /// Puts the trained parameters back after a validation that failed.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws { putBack(learner) }

    private func putBack(_ learner: Learner) {
        swap.end(learner)
        for (buffer, value) in buffers { buffer.value = value }
        buffers = []
    }
}
