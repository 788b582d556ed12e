import HoneTensor

/// Instance normalisation (Ulyanov, Vedaldi and Lempitsky 2016): each channel of each sample by its own mean and
/// variance; in evaluation by running ones, if these are tracked.
///
/// Names and defaults are PyTorch's: neither scale and shift nor running statistics.
open class InstanceNorm: TrainingModeDependent {
    /// The scale, `[channels]`; nil without `affine`.
    public let weight: Parameter?

    /// The shift, `[channels]`; nil without `affine`.
    public let bias: Parameter?

    private let runningMean: Buffer?
    private let runningVariance: Buffer?
    /// Stays 0, as in PyTorch, whose files have it.
    private let batchCount: Buffer?

    /// Whether running statistics, if there are any, are gathered rather than used.
    public var isTraining = true

    private let channels: Int
    private let epsilon: Float
    private let momentum: Float

    /// Makes the layer.
    ///
    /// - Parameters:
    ///   - channels: the length of the second axis.
    ///   - epsilon: what is added to the variance.
    ///   - momentum: the share by which the running statistics move to the mean of the samples'.
    ///   - affine: whether scale and shift are learned.
    ///   - tracksStatistics: whether there are running statistics, which evaluation uses.
    public init(
        _ channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1, affine: Bool = false,
        tracksStatistics: Bool = false
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

    /// The rank of the input with its batch; without one it has an axis less.
    open var rank: Int { 3 }

    /// `[batch, channels, ...]`, which stays.
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        if x.rank == rank - 1, x.shape[0] == channels { return forward(x.unsqueezed(axis: 0)).squeezed(axis: 0) }
        guard x.rank == rank, x.shape[1] == channels else {
            let lengths = rank == 3 ? "length" : "height, width"
            return failed(label, "input is \(x.shape), expected [batch, \(channels), \(lengths)]")
        }
        if !isTraining, let runningMean, let runningVariance {
            var running: Tensor.RunningStatistics? = Tensor.RunningStatistics(
                mean: runningMean.value, variance: runningVariance.value)
            return x.batchNorm(
                scale: weight?.tensor, shift: bias?.tensor, running: &running, training: false, epsilon: epsilon)
        }
        guard x.count > x.shape[0] * channels || x.count == 0 else {
            return failed(label, "input is \(x.shape), expected more than one value in each channel of a sample")
        }
        if runningMean != nil { withoutGradient { track(x.detached()) } }
        return x.groupNorm(channels, scale: weight?.tensor, shift: bias?.tensor, epsilon: epsilon)
    }

    /// Moves the running statistics to the mean over the samples of each one's mean and unbiased variance.
    private func track(_ x: Tensor) {
        guard let runningMean, let runningVariance, x.count > 0 else { return }
        let within = Array(2..<x.rank)
        let mean = x.mean(axes: within).mean(axes: [0])
        let variance = x.variance(axes: within).mean(axes: [0])
        runningMean.value = runningMean.value * (1 - momentum) + mean * momentum
        runningVariance.value = runningVariance.value * (1 - momentum) + variance * momentum
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

/// Instance normalisation of `[batch, channels, length]`.
public final class InstanceNorm1d: InstanceNorm {}

/// Instance normalisation of `[batch, channels, height, width]`.
public final class InstanceNorm2d: InstanceNorm {
    /// Four axes.
    public override var rank: Int { 4 }
}
