/// Outputs and targets of batches as they come; their inputs are not kept.
struct GatheredBatches {
    private var parts: [(outputs: [Tensor], targets: [Tensor])] = []
    private(set) var indices: [Int] = []

    var isEmpty: Bool { parts.isEmpty }

    mutating func add(_ batch: Batch, _ outputs: [Tensor]) {
        parts.append((outputs, batch.targets))
        indices += batch.indices
    }

    /// The outputs of all samples, each `[samples, ...]`, as they came.
    func outputs() -> [Tensor] {
        (parts.first?.outputs ?? []).indices.map { output in .concatenated(parts.map { $0.outputs[output] }) }
    }

    /// The targets of all samples, each `[samples, ...]`, as they came.
    private func targets() -> [Tensor] {
        (parts.first?.targets ?? []).indices.map { target in .concatenated(parts.map { $0.targets[target] }) }
    }

    /// What they mean to a loss, in the data set's order.
    ///
    /// - Parameter withLosses: whether the losses of the samples are computed.
    /// - Throws: ``LearnerError`` for a loss whose samples' losses are not known, or for them without targets.
    func described(by loss: any Loss, withLosses: Bool) throws -> Predictions {
        let order = rowsInOrder()
        let (outputs, targets) = (inOrder(outputs(), order), inOrder(targets(), order))
        var losses: Tensor?
        if withLosses {
            guard let elementwise = loss as? any ElementwiseLoss else { throw GatheredBatches.unknownLosses(loss) }
            guard let output = outputs.first, let target = targets.first else { throw LearnerError.missingTarget }
            losses = elementwise.elements(output, target).values
        }
        return try Predictions(
            outputs: outputs, targets: targets, losses: losses,
            indices: order.map { $0.map { indices[$0] } } ?? indices,
            loss: loss)
    }

    static func unknownLosses(_ loss: any Loss) -> LearnerError {
        .argument(
            "withLosses", value: "true", expected: "a loss that knows those of single samples, not \(loss)")
    }

    /// Which row comes where; nil when they came in order.
    private func rowsInOrder() -> [Int]? {
        if zip(indices, indices.dropFirst()).allSatisfy({ $0 <= $1 }) { return nil }
        return indices.indices.sorted { (indices[$0], $0) < (indices[$1], $1) }
    }

    /// A callback that has made a batch longer or shorter has taken the rows out of their samples' order.
    private func inOrder(_ tensors: [Tensor], _ order: [Int]?) -> [Tensor] {
        guard let order else { return tensors }
        let rows = Tensor(order.map { Int32($0) })
        return tensors.map { tensor in
            tensor.rank > 0 && tensor.shape[0] == order.count ? tensor.indexSelect(axis: 0, indices: rows) : tensor
        }
    }
}
