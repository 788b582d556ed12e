/// The share of the targets' variance that predictions explain: 1 − Σ(y − ŷ)² / Σ(y − ȳ)², averaged over outputs.
///
/// As in scikit-learn, an output whose targets are all equal has 1 if it is met exactly and else 0; fewer than two samples
/// give NaN.
/// - Shape: prediction and target `[samples]` or `[samples, outputs...]`
public struct R2: Metric {
    /// Makes the metric.
    public init() {}

    /// Of each output: the samples, the mean of targets, the squares about it, and the squares of errors.
    public struct State: MetricState, Equatable {
        var count: Double
        var means: [Double]
        var spreads: [Double]
        var errors: [Double]

        /// Both together, by the parallel formula of Chan, Golub and LeVeque (1983), which loses no digits.
        public static func + (a: State, b: State) -> State {
            if a.count == 0 { return b }
            if b.count == 0 { return a }
            var sum = a
            sum.count = a.count + b.count
            for index in a.means.indices where index < b.means.count {
                let distance = b.means[index] - a.means[index]
                sum.means[index] += distance * b.count / sum.count
                sum.spreads[index] += b.spreads[index] + distance * distance * a.count * b.count / sum.count
                sum.errors[index] += b.errors[index]
            }
            return sum
        }

        /// The mean over outputs.
        public var value: Double {
            guard count >= 2, !means.isEmpty else { return .nan }
            let scores = means.indices.map { index in
                spreads[index] == 0 ? (errors[index] == 0 ? 1 : 0) : 1 - errors[index] / spreads[index]
            }
            return scores.reduce(0, +) / Double(scores.count)
        }
    }

    /// `r2`
    public var name: String { "r2" }

    /// Higher is better.
    public var direction: Direction { .higherIsBetter }

    /// The squares of a batch.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> State {
        let (values, truths) = try comparable(prediction, target, metric: name)
        guard target.rank > 0 else {
            throw TensorError(operation: name, problem: "targets are a scalar, expected [samples, ...]")
        }
        let samples = target.shape[0]
        let outputs = target.shape.array.dropFirst().reduce(1, *)
        var state = State(count: Double(samples), means: [], spreads: [], errors: [])
        for output in 0..<outputs {
            let places = (0..<samples).map { $0 * outputs + output }
            let mean = samples == 0 ? 0 : places.reduce(0) { $0 + Double(truths[$1]) } / Double(samples)
            state.means.append(mean)
            state.spreads.append(places.reduce(0) { $0 + (Double(truths[$1]) - mean) * (Double(truths[$1]) - mean) })
            state.errors.append(
                places.reduce(0) {
                    $0 + (Double(truths[$1]) - Double(values[$1])) * (Double(truths[$1]) - Double(values[$1]))
                })
        }
        return state
    }
}
