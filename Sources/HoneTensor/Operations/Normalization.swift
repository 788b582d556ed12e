import HoneKernels

// Normalisations: statistics, scale and shift in one operation.

/// A normalisation's sizes, kept by the tape for its backward pass.
private final class NormalizationPlan {
    enum Kind {
        case batch(hone_batch_norm, training: Bool)
        case layer(rows: Int, length: Int)
        case rootMeanSquare(rows: Int, length: Int)
        case group(hone_group_norm)
    }

    let kind: Kind
    let gamma: TensorBody?
    let beta: TensorBody?
    let mean: TensorBody?
    let rstd: TensorBody

    init(_ kind: Kind, gamma: Tensor?, beta: Tensor?, mean: Tensor?, rstd: Tensor) {
        self.kind = kind
        self.gamma = gamma?.body
        self.beta = beta?.body
        self.mean = mean?.body
        self.rstd = rstd.body
    }
}

extension Tensor {
    /// The running statistics of a batch normalisation.
    public struct RunningStatistics {
        /// The running mean, `[channels]`.
        public var mean: Tensor
        /// The running unbiased variance, `[channels]`.
        public var variance: Tensor

        /// Makes statistics.
        public init(mean: Tensor, variance: Tensor) {
            self.mean = mean
            self.variance = variance
        }
    }

    /// Batch normalisation over all axes but the second (Ioffe and Szegedy 2015).
    ///
    /// In training it uses the batch's own mean and biased variance, and moves `running` by `momentum` towards the mean
    /// and the unbiased variance; otherwise it uses `running`, or the batch's when there is none.
    /// - Shape: `[batch, channels, ...]`, scale and shift `[channels]`
    /// - Parameter relu: whether a ReLU follows, in the same pass.
    public func batchNorm(
        scale: Tensor?, shift: Tensor?, running: inout RunningStatistics?, training: Bool,
        momentum: Double = 0.1,
        epsilon: Float = 1e-5, relu: Bool = false
    ) -> Tensor {
        if isInert { return self }
        guard elementType == .float32, rank >= 2 else {
            return failed("batchNorm", "\(elementType) \(shape), expected float32 [batch, channels, ...]")
        }
        let channels = shape[1]
        guard Tensor.fit("batchNorm", Shape(channels), scale, shift, running?.mean, running?.variance)
        else { return .inert }
        var sizes = hone_batch_norm()
        sizes.batch = shape[0]
        sizes.channels = channels
        sizes.spatial = (2..<rank).reduce(1) { $0 * shape[$1] }
        sizes.epsilon = epsilon
        sizes.relu = relu
        let usesBatch = training || running == nil
        if usesBatch, sizes.batch * sizes.spatial <= 1, training {
            return failed(
                "batchNorm", "\(shape) has one value a channel, expected more than one when training")
        }
        let result = Tensor.uninitialized(shape)
        let rstd = Tensor.uninitialized(Shape(channels))
        let mean: Tensor
        if usesBatch {
            mean = .uninitialized(Shape(channels))
            var moved = running
            if training, running != nil {
                moved = RunningStatistics(
                    mean: running?.mean.copied() ?? mean, variance: running?.variance.copied() ?? mean)
            }
            hone_batch_norm_training(
                HONE_ISA_AUTO, &sizes, body.floats, scale?.body.floats, shift?.body.floats, momentum,
                training ? moved?.mean.body.floats : nil, training ? moved?.variance.body.floats : nil,
                result.body.floats,
                mean.body.floats, rstd.body.floats)
            if training { running = moved }
        } else if let running {
            mean = running.mean
            hone_batch_norm_inference(
                HONE_ISA_AUTO, &sizes, body.floats, scale?.body.floats, shift?.body.floats,
                running.mean.body.floats,
                running.variance.body.floats, result.body.floats, rstd.body.floats)
        } else {
            return .inert
        }
        recordNormalization(
            result, scale, shift,
            NormalizationPlan(
                .batch(sizes, training: usesBatch), gamma: scale, beta: shift, mean: mean, rstd: rstd))
        return result
    }

