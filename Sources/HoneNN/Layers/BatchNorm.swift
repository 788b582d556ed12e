import HoneTensor

/// Batch normalisation (Ioffe and Szegedy 2015): in training by the batch's own mean and variance, in evaluation by the
/// running ones.
///
/// The biased variance normalises; the unbiased one enters the running variance. Names are PyTorch's.
open class BatchNorm: TrainingModeDependent {
    /// The scale, `[channels]`; nil without `affine`.
    public let weight: Parameter?

    /// The shift, `[channels]`; nil without `affine`.
    public let bias: Parameter?

    /// The running statistics; nil when they are not tracked.
    private let runningMean: Buffer?
    private let runningVariance: Buffer?
    private let batchCount: Buffer?

    /// Whether the batch's own statistics are used.
    public var isTraining = true

    /// The share by which the running statistics move to the batch's; their plain mean over all batches when nil.
    public var momentum: Double?

    private let channels: Int
    private let epsilon: Float

    /// Makes the layer.
    ///
    /// - Parameters:
    ///   - channels: the length of the second axis.
    ///   - epsilon: what is added to the variance.
    ///   - momentum: the share by which the running statistics move to the batch's; their plain mean when nil.
    ///   - affine: whether scale and shift are learned.
    ///   - tracksStatistics: whether there are running statistics; without them the batch's are used always.
    public init(
        _ channels: Int, epsilon: Float = 1e-5, momentum: Double? = 0.1, affine: Bool = true,
        tracksStatistics: Bool = true
    ) {
        self.channels = channels
        self.epsilon = epsilon
        self.momentum = momentum
        weight = affine ? Parameter(Shape([channels]), .ones, role: .norm) : nil
        bias = affine ? Parameter(Shape([channels]), .zeros, role: .norm) : nil
        runningMean = tracksStatistics ? Buffer(.zeros(Shape([channels]))) : nil
        runningVariance = tracksStatistics ? Buffer(.ones(Shape([channels]))) : nil
        batchCount = tracksStatistics ? Buffer(Tensor([Int32(0)], shape: [])) : nil
    }

    /// The name with the number of channels.
    open var label: String { "\(type(of: self)) \(channels)" }

    /// The ranks of inputs that are accepted.
    open var ranks: ClosedRange<Int> { 2...6 }

    /// `[batch, channels, ...]`, which stays.
    public func forward(_ x: Tensor) -> Tensor { forward(x, relu: false) }

    /// The layer with a ReLU after it, as one operation.
    func forward(_ x: Tensor, relu: Bool) -> Tensor {
        if x.isInert { return x }
        guard ranks.contains(x.rank), x.shape[1] == channels else {
            return failed(label, "input is \(x.shape), expected [batch, \(channels), ...] of \(ranks) axes")
        }
        var running: Tensor.RunningStatistics?
        if let runningMean, let runningVariance {
            running = Tensor.RunningStatistics(mean: runningMean.value, variance: runningVariance.value)
        }
        var share = momentum ?? 0.1
        if isTraining, let batchCount {
            let seen = (batchCount.value.integers.first ?? 0) &+ 1
            batchCount.value = Tensor([seen], shape: [])
            if momentum == nil { share = 1 / Double(seen) }
        }
        let result = x.batchNorm(
            scale: weight?.tensor, shift: bias?.tensor, running: &running, training: isTraining, momentum: share,
            epsilon: epsilon, relu: relu)
        if isTraining, let running {
            runningMean?.value = running.mean
            runningVariance?.value = running.variance
        }
        return result
    }

    /// Names parameters and buffers as PyTorch does.
    public func visitChildren(_ visitor: inout ModuleVisitor) {
        if let weight { visitor.visit("weight", weight) }
        if let bias { visitor.visit("bias", bias) }
        if let runningMean { visitor.visit("running_mean", runningMean) }
        if let runningVariance { visitor.visit("running_var", runningVariance) }
        if let batchCount { visitor.visit("num_batches_tracked", batchCount) }
    }
}

/// Batch normalisation of `[batch, channels]` or `[batch, channels, length]`.
public final class BatchNorm1d: BatchNorm {
    /// Two or three axes.
    public override var ranks: ClosedRange<Int> { 2...3 }
}

/// Batch normalisation of `[batch, channels, height, width]`.
public final class BatchNorm2d: BatchNorm {
    /// Four axes.
    public override var ranks: ClosedRange<Int> { 4...4 }
}
