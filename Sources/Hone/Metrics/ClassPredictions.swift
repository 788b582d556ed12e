/// Classes that a model has answered and those that were right, as counting metrics read them.
struct ClassPredictions {
    /// Answer and label of each sample that counts.
    let pairs: [(answer: Int, label: Int)]

    /// The number of classes that the prediction or the metric states; nil when none does.
    let classes: Int?

    /// More classes than this are taken for a mistake, lest one strange label take all memory.
    static let maximumClasses = 1 << 20

    /// Reads a batch.
    ///
    /// - Parameters:
    ///   - prediction: outputs `[samples, ..., classes]` (float32), of which the largest answers, or answers
    ///     `[samples, ...]` (int32).
    ///   - target: labels `[samples, ...]` (int32).
    ///   - classes: how many classes there are, when that is stated.
    ///   - ignoreIndex: the label of samples that do not count.
    /// - Throws: `TensorError` for shapes and types that do not fit, `LabelError` for a label outside the classes.
    init(_ prediction: Tensor, _ target: Tensor, classes: Int?, ignoreIndex: Int?, metric: String) throws {
        let isOutputs = prediction.elementType == .float32
        let answers = isOutputs && prediction.rank > 0 ? prediction.argmax(axis: -1) : prediction
        try throwPendingTensorError()
        guard target.elementType == .int32, answers.elementType == .int32, answers.shape == target.shape else {
            throw TensorError(
                operation: metric,
                problem:
                    "predictions are \(prediction.elementType) \(prediction.shape) and targets \(target.elementType) "
                    + "\(target.shape), expected float32 [..., classes] or int32 [...] and int32 [...]")
        }
        if isOutputs, let classes, prediction.shape[-1] != classes {
            throw TensorError(
                operation: metric, problem: "outputs are of \(prediction.shape[-1]) classes, expected \(classes)")
        }
        let stated = classes ?? (isOutputs ? prediction.shape[-1] : nil)
        let limit = stated ?? ClassPredictions.maximumClasses
        let (found, labels) = (answers.integers, target.integers)
        var pairs: [(answer: Int, label: Int)] = []
        pairs.reserveCapacity(labels.count)
        for row in labels.indices where labels[row] != ignoreIndex.flatMap(Int32.init(exactly:)) {
            for value in [labels[row], found[row]] where value < 0 || Int(value) >= limit {
                throw LabelError(operation: metric, label: Int(value), row: row, classes: limit)
            }
            pairs.append((Int(found[row]), Int(labels[row])))
        }
        self.pairs = pairs
        self.classes = stated
    }
}

/// How often each class was right, answered, and meant.
public struct ClassTally: Sendable, Equatable {
    /// Right answers by class.
    public private(set) var right: [Int] = []
    /// Answers by class.
    public private(set) var answered: [Int] = []
    /// Labels by class.
    public private(set) var labelled: [Int] = []

    init(_ predictions: ClassPredictions) {
        grow(to: predictions.classes ?? 0)
        for (answer, label) in predictions.pairs {
            grow(to: max(answer, label) + 1)
            answered[answer] += 1
            labelled[label] += 1
            if answer == label { right[label] += 1 }
        }
    }

    private mutating func grow(to classes: Int) {
        let missing = classes - right.count
        guard missing > 0 else { return }
        let zeros = [Int](repeating: 0, count: missing)
        right += zeros
        answered += zeros
        labelled += zeros
    }

    static func + (a: ClassTally, b: ClassTally) -> ClassTally {
        var sum = a
        sum.grow(to: b.right.count)
        for index in b.right.indices {
            sum.right[index] += b.right[index]
            sum.answered[index] += b.answered[index]
            sum.labelled[index] += b.labelled[index]
        }
        return sum
    }

    /// The number of samples.
    var count: Int { labelled.reduce(0, +) }
}

/// a / b, and 0 for nothing out of nothing: scikit-learn's `zero_division=0`.
func ratio(_ a: Double, _ b: Double) -> Double { b == 0 ? 0 : a / b }
