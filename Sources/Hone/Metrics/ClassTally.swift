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
