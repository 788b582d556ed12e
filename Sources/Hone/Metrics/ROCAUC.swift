/// The area under the receiver operating characteristic: the probability that a sample of the class has a higher score
/// than one of another; equal scores count half (Hanley and McNeil 1982).
///
/// Of two classes it is that of class 1. Of more it is the mean over classes of each against the rest, plain (`macro`) or
/// weighted by how often each is meant (`weighted`), over those classes for which there are samples of both kinds; NaN
/// when there are none. All scores are kept until the value is read.
/// - Shape: prediction `[samples]`, `[samples, 1]` or `[samples, classes]` (float32), target `[samples]` (int32)
public struct ROCAUC: Metric {
    /// `macro` or `weighted`.
    public let average: ClassAverage
    /// Whether outputs for several classes are logits, of which the softmax is taken, rather than scores as they are.
    public let logits: Bool

    /// Makes the metric; another average is an error of the first batch.
    public init(average: ClassAverage = .macro, logits: Bool = true) {
        self.average = average
        self.logits = logits
    }

    /// All scores by sample, and all labels.
    public struct State: MetricState {
        /// Batch by batch: to join them at every addition would copy all that came before.
        var parts: [(scores: [Float], labels: [Int32])]
        /// Scores a sample: 1 when they are of class 1 alone.
        let width: Int
        let average: ClassAverage

        /// Both together.
        public static func + (a: State, b: State) -> State {
            State(parts: a.parts + b.parts, width: a.width, average: a.average)
        }

        /// The area.
        public var value: Double {
            let (scores, labels) = (parts.flatMap(\.scores), parts.flatMap(\.labels))
            func area(_ column: Int, _ positive: Int32) -> Double {
                State.area(
                    labels.indices.map { (score: scores[$0 * width + column], isPositive: labels[$0] == positive) })
            }
            if width == 1 { return area(0, 1) }
            var (sum, weights) = (0.0, 0.0)
            for column in 0..<width {
                let area = area(column, Int32(column))
                if area.isNaN { continue }
                let weight = average == .weighted ? Double(labels.count { $0 == Int32(column) }) : 1
                sum += weight * area
                weights += weight
            }
            return weights == 0 ? .nan : sum / weights
        }

        private static func area(_ samples: [(score: Float, isPositive: Bool)]) -> Double {
            let ranked = samples.sorted { $0.score < $1.score }
            guard !ranked.contains(where: { $0.score.isNaN }) else { return .nan }
            var (wins, below, positives) = (0.0, 0.0, 0.0)
            var start = 0
            while start < ranked.count {
                var (here, others) = (0.0, 0.0)
                var end = start
                while end < ranked.count, ranked[end].score == ranked[start].score {
                    if ranked[end].isPositive { here += 1 } else { others += 1 }
                    end += 1
                }
                wins += here * (below + others / 2)
                below += others
                positives += here
                start = end
            }
            return positives == 0 || below == 0 ? .nan : wins / (positives * below)
        }
    }

    /// `roc_auc`
    public var name: String { "roc_auc" }

    /// Higher is better.
    public var direction: Direction { .higherIsBetter }

    /// The scores of a batch; a label outside the classes is an error.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> State {
        try throwPendingTensorError()
        guard average == .macro || average == .weighted else {
            throw LearnerError.argument("average", value: average.rawValue, expected: "macro or weighted")
        }
        let samples = target.rank == 1 ? target.shape[0] : -1
        let shape = prediction.shape.array
        guard prediction.elementType == .float32, target.elementType == .int32, shape.first == samples,
            shape.count == 1 || shape.count == 2 && shape[1] > 0
        else {
            throw TensorError(
                operation: name,
                problem:
                    "predictions are \(prediction.elementType) \(prediction.shape) and targets \(target.elementType) "
                    + "\(target.shape), expected float32 [samples] or [samples, classes] and int32 [samples]")
        }
        let columns = shape.count == 1 ? 1 : shape[1]
        let labels = target.integers
        if let row = labels.firstIndex(where: { $0 < 0 || Int($0) >= max(2, columns) }) {
            throw LabelError(operation: name, label: Int(labels[row]), row: row, classes: max(2, columns))
        }
        let scores: [Float]
        if columns == 2 {
            let outputs = prediction.scalars
            // The softmax of class 1 rises with the difference of the logits.
            scores = labels.indices.map { logits ? outputs[2 * $0 + 1] - outputs[2 * $0] : outputs[2 * $0 + 1] }
        } else {
            scores = (logits && columns > 2 ? prediction.softmax() : prediction).scalars
        }
        try throwPendingTensorError()
        return State(parts: [(scores, labels)], width: columns == 2 ? 1 : columns, average: average)
    }
}
