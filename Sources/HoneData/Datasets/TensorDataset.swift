import HoneTensor

/// Samples held in memory: the rows of an input tensor, and of a target tensor.
public struct TensorDataset: Dataset {
    /// `[samples, ...]`
    public let inputs: Tensor

    /// `[samples, ...]`, or nil.
    public let targets: Tensor?

    /// Makes a data set.
    ///
    /// - Throws: ``DataError/countMismatch(inputs:targets:)`` when the first axes differ.
    public init(_ inputs: Tensor, _ targets: Tensor? = nil) throws {
        let samples = inputs.rank > 0 ? inputs.shape[0] : 0
        if let targets, targets.rank == 0 || targets.shape[0] != samples {
            throw DataError.countMismatch(inputs: samples, targets: targets.rank == 0 ? 0 : targets.shape[0])
        }
        self.inputs = inputs
        self.targets = targets
    }

    /// The number of samples.
    public var count: Int { inputs.rank > 0 ? inputs.shape[0] : 0 }

    /// Copies of the samples' rows.
    public func batch(_ indices: [Int]) throws -> Batch {
        let rows = indices.map { Int32(clamping: $0) }
        return try catchingTensorErrors {
            Batch(inputs: [inputs.rows(rows)], targets: targets.map { [$0.rows(rows)] } ?? [], indices: indices)
        }
    }
}
