import Foundation
import Hone
import Testing

/// One metric with data that it measures; the metrics of this list are all there are.
private struct Registered: Sendable {
    let type: String
    let direction: Direction
    let metric: any Metric
    let prediction: Tensor
    let target: Tensor

    init(_ metric: any Metric, _ direction: Direction, _ prediction: Tensor, _ target: Tensor) {
        type = "\(Swift.type(of: metric))"
        self.metric = metric
        self.direction = direction
        self.prediction = prediction
        self.target = target
    }

    private static let key = RandomKey(seed: 5)
    private static let outputs = Tensor.normal([24, 4], key: key.derived("outputs"))
    private static let labels = Tensor((0..<24).map { Int32($0 * 7 % 4) }, shape: [24])
    private static let values = Tensor.normal([24, 2], key: key.derived("values"))
    private static let truths = Tensor.normal([24, 2], key: key.derived("truths"))

    static let all = [
        Registered(Accuracy(), .higherIsBetter, outputs, labels),
        Registered(TopKAccuracy(2), .higherIsBetter, outputs, labels),
        Registered(Precision(), .higherIsBetter, outputs, labels),
        Registered(Recall(average: .weighted), .higherIsBetter, outputs, labels),
        Registered(F1(average: .micro), .higherIsBetter, outputs, labels),
        Registered(FBeta(2), .higherIsBetter, outputs, labels),
        Registered(ROCAUC(), .higherIsBetter, outputs, labels),
        Registered(ConfusionMatrix(), .higherIsBetter, outputs, labels),
        Registered(CohenKappa(), .higherIsBetter, outputs, labels),
        Registered(MatthewsCorrelation(), .higherIsBetter, outputs, labels),
        Registered(BalancedAccuracy(), .higherIsBetter, outputs, labels),
        Registered(Perplexity(), .lowerIsBetter, outputs, labels),
        Registered(MeanAbsoluteError(), .lowerIsBetter, values, truths),
        Registered(MeanSquaredError(), .lowerIsBetter, values, truths),
        Registered(RootMeanSquaredError(), .lowerIsBetter, values, truths),
        Registered(R2(), .higherIsBetter, values, truths),
        Registered(
            FunctionMetric("bias", .lowerIsBetter) { Double(($0 - $1).mean().item()) }, .lowerIsBetter, values, truths),
        Registered(
            CollectedMetric("product", .lowerIsBetter) { Double(($0 * $1).sum().item()) }, .lowerIsBetter, values,
            truths),
    ]

    /// The value over groups of rows, added in their order.
    func value(_ groups: [[Int32]]) throws -> Double { try Registered.value(metric, prediction, target, groups) }

    private static func value<M: Metric>(_ metric: M, _ x: Tensor, _ y: Tensor, _ groups: [[Int32]]) throws -> Double {
        let parts = try groups.map { try metric.measure(x.rows($0), y.rows($0)) }
        return parts.dropFirst().reduce(parts[0]) { $0 + $1 }.value
    }
}