    /// Layer normalisation over the last `axes` axes (Ba, Kiros and Hinton 2016).
    ///
    /// - Shape: `[..., normalised axes]`, scale and shift of the normalised axes' shape
    public func layerNorm(
        axes: Int = 1, scale: Tensor? = nil, shift: Tensor? = nil, epsilon: Float = 1e-5
    ) -> Tensor {
        guard let (rows, length, tail) = normalizedTail("layerNorm", axes) else { return .inert }
        guard Tensor.fit("layerNorm", tail, scale, shift) else { return .inert }
        let result = Tensor.uninitialized(shape)
        let (mean, rstd) = (Tensor.uninitialized(Shape(rows)), Tensor.uninitialized(Shape(rows)))
        hone_layer_norm(
            HONE_ISA_AUTO, rows, length, epsilon, body.floats, scale?.body.floats, shift?.body.floats,
            result.body.floats,
            mean.body.floats, rstd.body.floats)
        recordNormalization(
            result, scale, shift,
            NormalizationPlan(
                .layer(rows: rows, length: length), gamma: scale, beta: shift, mean: mean, rstd: rstd))
        return result
    }

    /// RMS normalisation over the last `axes` axes (Zhang and Sennrich 2019).
    ///
    /// - Shape: `[..., normalised axes]`, scale of the normalised axes' shape
    /// - Parameter epsilon: PyTorch's default is the machine's, 1.1920929e-07.
    public func rmsNorm(axes: Int = 1, scale: Tensor? = nil, epsilon: Float = .ulpOfOne) -> Tensor {
        guard let (rows, length, tail) = normalizedTail("rmsNorm", axes) else { return .inert }
        guard Tensor.fit("rmsNorm", tail, scale) else { return .inert }
        let result = Tensor.uninitialized(shape)
        let rstd = Tensor.uninitialized(Shape(rows))
        hone_rms_norm(
            HONE_ISA_AUTO, rows, length, epsilon, body.floats, scale?.body.floats, result.body.floats,
            rstd.body.floats)
        recordNormalization(
            result, scale, nil,
            NormalizationPlan(
                .rootMeanSquare(rows: rows, length: length), gamma: scale, beta: nil, mean: nil, rstd: rstd)
        )
        return result
    }

    /// Group normalisation (Wu and He 2018) over each of `groups` runs of channels; as many groups as channels make
    /// instance normalisation.
    ///
    /// - Shape: `[batch, channels, ...]`, scale and shift `[channels]`
    public func groupNorm(
        _ groups: Int, scale: Tensor? = nil, shift: Tensor? = nil, epsilon: Float = 1e-5
    ) -> Tensor {
        if isInert { return self }
        guard elementType == .float32, rank >= 2, groups > 0, shape[1] % groups == 0 else {
            return failed(
                "groupNorm",
                "\(elementType) \(shape) in \(groups) groups, expected them to divide the channels")
        }
        guard Tensor.fit("groupNorm", Shape(shape[1]), scale, shift) else { return .inert }
        var sizes = hone_group_norm()
        sizes.batch = shape[0]
        sizes.channels = shape[1]
        sizes.spatial = (2..<rank).reduce(1) { $0 * shape[$1] }
        sizes.groups = groups
        sizes.epsilon = epsilon
        let result = Tensor.uninitialized(shape)
        let (mean, rstd) = (
            Tensor.uninitialized([shape[0], groups]), Tensor.uninitialized([shape[0], groups])
        )
        hone_group_norm_forward(
            HONE_ISA_AUTO, &sizes, body.floats, scale?.body.floats, shift?.body.floats,
            result.body.floats,
            mean.body.floats, rstd.body.floats)
        recordNormalization(
            result, scale, shift,
            NormalizationPlan(.group(sizes), gamma: scale, beta: shift, mean: mean, rstd: rstd))
        return result
    }

    /// A tensor of its own memory, not recorded.
    private func copied() -> Tensor {
        let copy = Tensor.uninitialized(shape, type: elementType)
        copy.body.memory.copyMemory(from: body.memory, byteCount: 4 * count)
        return copy
    }

