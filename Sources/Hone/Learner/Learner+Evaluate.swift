// The ways to use what was trained.

extension Learner {
    /// Loss and metrics over the validation set and the data's named ones, or over other data.
    ///
    /// - Parameters:
    ///   - loader: the other data.
    ///   - weights: the name of the weights to validate, see ``withWeights(_:_:)``; nil for those that validations use.
    /// - Throws: ``DataError/empty(_:)`` when there is nothing to validate with, ``LearnerError/nothingMeasured`` when a
    ///   callback ended it before any batch, and as ``fit(_:validateEvery:rehearsal:callbacks:)``.
    public func validate(on loader: DataLoader? = nil, weights: String? = nil) throws -> ValidationResult {
        if let weights { return try withWeights(weights) { try validate(on: loader) } }
        guard (loader ?? data.valid).batchCount > 0 else { throw DataError.empty("valid") }
        var result: ValidationResult?
        _ = try perform(.validate) {
            if let loader { try validatePhase(loader) } else { try validateSets() }
            result = validation
        }
        guard let result else { throw LearnerError.nothingMeasured }
        return result
    }

    /// Runs `body` with the weights that validations and predictions use in the model, for saving or exporting it: of a
    /// schedule-free optimizer, the average of those that it has trained.
    public func withEvaluationWeights<Result>(_ body: () throws -> Result) rethrows -> Result {
        try withWeightsToEvaluate(body)
    }

    /// The model's outputs for all samples of a loader's data set, in the data set's order: `[samples, ...]` each.
    ///
    /// - Throws: as ``fit(_:validateEvery:rehearsal:callbacks:)``.
    public func predictions(on loader: DataLoader? = nil) throws -> [Tensor] {
        let gathered = try gather(loader ?? data.valid)
        return try catchingTensorErrors { gathered.outputs() }
    }

    /// All that can be said of a loader's samples, in the data set's order: outputs, probabilities, answers, targets, and
    /// the loss of each.
    ///
    /// - Parameter losses: whether the losses of the samples are computed, by an `ElementwiseLoss`.
    /// - Throws: `DataError.empty(_:)` when there are no samples, ``LearnerError`` for a loss whose samples' losses are not
    ///   known or data without targets, and as ``fit(_:validateEvery:rehearsal:callbacks:)``.
    public func predictions(on loader: DataLoader? = nil, withLosses losses: Bool) throws -> Predictions {
        let gathered = try gather(loader ?? data.valid)
        guard !gathered.isEmpty else { throw DataError.empty("predictions") }
        return try catchingTensorErrors { try gathered.described(by: lossFunction, withLosses: losses) }
    }

    /// What the model answers for one sample, whose inputs have no axis of samples; neither do the answer's tensors.
    ///
    /// - Throws: as ``fit(_:validateEvery:rehearsal:callbacks:)``.
    public func predict(_ inputs: Tensor...) throws -> Predictions {
        let batch = Batch(inputs: inputs.map { $0.unsqueezed(axis: 0) }, targets: [], indices: [0])
        let one = try predictions(on: DataLoader(SingleBatch(made: batch), batchSize: 1), withLosses: false)
        return try catchingTensorErrors {
            Predictions(
                outputs: one.outputs.map { $0.squeezed(axis: 0) }, probabilities: one.probabilities.squeezed(axis: 0),
                decoded: one.decoded.squeezed(axis: 0))
        }
    }

    /// Test-time augmentation, as fastai's `tta`: the probabilities of several augmented passes are averaged, and the
    /// average a and the plain pass p mixed to a + beta (p − a).
    ///
    /// - Parameters:
    ///   - loader: the samples; the validation set when nil.
    ///   - passes: the number of augmented passes, 1 or more.
    ///   - beta: the weight of the plain pass, 0...1.
    ///   - usesMaximum: whether the largest of all passes' probabilities is taken in the place of the averages.
    ///   - augment: gives the augmented batch; its random numbers come from the key, which differs from pass to pass and
    ///     batch to batch.
    /// - Returns: the plain pass's outputs and targets with the mixed probabilities, decoded.
    /// - Throws: as ``predictions(on:withLosses:)``, and for arguments out of range.
    public func tta(
        on loader: DataLoader? = nil, passes: Int = 4, beta: Float = 0.25, usesMaximum: Bool = false,
        augment: @escaping @Sendable (Batch, RandomKey) throws -> Batch
    ) throws -> Predictions {
        guard passes >= 1 else { throw LearnerError.argument("passes", value: "\(passes)", expected: "1 or more") }
        guard (0...1).contains(beta) else { throw LearnerError.argument("beta", value: "\(beta)", expected: "0...1") }
        let loader = loader ?? data.valid
        let plain = try predictions(on: loader, withLosses: false)
        var mixed: Tensor?
        for pass in 0..<passes {
            let samples = AugmentedSamples(
                base: loader.dataset, key: key.derived("tta", pass), augment: augment)
            let augmented = try predictions(
                on: DataLoader(samples, batchSize: loader.batchSize), withLosses: false
            ).probabilities
            mixed = try catchingTensorErrors {
                mixed.map { usesMaximum ? $0.maximum(augmented) : $0 + augmented } ?? augmented
            }
        }
        return try catchingTensorErrors {
            let sum = mixed ?? plain.probabilities
            let average = sum / Float(passes)
            return try Predictions(
                outputs: plain.outputs,
                probabilities: usesMaximum
                    ? sum.maximum(plain.probabilities) : average + (plain.probabilities - average) * beta,
                targets: plain.targets, losses: nil, indices: plain.indices, loss: lossFunction)
        }
    }

    // MARK: Gathering

    /// Outputs and targets of a loader's samples, in the data set's order.
    private func gather(_ loader: DataLoader) throws -> GatheredBatches {
        // A loader that shuffles or drops would lose track of which row is whose.
        let inOrder = try DataLoader(loader.dataset, batchSize: loader.batchSize)
        var gathered = GatheredBatches()
        _ = try perform(.predict) { try predictPhase(inOrder) { gathered.add($0, $1) } }
        return gathered
    }
}

/// A data set of one batch that is there already.
private struct SingleBatch: Dataset {
    let made: Batch
    var count: Int { 1 }
    func batch(_ indices: [Int]) throws -> Batch { made }
}

/// Samples that are changed batch by batch.
private struct AugmentedSamples: Dataset {
    let base: any Dataset
    let key: RandomKey
    let augment: @Sendable (Batch, RandomKey) throws -> Batch
    var count: Int { base.count }
    func batch(_ indices: [Int]) throws -> Batch {
        let plain = try base.batch(indices)
        return try catchingTensorErrors { try augment(plain, key.derived("batch", indices.first ?? 0)) }
    }
}
