// Weights by name: those that are trained, and what callbacks and optimizers keep beside them.

/// Weights that may stand in the model in the place of others.
struct WeightView {
    /// As many as the arena has, once they are there.
    let values: () -> [Float]
    /// The buffers that go with them; those of the model when nil.
    var buffers: [Tensor]?
    /// What fits the model to them: batch norms have statistics of the weights before them.
    var prepare: ((Learner) throws -> Void)?
}

extension Learner {
    /// The name of a schedule-free optimizer's weights to evaluate with.
    static let averagedWeights = "averaged"

    /// The names of all weights that are there at present, those in the model first; see ``withWeights(_:_:)``.
    public var weightNames: [String] {
        let views = weightViews.filter { $0.key != weightsInUse && $0.value.values().count == arena.count }
        let averaged = isTrainedInUse && optimizer.hasEvaluationWeights ? [Learner.averagedWeights] : []
        return [weightsInUse] + averaged + views.keys.sorted()
    }

    /// Lets others ask for weights that a callback keeps, by a name; for `beforeFit`. They can be had until the next fit.
    ///
    /// - Parameters:
    ///   - name: what they are called, as in ``weightsInUse``.
    ///   - prepare: what is done when they are in the model, such as working out the statistics of batch norms for them;
    ///     buffers are put back with the weights.
    ///   - values: the weights in the layout of the arena; empty as long as there are none.
    public func provideWeights(
        _ name: String, prepare: ((Learner) throws -> Void)? = nil, values: @escaping () -> [Float]
    ) {
        weightViews[name] = WeightView(values: values, prepare: prepare)
    }

    /// Runs `body` with weights of a name in the model, and puts those that are there back: `trained`, `ema` and `swa` of
    /// the averaging callbacks, `averaged` of a schedule-free optimizer. Runs within `body` use them as they are.
    ///
    /// - Throws: ``LearnerError/argument(_:value:expected:)`` for a name that there is not, and what `body` throws.
    @discardableResult public func withWeights<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
        try requireWeights(name)
        let former = usesWeightsAsTheyAre
        usesWeightsAsTheyAre = true
        defer { usesWeightsAsTheyAre = former }
        if name == weightsInUse { return try body() }
        if name == Learner.averagedWeights, optimizer.hasEvaluationWeights {
            return try optimizer.withEvaluationWeights {
                weightsInUse = name
                defer { weightsInUse = Learner.trainedWeights }
                return try body()
            }
        }
        let (formerName, before) = (weightsInUse, presentWeights)
        defer { fill(formerName, before) }
        try show(name)
        return try body()
    }

    /// Puts weights of a name into the model for good; those that are there now can be had by their name until the next fit.
    ///
    /// - Throws: as ``withWeights(_:_:)``, and for those of a schedule-free optimizer, which trains with others.
    public func useWeights(_ name: String) throws {
        try requireWeights(name)
        if name == weightsInUse { return }
        guard name != Learner.averagedWeights || weightViews[name] != nil else {
            throw LearnerError.argument(
                "weights", value: name, expected: "others: the optimizer goes on from those it trains; use withWeights")
        }
        let (formerName, before) = (weightsInUse, presentWeights)
        do {
            try show(name)
        } catch {
            fill(formerName, before)
            throw error
        }
        weightViews[name] = nil
        weightViews[formerName] = WeightView(values: { before.values }, buffers: before.buffers)
    }

    /// Whether the weights in the model are those that the optimizer trains, so that it may have others to evaluate with.
    var isTrainedInUse: Bool { weightsInUse == Learner.trainedWeights }

    /// Runs `body` with the weights that validations and predictions use.
    func withWeightsToEvaluate<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard isTrainedInUse, !usesWeightsAsTheyAre else { return try body() }
        return try optimizer.withEvaluationWeights(body)
    }

    private var presentWeights: (values: [Float], buffers: [Tensor]) {
        (optimizer.valuesToTrain, model.buffers.map(\.buffer.value))
    }

    private func requireWeights(_ name: String) throws {
        let names = weightNames
        guard names.contains(name) else {
            throw LearnerError.argument(
                "weights", value: name,
                expected: names.count == 1 ? names[0] : "one of \(names.joined(separator: ", "))")
        }
    }

    private func show(_ name: String) throws {
        guard let view = weightViews[name] else { return }
        fill(name, (view.values(), view.buffers ?? model.buffers.map(\.buffer.value)))
        try view.prepare?(self)
    }

    private func fill(_ name: String, _ weights: (values: [Float], buffers: [Tensor])) {
        fill(values: weights.values, buffers: weights.buffers)
        weightsInUse = name
    }
}