    private func normalizedTail(_ name: String, _ axes: Int) -> (rows: Int, length: Int, tail: Shape)? {
        if isInert { return nil }
        guard elementType == .float32, axes >= 1, axes <= rank else {
            _ = failed(
                name, "the last \(axes) axes of \(elementType) \(shape), expected 1...\(rank) of float32")
            return nil
        }
        let tail = Shape(Array(shape.array.suffix(axes)))
        return (tail.count == 0 ? 0 : count / tail.count, tail.count, tail)
    }

    private static func fit(_ name: String, _ shape: Shape, _ tensors: Tensor?...) -> Bool {
        for case let tensor? in tensors where tensor.shape != shape || tensor.elementType != .float32 {
            if !tensor.isInert {
                _ = failed(name, "scale, shift or statistics of \(tensor.shape), expected \(shape)")
            }
            return false
        }
        return true
    }

    private func recordNormalization(
        _ result: Tensor, _ scale: Tensor?, _ shift: Tensor?, _ plan: NormalizationPlan
    ) {
        guard let tape = Context.current.pointee.tape else { return }
        let slotX = tape.slot(of: self)
        let (slotScale, slotShift) = (
            scale.map { tape.slot(of: $0) } ?? -1, shift.map { tape.slot(of: $0) } ?? -1
        )
        guard slotX >= 0 || slotScale >= 0 || slotShift >= 0 else { return }
        tape.append(
            Tape.Record(
                operation: .normalization, output: tape.enter(result), input0: slotX, input1: slotScale,
                input2: slotShift,
                saved0: body, custom: plan))
    }
}

func normalizationBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let plan = record.custom as? NormalizationPlan, let x = record.saved0 else { return }
    let dx = record.input0 >= 0 ? tape.target(record.input0) : nil
    // Scale and shift share one flag in the kernels; where they differ (a tied one), both go through fresh memory.
    let targets = [record.input1, record.input2].map { $0 >= 0 ? tape.target($0) : nil }
    let flags = Set(targets.compactMap { $0?.accumulates })
    let fresh =
        flags.count > 1
        ? targets.map { $0.map { _ in Tensor.uninitialized(plan.gamma?.shape ?? plan.rstd.shape) } }
        : []
    let dgamma = fresh.isEmpty ? targets[0]?.pointer : fresh[0]?.body.floats
    let dbeta = fresh.isEmpty ? targets[1]?.pointer : fresh[1]?.body.floats
    let accumulates = fresh.isEmpty && flags.contains(true)
    let (gamma, beta, mean) = (plan.gamma?.floats, plan.beta?.floats, plan.mean?.floats)
    switch plan.kind {
    case .batch(var sizes, let training):
        hone_batch_norm_backward(
            HONE_ISA_AUTO, &sizes, training, x.floats, gamma, beta, mean, plan.rstd.floats,
            gradient.floats, dx?.pointer,
            dgamma, dbeta, dx?.accumulates ?? false, accumulates)
    case .layer(let rows, let length):
        hone_layer_norm_backward(
            HONE_ISA_AUTO, rows, length, x.floats, gamma, mean, plan.rstd.floats, gradient.floats,
            dx?.pointer, dgamma,
            dbeta, dx?.accumulates ?? false, accumulates)
    case .rootMeanSquare(let rows, let length):
        hone_rms_norm_backward(
            HONE_ISA_AUTO, rows, length, x.floats, gamma, plan.rstd.floats, gradient.floats, dx?.pointer,
            dgamma,
            dx?.accumulates ?? false, accumulates)
    case .group(var sizes):
        hone_group_norm_backward(
            HONE_ISA_AUTO, &sizes, x.floats, gamma, mean, plan.rstd.floats, gradient.floats, dx?.pointer,
            dgamma, dbeta,
            dx?.accumulates ?? false, accumulates)
    }
    for case (let target?, let made?) in zip(targets, fresh) {
        addOrCopy(made.body.floats, target.pointer, made.count, target.accumulates)
    }
}
