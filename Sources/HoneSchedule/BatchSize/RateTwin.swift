extension Schedule {
    /// The twin of a batch-size schedule in which the batch is fixed and the rate moves: the inverse of
    /// ``asBatchSize(base:dataset:max:rate:)``.
    ///
    /// The values of this schedule are batch sizes B, used with a fixed rate. The twin is a rate schedule for the fixed
    /// batch size `base` with the same noise scale g = ε(N/B − 1) (Smith & Le 2017):
    /// ε = rate·(N/B − 1)/(N/base − 1). A batch above N counts as N, where the rate is 0.
    ///
    /// - Parameters:
    ///   - rate: the learning rate that goes with this batch-size schedule, above 0.
    ///   - base: the batch size of the twin, 1 ..< dataset.
    ///   - dataset: the number of training samples N.
    public func asLearningRate(rate: Double, base: Int, dataset: Int) -> Schedule {
        Schedule(.rateTwin(RateTwin(schedule: self, rate: rate, base: base, dataset: dataset)))
    }
}

/// A batch-size schedule turned into a rate schedule.
struct RateTwin: ScheduleShape {
    var schedule: Schedule
    var rate: Double
    var base: Int
    var dataset: Int

    func value(at moment: Moment) -> Double { rate(forBatch: schedule.node.value(at: moment)) }

    private func rate(forBatch batch: Double) -> Double {
        let samples = Double(dataset)
        if !(batch > 0) { return .nan }
        return rate * (samples / min(batch, samples) - 1) / (samples / Double(base) - 1)
    }

    var expression: String {
        "\(schedule.node.shape.expression).asLearningRate(rate: \(literal(rate)), base: \(base), dataset: \(dataset))"
    }

    var bounds: ClosedRange<Double>? {
        schedule.bounds.flatMap { range(rate(forBatch: $0.lowerBound), rate(forBatch: $0.upperBound)) }
    }

    var parts: [Schedule] { [schedule] }

    func check() throws {
        try require(rate.isFinite && rate > 0, "asLearningRate(rate:)", "a finite number above 0", rate)
        if dataset < 2 {
            throw ScheduleError.invalid(parameter: "asLearningRate(dataset:)", expected: "2 or more", got: "\(dataset)")
        }
        if !(1..<dataset).contains(base) {
            throw ScheduleError.invalid(
                parameter: "asLearningRate(base:)", expected: "in 1..<\(dataset)", got: "\(base)")
        }
    }
}
