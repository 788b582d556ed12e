import Hone

/// What the callbacks of this package share: every sample of a training batch gets a partner from the batch, and the loss
/// is that of both targets, by shares. Validations are left alone.
///
/// Partners and shares are drawn from the learner's seed and the batch's number, so the same run mixes the same samples.
/// A batch of one sample has nobody to mix with, and stays.
open class BatchMixing: LearnerCallback {
    private var loss: MixedLoss?

    /// ``Phase/transform``
    open override var phase: Phase { .transform }

    /// Mixes the inputs of a batch with those of the partners.
    ///
    /// - Parameters:
    ///   - batch: the batch; its inputs may be changed.
    ///   - partners: which sample of the batch is mixed into each.
    ///   - key: where what else is random comes from.
    /// - Returns: the share of each sample that is its own, 0...1.
    open func mix(_ batch: inout Batch, partners: [Int], key: RandomKey) throws -> [Float] {
        Array(repeating: 1, count: partners.count)
    }

    /// Puts a loss that can be mixed in the place of the learner's, for this fit.
    open override func beforeFit(_ learner: Learner) throws {
        guard !(learner.lossFunction is MixedLoss) else {
            throw LearnerError.argument(identifier, value: "a second callback that mixes", expected: "one in a fit")
        }
        let mixed = MixedLoss(learner.lossFunction)
        loss = mixed
        learner.replace(\.lossFunction, with: mixed)
    }

    /// Mixes the batch.
    open override func beforeBatch(_ learner: Learner) throws {
        guard learner.isTraining, let loss, let target = learner.batch.target else { return }
        let samples = learner.batch.inputs.first.map { $0.rank > 0 ? $0.shape[0] : 0 } ?? 0
        guard samples > 1, target.rank > 0, target.shape[0] == samples else { return }
        let key = RandomKey(seed: learner.seed).derived(identifier, learner.progress.microBatch)
        let partners = key.derived("partners").permutation(samples)
        let shares = try mix(&learner.batch, partners: partners, key: key)
        loss.mix(target, with: target.rows(partners), shares: shares)
    }

    /// Forgets the window's batches.
    open override func afterStep(_ learner: Learner) throws { loss?.forget() }

    /// Forgets the batches of a window that was dropped.
    open override func afterTrain(_ learner: Learner) throws { loss?.forget() }

    /// Lets go of the loss, which the loop has replaced.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws { loss = nil }

    /// Refuses a parameter of the beta distribution that is not above 0.
    func checkAlpha(_ alpha: Double) throws {
        guard alpha > 0, alpha.isFinite else {
            throw LearnerError.argument("\(identifier) alpha", value: "\(alpha)", expected: "a finite number above 0")
        }
    }
}

extension Tensor {
    /// The rows of the given numbers along the first axis.
    func rows(_ numbers: [Int]) -> Tensor { indexSelect(axis: 0, indices: Tensor(numbers.map { Int32($0) })) }
}
