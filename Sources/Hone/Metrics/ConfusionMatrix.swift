/// How often samples of each class were taken for each class.
///
/// ```swift
/// let matrix = try learner.measure(ConfusionMatrix(names: digits.classNames))
/// print(matrix)
/// try matrix.plot().write(to: "confusion.svg")
/// ```
///
/// - Shape: prediction `[samples, ..., classes]` (float32, the largest answers) or `[samples, ...]` (int32), target
///   `[samples, ...]` (int32)
public struct ConfusionMatrix: Metric {
    /// The number of classes, when it is stated.
    public let classes: Int?
    /// The classes' names; their numbers when there are none.
    public let names: [String]
    /// The label of samples that do not count.
    public let ignoreIndex: Int?
    /// Along which axis of the outputs the classes lie: the last, or 1 for `[batch, classes, height, width]`, which is
    /// the default of `CrossEntropy`. Where both are equally long, shapes cannot tell that the wrong one was read.
    public let axis: Int

    /// Makes the metric. Without a number of classes, it is that of the outputs, or the highest that occurs.
    public init(classes: Int? = nil, names: [String] = [], ignoreIndex: Int? = nil, axis: Int = -1) {
        self.classes = classes ?? (names.isEmpty ? nil : names.count)
        self.names = names
        self.ignoreIndex = ignoreIndex
        self.axis = axis
    }

    /// `confusion_matrix`
    public var name: String { "confusion_matrix" }

    /// Higher is better: the value is the share on the diagonal.
    public var direction: Direction { .higherIsBetter }

    /// More classes than this have no table.
    private static let maximumClasses = 4096

    /// The counts of a batch; a label outside the classes is an error.
    public func measure(_ prediction: Tensor, _ target: Tensor) throws -> Counts {
        let predictions = try ClassPredictions(
            prediction, target, classes: classes, ignoreIndex: ignoreIndex, axis: axis, metric: name)
        let highest = predictions.pairs.reduce(-1) { max($0, $1.answer, $1.label) }
        let size = max(predictions.classes ?? 0, highest + 1)
        guard size <= ConfusionMatrix.maximumClasses else {
            throw TensorError(
                operation: name,
                problem: "there are \(size) classes, at most \(ConfusionMatrix.maximumClasses) are counted")
        }
        var counts = Counts(classes: size, names: names)
        for (answer, label) in predictions.pairs { counts.cells[label * size + answer] += 1 }
        return counts
    }

    /// A table of counts: a row for each class that was meant, a column for each that was answered.
    public struct Counts: MetricState, Equatable {
        /// The number of classes.
        public let classes: Int
        /// The classes' names; fewer when some have none.
        public let names: [String]
        fileprivate(set) var cells: [Int]

        init(classes: Int, names: [String]) {
            self.classes = classes
            self.names = names
            cells = [Int](repeating: 0, count: classes * classes)
        }

        /// How often a sample of a class was taken for another (or the same).
        public subscript(label: Int, answer: Int) -> Int {
            guard (0..<classes).contains(label), (0..<classes).contains(answer) else { return 0 }
            return cells[label * classes + answer]
        }

        /// The counts, row by row.
        public var rows: [[Int]] { (0..<classes).map { Array(cells[$0 * classes..<($0 + 1) * classes]) } }

        /// The counts of two disjoint sets of samples together.
        public static func + (a: Counts, b: Counts) -> Counts {
            var sum = Counts(
                classes: max(a.classes, b.classes), names: a.names.count >= b.names.count ? a.names : b.names)
            for part in [a, b] {
                for label in 0..<part.classes {
                    for answer in 0..<part.classes {
                        sum.cells[label * sum.classes + answer] += part.cells[label * part.classes + answer]
                    }
                }
            }
            return sum
        }

        /// The share of samples on the diagonal; NaN of nothing.
        public var value: Double {
            let total = cells.reduce(0, +)
            let right = (0..<classes).reduce(0) { $0 + self[$1, $1] }
            return total == 0 ? .nan : Double(right) / Double(total)
        }

        /// The classes that are confused most: who was meant, what was answered, and how often; the most frequent first.
        public func mostConfused(atLeast count: Int = 1) -> [(label: String, answer: String, count: Int)] {
            (0..<classes).flatMap { label in
                (0..<classes).compactMap { answer -> (label: String, answer: String, count: Int)? in
                    guard label != answer, self[label, answer] >= count else { return nil }
                    return (name(label), name(answer), self[label, answer])
                }
            }.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.map(\.element)
        }

        fileprivate func name(_ index: Int) -> String { index < names.count ? names[index] : "\(index)" }
    }
}

extension ConfusionMatrix.Counts: CustomStringConvertible {
    /// A table with a row for each class that was meant and a column for each that was answered.
    public var description: String {
        let names = (0..<classes).map(name)
        return TextTable(
            header: ["actual \\ predicted"] + names,
            rows: (0..<classes).map { label in [names[label]] + (0..<classes).map { "\(self[label, $0])" } }
        ).description
    }

    /// The table as a heat map, the first class at the top.
    public func plot() -> Chart {
        let names = (0..<classes).map(name)
        var chart = Chart(
            title: "Confusion matrix", x: Axis("predicted", categories: names),
            y: Axis("actual", categories: names, reversed: true))
        chart.add(.heatMap(rows.map { $0.map(Double.init) }, showsValues: true))
        return chart
    }
}
