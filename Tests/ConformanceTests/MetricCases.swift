import Hone

/// Runs a case of metrics.json: parts over the batches, added up and read once.
func runMetricCase(_ kind: String, _ test: VectorCase, _ comparison: Comparison) throws {
    let batches = try MetricBatches(test)
    func options(_ names: String...) throws -> Options { try Options(test.config["options"], reading: names) }
    var results: [String: JSONValue] = [:]
    switch kind {
    case "accuracy":
        let state = try batches.measure(Accuracy(ignoreIndex: options("ignore_index").int("ignore_index")))
        results = ["value": .number(state.value), "correct": .number(state.sum), "count": .number(state.count)]
    case "top_k_accuracy":
        results = ["value": .number(try batches.measure(TopKAccuracy(options("k").int("k") ?? 5)).value)]
    case "precision", "recall", "f1", "fbeta":
        let options = try options("average", "num_classes", "zero_division", "beta")
        guard try options.double("zero_division", 0) == 0 else { throw Skip.option("zero_division") }
        guard let average = ClassAverage(rawValue: options["average"].string ?? "macro") else {
            throw Skip.option("average \(options["average"].short)")
        }
        let classes = try options.int("num_classes")
        let state: ClassScoreState
        switch kind {
        case "precision": state = try batches.measure(Precision(average: average, classes: classes))
        case "recall": state = try batches.measure(Recall(average: average, classes: classes))
        case "f1": state = try batches.measure(F1(average: average, classes: classes))
        default: state = try batches.measure(FBeta(options.double("beta", 1), average: average, classes: classes))
        }
        results = ["value": .number(state.value), "per_class": .array(state.perClass.map { .number($0) })]
    case "roc_auc": results = ["value": .number(try batches.measure(ROCAUC(logits: false)).value)]
    case "roc_auc_ovr":
        let options = try options("average", "multi_class")
        let average: ClassAverage = options["average"].string == "weighted" ? .weighted : .macro
        results = ["value": .number(try batches.measure(ROCAUC(average: average, logits: false)).value)]
    case "mae": results = ["value": .number(try batches.measure(MeanAbsoluteError()).value)]
    case "mse": results = ["value": .number(try batches.measure(MeanSquaredError()).value)]
    case "rmse": results = ["value": .number(try batches.measure(RootMeanSquaredError()).value)]
    case "r2":
        let options = try options("multioutput")
        guard options["multioutput"].isNull || options["multioutput"].string == "uniform_average" else {
            throw Skip.option("multioutput \(options["multioutput"].short)")
        }
        results = ["value": .number(try batches.measure(R2()).value)]
    case "perplexity":
        let state = try batches.measure(Perplexity(ignoreIndex: options("ignore_index").int("ignore_index")))
        results = [
            "value": .number(state.value), "mean_nll": .number(state.crossEntropy.value),
            "count": .number(state.crossEntropy.count),
        ]
    case "confusion_matrix":
        let counts = try batches.measure(ConfusionMatrix(classes: options("num_classes").int("num_classes")))
        results = ["matrix": .array(counts.rows.flatMap { $0 }.map { .number(Double($0)) })]
    case "cohen_kappa":
        results = [
            "value": .number(try batches.measure(CohenKappa(classes: options("num_classes").int("num_classes"))).value)
        ]
    case "matthews":
        let classes = try options("num_classes").int("num_classes")
        results = ["value": .number(try batches.measure(MatthewsCorrelation(classes: classes)).value)]
    case "balanced_accuracy":
        let classes = try options("num_classes").int("num_classes")
        results = ["value": .number(try batches.measure(BalancedAccuracy(classes: classes)).value)]
    default: throw Skip.unknownKind(kind)
    }
    try comparison.expect(.object(results), test.expected, "expected")
}

/// A case's predictions and targets, in the batches that it names.
private struct MetricBatches {
    private var batches: [(prediction: Tensor, target: Tensor)] = []

    init(_ test: VectorCase) throws {
        let arguments = test.inputs["args"].tensors
        guard let target = arguments["target"]?.tensor,
            let prediction = ["logits", "pred", "score"].lazy.compactMap({ arguments[$0] }).first?.tensor
        else { throw Unmet("no arguments") }
        var start = 0
        for size in test.config["batch_sizes"].ints ?? [] where size >= 0 {
            let rows = (start..<start + size).map { Int32($0) }
            batches.append((prediction.rows(rows), target.rows(rows)))
            start += size
        }
        guard start == prediction.shape[0] else { throw Unmet("the batches do not make the whole") }
    }

    /// A metric's state over all batches.
    func measure<M: Metric>(_ metric: M) throws -> M.State {
        var state: M.State?
        for (prediction, target) in batches {
            let part = try metric.measure(prediction, target)
            state = state.map { $0 + part } ?? part
        }
        guard let state else { throw Unmet("there are no batches") }
        return state
    }
}
