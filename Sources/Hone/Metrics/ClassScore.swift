/// How scores of single classes become one.
public enum ClassAverage: String, Sendable, Codable, CaseIterable {
    /// The score of class 1, of two classes.
    case binary
    /// The plain mean over classes.
    case macro
    /// The score of all classes' counts together.
    case micro
    /// The mean weighted by how often each class is meant.
    case weighted
}

/// What precision, recall and F keep: the counts of every class.
public struct ClassScoreState: MetricState, Equatable {
    /// The counts.
    public let tally: ClassTally
    let average: ClassAverage
    /// Whether classes that never occur count as well: those whose number was stated do.
    let countsAllClasses: Bool
    /// Precision at 0, recall at infinity, F between; see ``FBeta``.
    let beta: Double

    /// The counts of two disjoint sets of samples together.
    public static func + (a: ClassScoreState, b: ClassScoreState) -> ClassScoreState {
        ClassScoreState(
            tally: a.tally + b.tally, average: a.average, countsAllClasses: a.countsAllClasses, beta: a.beta)
    }

    /// The score of each class; 0 where it would be 0 / 0.
    public var perClass: [Double] {
        tally.right.indices.map { score(tally.right[$0], tally.answered[$0], tally.labelled[$0]) }
    }

    /// (1 + β²) right / (β² labelled + answered)
    private func score(_ right: Int, _ answered: Int, _ labelled: Int) -> Double {
        if beta.isInfinite { return ratio(Double(right), Double(labelled)) }
        let square = beta * beta
        return ratio((1 + square) * Double(right), square * Double(labelled) + Double(answered))
    }

    /// The average; NaN of no samples.
    public var value: Double {
        guard tally.count > 0 else { return .nan }
        let scores = perClass
        switch average {
        case .binary: return scores.count > 1 ? scores[1] : 0
        case .micro:
            return score(tally.right.reduce(0, +), tally.answered.reduce(0, +), tally.labelled.reduce(0, +))
        case .weighted: return zip(scores, tally.labelled).reduce(0) { $0 + $1.0 * Double($1.1) } / Double(tally.count)
        case .macro:
            let counted = scores.indices.filter {
                countsAllClasses || tally.answered[$0] > 0 || tally.labelled[$0] > 0
            }
            return counted.reduce(0) { $0 + scores[$1] } / Double(counted.count)
        }
    }
}

/// What precision, recall and F have in common.
protocol ClassScore: Metric where State == ClassScoreState {
    var average: ClassAverage { get }
    var classes: Int? { get }
    var ignoreIndex: Int? { get }
    var axis: Int { get }
    var weightOfRecall: Double { get }
}

extension ClassScore {
    func score(_ prediction: Tensor, _ target: Tensor) throws -> ClassScoreState {
        let predictions = try ClassPredictions(
            prediction, target, classes: classes ?? (average == .binary ? 2 : nil), ignoreIndex: ignoreIndex,
            axis: axis, metric: name)
        if average == .binary, let classes = predictions.classes, classes != 2 {
            throw TensorError(operation: name, problem: "the average is binary, for \(classes) classes, expected 2")
        }
        return ClassScoreState(
            tally: ClassTally(predictions), average: average, countsAllClasses: classes != nil, beta: weightOfRecall)
    }
}