@Suite struct MetricTests {
    @Test func everyMetricIsRegistered() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/Hone/Metrics")
        var found: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            found.formUnion(metrics(declaredIn: text))
        }
        #expect(found == Set(Registered.all.map(\.type)))
    }

    /// The types that a source declares to be metrics, in whatever place of the list of what they conform to.
    private func metrics(declaredIn text: String) -> [String] {
        text.matches(of: /(?:struct|class|enum|actor|extension) (?:\w+\.)?(\w+)(?:<[^>]*>)?\s*:([^{]*)\{/).compactMap {
            match in
            let conformances = match.2.split(whereSeparator: { ", \n&".contains($0) })
            return conformances.prefix { $0 != "where" }.contains("Metric") ? String(match.1) : nil
        }
    }

    @Test func metricsAreFoundInAnyFormOfDeclaration() {
        let text = """
            public struct A: Metric {}
            struct B: Sendable, Metric, Equatable {
            public final class C<X: Metric>:
                Sendable,
                Metric
            {
            extension D: Metric where X: Sendable {}
            extension Hone.E : Sendable&Metric {}
            struct No: MetricState {}
            extension No: Other where X: Metric {}
            protocol ClassScore: Metric where State == ClassScoreState {}
            """
        #expect(metrics(declaredIn: text) == ["A", "B", "C", "D", "E"])
    }

    @Test(arguments: Registered.all.indices)
    func partsAddUpToTheWholeInAnyOrder(index: Int) throws {
        let registered = Registered.all[index]
        let rows = (0..<24).map { Int32($0) }
        let whole = try registered.value([rows])
        #expect(whole.isFinite)
        #expect(registered.metric.direction == registered.direction)
        let parts = [Array(rows[0..<7]), Array(rows[7..<8]), Array(rows[8..<24])]
        for groups in [parts, parts.reversed(), [Array(rows.reversed())], parts + [[]], [[]] + parts] {
            #expect(isClose(try registered.value(groups), whole), "\(registered.type)")
        }
        // Nothing has no value, and the metric does tell good from bad.
        #expect(try registered.value([[]]).isNaN, "\(registered.type)")
    }

    @Test(arguments: Registered.all.indices)
    func shapesThatDoNotFitAreErrorsThatNameTheMetric(index: Int) throws {
        let registered = Registered.all[index]
        if registered.metric is FunctionMetric { return }
        func measure<M: Metric>(_ metric: M, _ target: Tensor) throws {
            _ = try metric.measure(registered.prediction, target)
        }
        let error = #expect(throws: TensorError.self) { try measure(registered.metric, Tensor.zeros([23, 3])) }
        #expect(error?.operation == registered.metric.name)
    }

    @Test func perfectAnswersHaveTheBestValue() throws {
        let labels = Tensor([Int32(0), 2, 1, 1], shape: [4])
        let outputs = Tensor([[9, 0, 0], [0, 0, 9], [0, 9, 0], [0, 9, 0]])
        func value<M: Metric>(_ metric: M) throws -> Double { try metric.measure(outputs, labels).value }
        for metric in Registered.all.map(\.metric) where metric.direction == .higherIsBetter && !(metric is R2) {
            #expect(try value(metric) == 1, "\(metric.name)")
        }
        #expect(isClose(try value(Perplexity()), 1 + 2 * Foundation.exp(-9)))
        #expect(try R2().measure(outputs, outputs).value == 1)
    }

    @Test func nothingOutOfNothingIsZero() throws {
        let (answers, labels) = (Tensor([Int32(0), 0], shape: [2]), Tensor([Int32(1), 1], shape: [2]))
        for value in [
            try Precision().measure(answers, labels).value, try Recall().measure(answers, labels).value,
            try F1().measure(answers, labels).value, try MatthewsCorrelation().measure(answers, labels).value,
            try CohenKappa().measure(answers, labels).value,
        ] { #expect(value == 0) }
        let same = Tensor([Int32(1), 1], shape: [2])
        #expect(try CohenKappa().measure(same, labels).value == 0)
        #expect(try MatthewsCorrelation().measure(same, labels).value == 0)
        // A class that never occurs counts only when the number of classes is stated.
        #expect(try F1().measure(same, labels).value == 1)
        #expect(try F1(classes: 4).measure(same, labels).value == 0.25)
        #expect(try BalancedAccuracy(classes: 4).measure(same, labels).value == 1)
        #expect(try ROCAUC().measure(Tensor([1, 2]), labels).value.isNaN)
    }

    @Test func labelsOutsideTheClassesAreErrors() throws {
        let outputs = Tensor.zeros([2, 3])
        for bad in [3, -1] as [Int32] {
            let labels = Tensor([0, bad], shape: [2])
            let error = #expect(throws: LabelError.self) { _ = try F1().measure(outputs, labels) }
            #expect(error?.label == Int(bad) && error?.row == 1 && error?.classes == 3)
            #expect(throws: LabelError.self) { _ = try ConfusionMatrix().measure(outputs, labels) }
            #expect(throws: LabelError.self) { _ = try TopKAccuracy(1).measure(outputs, labels) }
            #expect(throws: LabelError.self) { _ = try Perplexity().measure(outputs, labels) }
            #expect(throws: LabelError.self) { _ = try ROCAUC().measure(outputs, labels) }
        }
        let huge = Tensor([Int32.max], shape: [1])
        #expect(throws: LabelError.self) { _ = try Precision().measure(huge, huge) }
        #expect(throws: TensorError.self) {
            _ = try F1(average: .binary).measure(outputs, Tensor([Int32(0), 1], shape: [2]))
        }
        #expect(throws: TensorError.self) {
            _ = try TopKAccuracy(4).measure(outputs, Tensor([Int32(0), 1], shape: [2]))
        }
        #expect(throws: LearnerError.self) { _ = try FBeta(-1).measure(outputs, Tensor([Int32(0), 1], shape: [2])) }
    }

    @Test func ignoredLabelsDoNotCount() throws {
        let outputs = Tensor([[2, 1], [2, 1], [0, 1]])
        let labels = Tensor([Int32(0), -1, 1], shape: [3])
        #expect(try Accuracy(ignoreIndex: -1).measure(outputs, labels) == MeanState(sum: 2, count: 2))
        #expect(try F1(ignoreIndex: -1).measure(outputs, labels).value == 1)
        #expect(try ConfusionMatrix(ignoreIndex: -1).measure(outputs, labels).rows == [[1, 0], [0, 1]])
    }

    /// Every metric of classes, along an axis and by the same reading of outputs that were laid out for it.
    @Test(arguments: [(1, [0, 2, 3, 1]), (0, [1, 2, 3, 0]), (-2, [0, 1, 3, 2]), (-1, [0, 1, 2, 3])])
    func classesLieAlongTheAxisThatIsStated(axis: Int, order: [Int]) throws {
        // All axes are of one length, so that the wrong one would be read in silence.
        let outputs = Tensor.normal([3, 3, 3, 3], key: RandomKey(seed: 11))
        let labels = Tensor((0..<27).map { Int32($0 * 5 % 7 % 3) }, shape: [3, 3, 3])
        let inverse = (0..<4).map { place in order.firstIndex(of: place) ?? 0 }
        let perfect = (labels.oneHot(classes: 3) * 9).permuted(inverse)
        func expectEqual<M: Metric>(_ metric: M, _ last: M) throws {
            let value = try metric.measure(outputs, labels).value
            #expect(value == (try last.measure(outputs.permuted(order), labels).value), "\(metric.name)")
            // Perfect answers along this axis are perfect, and read along another they are not.
            let best = try metric.measure(perfect, labels).value
            #expect(isClose(best, metric is Perplexity ? 1 + 2 * Foundation.exp(-9) : 1), "\(metric.name)")
            let misread = try last.measure(perfect, labels).value
            #expect(axis == -1 || !isClose(misread, best), "\(metric.name)")
            // Outputs without that axis are an error that names it.
            let error = #expect(throws: TensorError.self) {
                _ = try metric.measure(Tensor.zeros([]), Tensor([Int32(0)], shape: [1]))
            }
            #expect(error?.operation == metric.name && error?.problem.contains("axis \(axis)") == true)
        }
        try expectEqual(Accuracy(axis: axis), Accuracy())
        try expectEqual(TopKAccuracy(2, axis: axis), TopKAccuracy(2))
        try expectEqual(Precision(axis: axis), Precision())
        try expectEqual(Recall(axis: axis), Recall())
        try expectEqual(F1(axis: axis), F1())
        try expectEqual(FBeta(2, axis: axis), FBeta(2))
        try expectEqual(BalancedAccuracy(axis: axis), BalancedAccuracy())
        try expectEqual(CohenKappa(axis: axis), CohenKappa())
        try expectEqual(MatthewsCorrelation(axis: axis), MatthewsCorrelation())
        try expectEqual(ConfusionMatrix(axis: axis), ConfusionMatrix())
        try expectEqual(Perplexity(axis: axis), Perplexity())
    }

    /// A segmentation's outputs, `[batch, classes, height, width]`, as the default of `CrossEntropy` reads them.
    @Test func metricsFollowTheClassesOfASegmentation() throws {
        let outputs = Tensor.normal([2, 5, 4, 3], key: RandomKey(seed: 12))
        let labels = Tensor((0..<24).map { Int32($0 % 5) }, shape: [2, 4, 3])
        let loss = CrossEntropy().evaluate(outputs, labels)
        let perplexity = try Perplexity(axis: 1).measure(outputs, labels)
        #expect(isClose(perplexity.crossEntropy.value, Double(loss.sum.item()) / loss.count))
        let values = outputs.scalars
        let right = (0..<24).filter { place in
            let column = (0..<5).map { values[(place / 12 * 5 + $0) * 12 + place % 12] }
            return column.firstIndex(of: column.max() ?? 0) == place % 5
        }
        #expect(try Accuracy(axis: 1).measure(outputs, labels) == MeanState(sum: Double(right.count), count: 24))
        #expect(throws: TensorError.self) { _ = try Accuracy().measure(outputs, labels) }
        // Answers of whole numbers have no axis of classes.
        #expect(try F1(axis: 1).measure(labels, labels).value == 1)
    }

    @Test func topKBreaksTiesAsArgmaxDoes() throws {
        let outputs = Tensor([[1, 1, 1], [1, 1, 1], [1, 1, 1]])
        let labels = Tensor([Int32(0), 1, 2], shape: [3])
        for k in 1...3 { #expect(try TopKAccuracy(k).measure(outputs, labels).sum == Double(k)) }
        #expect(try Accuracy().measure(outputs, labels).sum == 1)
    }

    @Test(arguments: [0.5, 1, 2, 7])
    func fBetaWeighsRecallAgainstPrecision(beta: Double) throws {
        let answers = Tensor([1, 1, 1, 1, 0, 0, 0].map { Int32($0) }, shape: [7])
        let labels = Tensor([1, 0, 0, 1, 1, 0, 1].map { Int32($0) }, shape: [7])
        let (precision, recall) = (0.5, 0.5)
        #expect(try Precision(average: .binary).measure(answers, labels).value == precision)
        #expect(try Recall(average: .binary).measure(answers, labels).value == recall)
        let more = Tensor([1, 1, 1, 1, 1, 1, 0].map { Int32($0) }, shape: [7])
        // Of 6 answers 3 are right, and of 4 labels 3 are found.
        let square = beta * beta
        let expected = (1 + square) * 0.5 * 0.75 / (square * 0.5 + 0.75)
        #expect(isClose(try FBeta(beta, average: .binary).measure(more, labels).value, expected))
    }

    /// The share of pairs in which the sample of the class has the higher score; ties count half.
    private func area(_ scores: [Float], _ isPositive: [Bool]) -> Double {
        var (wins, pairs) = (0.0, 0.0)
        for a in scores.indices where isPositive[a] {
            for b in scores.indices where !isPositive[b] {
                wins += scores[a] > scores[b] ? 1 : scores[a] == scores[b] ? 0.5 : 0
                pairs += 1
            }
        }
        return wins / pairs
    }

    @Test func areasAreSharesOfPairs() throws {
        // Rounded, so that scores tie.
        let scores = Tensor.normal([40, 3], key: RandomKey(seed: 8)).scalars.map { ($0 * 4).rounded() }
        let labels = (0..<40).map { Int32($0 % 7 == 0 ? 2 : $0 % 3 == 0 ? 1 : 0) }
        let (x, y) = (Tensor(scores, shape: [40, 3]), Tensor(labels, shape: [40]))
        let areas = (0..<3).map { k in
            area((0..<40).map { scores[3 * $0 + k] }, labels.map { $0 == Int32(k) })
        }
        let shares = (0..<3).map { k in Double(labels.filter { $0 == Int32(k) }.count) / 40 }
        #expect(isClose(try ROCAUC(logits: false).measure(x, y).value, areas.reduce(0, +) / 3))
        let weighted = zip(areas, shares).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(isClose(try ROCAUC(average: .weighted, logits: false).measure(x, y).value, weighted))
        let binary = labels.map { min($0, 1) }
        let first = (0..<40).map { scores[3 * $0] }
        #expect(
            isClose(
                try ROCAUC().measure(Tensor(first), Tensor(binary, shape: [40])).value,
                area(first, binary.map { $0 == 1 })))
    }

    /// Of logits the softmax is compared between samples, and of two classes their difference.
    @Test func areasAreOfSoftmaxOrOfScores() throws {
        let labels = Tensor([Int32(0), 1, 1, 0], shape: [4])
        let logits = Tensor([[5, 6], [0, 3], [1, 3], [9, 7]])
        #expect(try ROCAUC().measure(logits, labels).value == 1)
        #expect(try ROCAUC(logits: false).measure(logits, labels).value == 0)
        let three = Tensor([[9, 8, 0], [1, 0, 0], [0, 2, 2], [0, 0, 5]])
        let classes = Tensor([Int32(0), 0, 1, 2], shape: [4])
        let area = try ROCAUC().measure(three, classes).value
        #expect(area == (try ROCAUC(logits: false).measure(three.softmax(), classes).value))
        #expect(throws: LearnerError.self) { _ = try ROCAUC(average: .micro).measure(three, classes) }
    }

    @Test func aConfusionMatrixPrintsAndPlots() throws {
        let answers = Tensor([Int32(0), 1, 1, 1], shape: [4])
        let labels = Tensor([Int32(0), 0, 0, 1], shape: [4])
        let counts = try ConfusionMatrix(names: ["cat", "dog"]).measure(answers, labels)
        #expect(counts.rows == [[1, 2], [0, 1]] && counts[0, 1] == 2 && counts[5, 0] == 0 && counts.value == 0.5)
        #expect(
            "\(counts)" == """
                actual \\ predicted  cat  dog
                cat                   1    2
                dog                   0    1
                """)
        let confused = counts.mostConfused()
        #expect(
            confused.count == 1 && confused[0].label == "cat" && confused[0].answer == "dog" && confused[0].count == 2)
        let chart = counts.plot()
        #expect(chart.x.categories == ["cat", "dog"] && chart.series.count == 1 && chart.svg().contains("cat"))
        let small = try ConfusionMatrix().measure(Tensor([Int32(0)], shape: [1]), Tensor([Int32(0)], shape: [1]))
        #expect((small + counts).rows == [[2, 2], [0, 1]])
    }

    @Test func aLearnerMeasuresAnythingAndLeavesNoTrace() throws {
        let learner = try Points.learner()
        try learner.fit(2)
        let before = bits(learner)
        let counts = try learner.measure(ConfusionMatrix())
        #expect(counts.rows.flatMap { $0 }.reduce(0, +) == 20)
        #expect(counts.value == (try learner.validate()["accuracy"]))
        #expect(bits(learner) == before && !learner.isRunning)
        #expect(throws: TensorError.self) { _ = try learner.measure(R2()) }
        #expect(!learner.isRunning)
        #expect(throws: Oops.self) { _ = try learner.measure(FunctionMetric("f") { _, _ in throw Oops() }) }
    }

    @Test func functionsAreMetricsOfBatchesOrOfAll() throws {
        let mean = FunctionMetric("mean") { x, _ in Double(x.mean().item()) }
        let state = try mean.measure(Tensor([1, 2, 3]), Tensor([0, 0, 0])) + mean.measure(Tensor([8]), Tensor([0]))
        #expect(state.value == 3.5)
        let range = CollectedMetric("range", .lowerIsBetter) { x, _ in
            Double((x.scalars.max() ?? 0) - (x.scalars.min() ?? 0))
        }
        let all = try range.measure(Tensor([1, 2, 3]), Tensor([0, 0, 0])) + range.measure(Tensor([8]), Tensor([0]))
        #expect(all.value == 7)
    }
}
