import HoneTensor

/// Some samples, side by side: what a model takes, and what it should answer.
public struct Batch: Sendable {
    /// The model's inputs, each `[samples, ...]`.
    public var inputs: [Tensor]

    /// The targets, each `[samples, ...]`; none when there is nothing to compare with.
    public var targets: [Tensor]

    /// Which samples of the data set these are.
    public let indices: [Int]

    /// Makes a batch.
    public init(inputs: [Tensor], targets: [Tensor], indices: [Int]) {
        self.inputs = inputs
        self.targets = targets
        self.indices = indices
    }

    /// The number of samples.
    public var count: Int { indices.count }

    /// The first input.
    public var input: Tensor {
        get { inputs[0] }
        set { inputs[0] = newValue }
    }

    /// The first target, or nil.
    public var target: Tensor? {
        get { targets.first }
        set { targets = (newValue.map { [$0] } ?? []) + targets.dropFirst() }
    }
}
