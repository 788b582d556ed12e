/// What a model answers for some samples, and what that means.
public struct Predictions: Sendable {
    /// The model's outputs, each `[samples, ...]`.
    public let outputs: [Tensor]

    /// The first output as the loss reads it: probabilities, of a ``DecodingLoss``; the output itself of any other.
    public let probabilities: Tensor

    /// The answers: the likeliest classes of a loss that has classes; the first output itself of any other.
    public let decoded: Tensor

    /// What should have been answered, each `[samples, ...]`; none when the data have no targets.
    public let targets: [Tensor]

    /// The losses of the samples (or of their elements), when they were asked for.
    public let losses: Tensor?

    /// Which samples of the data set these are.
    public let indices: [Int]

    init(
        outputs: [Tensor], probabilities: Tensor? = nil, targets: [Tensor], losses: Tensor?, indices: [Int],
        loss: any Loss
    ) throws {
        guard let first = outputs.first else {
            throw LearnerError.argument("predictions", value: "empty", expected: "at least one tensor")
        }
        let decoding = loss as? any DecodingLoss
        let values = probabilities ?? decoding?.activated(first) ?? first
        (self.outputs, self.targets, self.losses, self.indices) = (outputs, targets, losses, indices)
        self.probabilities = values
        decoded = decoding?.decoded(values) ?? values
    }

    /// Of one sample, without the axis of samples.
    init(outputs: [Tensor], probabilities: Tensor, decoded: Tensor) {
        (self.outputs, self.probabilities, self.decoded) = (outputs, probabilities, decoded)
        (targets, losses, indices) = ([], nil, [])
    }
}
